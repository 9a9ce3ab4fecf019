#include "image.h"

#include <lcms2.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#ifdef HAVE_MAGICKWAND_7
#include <MagickWand/MagickWand.h>
#else
#include <wand/MagickWand.h>
#endif

#include "log.h"

#define DECODE_SECONDS 30
/* Where, on photographs of 320 to 2048 pixels, WebP's SSIM is as a JPEG's; see
 * docs/architecture.md. */
#define JPEG_QUALITY 80
#define WEBP_QUALITY 81

#ifdef HAVE_MAGICKWAND_7
#define BYTES_PER_PIXEL (5 * sizeof(Quantum))
#define resize(wand, width, height) MagickResizeImage(wand, width, height, LanczosFilter)
#else
#define BYTES_PER_PIXEL sizeof(PixelPacket)
#define resize(wand, width, height) MagickResizeImage(wand, width, height, LanczosFilter, 1.0)
#endif

struct image_engine {
    unsigned char *srgb; /* an ICC profile */
    cmsUInt32Number srgb_len;
};

struct image {
    struct image_engine *engine;
    MagickWand *wand;
    uint32_t width, height; /* as seen */
    struct timespec deadline;
    bool srgb; /* converted, and its metadata gone */
};

/* The wand's complaint, for the log; clears it. Tells want of memory from any other fault. */
static enum vt_error fail(MagickWand *wand, const char *what)
{
    ExceptionType severity;
    char *text = MagickGetException(wand, &severity);

    log_info("image: %s: %s", what, text != NULL ? text : "no reason given");
    if (text != NULL)
        MagickRelinquishMemory(text);
    MagickClearException(wand);
    return severity == ResourceLimitError || severity == CacheError ? VT_ERR_MEMORY
                                                                    : VT_ERR_INTERNAL;
}

static enum vt_error make_srgb(struct image_engine *engine)
{
    cmsHPROFILE profile = cmsCreate_sRGBProfile();
    enum vt_error err = VT_ERR_MEMORY;

    if (profile == NULL)
        return VT_ERR_MEMORY;
    if (!cmsSaveProfileToMem(profile, NULL, &engine->srgb_len))
        goto out;
    engine->srgb = malloc(engine->srgb_len);
    if (engine->srgb == NULL || !cmsSaveProfileToMem(profile, engine->srgb, &engine->srgb_len))
        goto out;
    err = VT_OK;
out:
    cmsCloseProfile(profile);
    return err;
}

/* Without its policy ImageMagick would start with no walls at all, and not say so. */
static bool is_policy_there(const char *policy_dir)
{
    char path[PATH_MAX];
    int len = snprintf(path, sizeof path, "%s/policy.xml", policy_dir);
    bool there = len > 0 && (size_t)len < sizeof path && access(path, R_OK) == 0;

    if (!there)
        log_error("image: ImageMagick's policy.xml cannot be read in %s", policy_dir);
    return there;
}

enum vt_error image_engine_new(const char *policy_dir, uint64_t max_pixels,
                               struct image_engine **engine)
{
    struct image_engine *self = calloc(1, sizeof *self);
    /* The picture, a turned copy of it, and room for what is made from them. */
    MagickSizeType memory = max_pixels * BYTES_PER_PIXEL * 2 + 64 * 1024 * 1024;

    *engine = NULL;
    if (self == NULL)
        return VT_ERR_MEMORY;
    if (!is_policy_there(policy_dir)) {
        free(self);
        return VT_ERR_UNAVAILABLE;
    }
    if (make_srgb(self) != VT_OK || setenv("MAGICK_CONFIGURE_PATH", policy_dir, 1) != 0) {
        free(self->srgb);
        free(self);
        return VT_ERR_MEMORY;
    }
    MagickWandGenesis();
    *engine = self;
    if (!MagickSetResourceLimit(ThreadResource, 1) ||
        !MagickSetResourceLimit(AreaResource, max_pixels + 1) || /* what is below it is granted */
        !MagickSetResourceLimit(MemoryResource, memory) ||
        !MagickSetResourceLimit(MapResource, 0) || !MagickSetResourceLimit(DiskResource, 0)) {
        image_engine_free(self);
        *engine = NULL;
        return VT_ERR_INTERNAL;
    }
    return VT_OK;
}

void image_engine_free(struct image_engine *engine)
{
    if (engine == NULL)
        return;
    MagickWandTerminus();
    free(engine->srgb);
    free(engine);
}

static bool is_late(const struct image *image)
{
    struct timespec now;

    return clock_gettime(CLOCK_MONOTONIC, &now) == 0 && now.tv_sec >= image->deadline.tv_sec;
}

/* Called by the coders every few rows; MagickFalse stops them. */
static MagickBooleanType keep_going(const char *text, const MagickOffsetType offset,
                                    const MagickSizeType extent, void *image)
{
    (void)text;
    (void)offset;
    (void)extent;
    return is_late(image) ? MagickFalse : MagickTrue;
}

/* libjpeg's words for what cameras do and every viewer forgives. Each other complaint about the
 * data means that part of the picture is lost. */
static bool is_harmless(enum image_type type, const char *complaint)
{
    return type == IMAGE_JPEG && (strstr(complaint, "extraneous bytes before marker") != NULL ||
                                  strstr(complaint, "Invalid SOS parameters") != NULL);
}

static bool is_forgiven(enum image_type type, ExceptionType severity, const char *complaint)
{
    return severity < ErrorException &&
           (severity != CorruptImageWarning || (complaint != NULL && is_harmless(type, complaint)));
}

#ifdef HAVE_MAGICKWAND_7
#define complains_of_image(wand, type) false /* all of it is the wand's */
#else
/* ImageMagick 6 keeps some complaints, all of libjpeg's among them, with the image. The first one
 * stands for all unless each is looked at. */
static bool complains_of_image(MagickWand *wand, enum image_type type)
{
    const Image *image = GetImageFromMagickWand(wand);
    LinkedListInfo *list = image != NULL ? image->exception.exceptions : NULL;
    const ExceptionInfo *one;

    if (list == NULL)
        return false;
    ResetLinkedListIterator(list);
    while ((one = GetNextValueInLinkedList(list)) != NULL) {
        if (!is_forgiven(type, one->severity, one->reason)) {
            log_info("image: %s", one->reason != NULL ? one->reason : "no reason given");
            return true;
        }
    }
    return false;
}
#endif

/* Whether the decoder was content; it gives a picture of sorts from much that is broken, and from
 * what is none at all one without pixels. */
static bool is_sound(MagickWand *wand, enum image_type type)
{
    ExceptionType severity;
    char *text = MagickGetException(wand, &severity);
    bool sound = is_forgiven(type, severity, text) && !complains_of_image(wand, type) &&
                 MagickGetImageWidth(wand) > 0 && MagickGetImageHeight(wand) > 0;

    if (text != NULL)
        MagickRelinquishMemory(text);
    return sound;
}

/* Sets width and height as seen. A JPEG may have been scaled by its decoder, so its header counts;
 * the other decoders know better than the header (HEIC turns and crops by itself). */
static void set_size(struct image *image, const struct image_header *header, bool turned)
{
    if (header->type != IMAGE_JPEG) {
        image->width = (uint32_t)MagickGetImageWidth(image->wand);
        image->height = (uint32_t)MagickGetImageHeight(image->wand);
        return;
    }
    image->width = turned ? header->height : header->width;
    image->height = turned ? header->width : header->height;
}

/* The orientation by what the coder found, or by EXIF as WebP holds it: without the head of its
 * JPEG segment, by which alone ImageMagick 6 knows it. */
static OrientationType find_orientation(MagickWand *wand)
{
    OrientationType orientation = MagickGetImageOrientation(wand);
    struct buf headed = BUF_INIT;
    unsigned char *exif;
    size_t len = 0;
    char *value = NULL;

    if (orientation != UndefinedOrientation)
        return orientation;
    exif = MagickGetImageProfile(wand, "exif", &len);
    if (exif != NULL && len > 4 && (memcmp(exif, "II", 2) == 0 || memcmp(exif, "MM", 2) == 0)) {
        buf_append(&headed, "Exif\0", 6);
        buf_append(&headed, exif, len);
        if (buf_ok(&headed) && MagickSetImageProfile(wand, "exif", headed.data, headed.len))
            value = MagickGetImageProperty(wand, "exif:Orientation");
        if (value != NULL && *value >= '1' && *value <= '8' && value[1] == '\0' &&
            MagickSetImageOrientation(wand, (OrientationType)(*value - '0')))
            orientation = (OrientationType)(*value - '0'); /* their numbers are EXIF's */
    }
    if (value != NULL)
        MagickRelinquishMemory(value);
    if (exif != NULL)
        MagickRelinquishMemory(exif);
    buf_free(&headed);
    return orientation;
}

static enum vt_error read_wand(struct image *image, const void *data, size_t len,
                               const struct image_header *header, unsigned detail,
                               struct vt_reason *why)
{
    MagickWand *wand = image->wand;
    const char *coder = image_type_coder(header->type);
    char name[32], size[32];
    OrientationType orientation;

    /* The prefix settles the coder; [0] keeps an animation's later frames undecoded. */
    (void)snprintf(name, sizeof name, "%s:upload[0]", coder);
    (void)snprintf(size, sizeof size, "%ux%u", detail, detail);
    if (!MagickSetFilename(wand, name) || !MagickSetFormat(wand, coder))
        return VT_ERR_MEMORY;
    /* A size that is over the picture's would have it decoded at twice its own. */
    if (header->width >= detail && header->height >= detail &&
        !MagickSetOption(wand, "jpeg:size", size))
        return VT_ERR_MEMORY;
    (void)MagickSetProgressMonitor(wand, keep_going, image);
    if (!MagickReadImageBlob(wand, data, len) || !is_sound(wand, header->type)) {
        if (fail(wand, "refused") == VT_ERR_MEMORY)
            return vt_fail(why, VT_ERR_MEMORY, "there is not enough memory to decode the image");
        if (is_late(image))
            return vt_fail(why, VT_ERR_INVALID_IMAGE,
                           "the image takes longer than %d seconds to decode", DECODE_SECONDS);
        return vt_fail(why, VT_ERR_INVALID_IMAGE,
                       "the image is corrupt: its %s data does not decode", coder);
    }
    MagickSetFirstIterator(wand);
    orientation = find_orientation(wand);
    if (orientation > TopLeftOrientation && !MagickAutoOrientImage(wand))
        return fail(wand, "turning upright");
    if (!MagickResetImagePage(wand, "")) /* a GIF frame's place on its screen */
        return VT_ERR_INTERNAL;
    set_size(image, header, orientation >= LeftTopOrientation);
    return VT_OK;
}

enum vt_error image_decode(struct image_engine *engine, const void *data, size_t len,
                           const struct image_header *header, unsigned detail, struct image **image,
                           struct vt_reason *why)
{
    struct image *self = calloc(1, sizeof *self);
    enum vt_error err;

    *image = NULL;
    if (self == NULL)
        return VT_ERR_MEMORY;
    self->engine = engine;
    self->wand = NewMagickWand();
    err = self->wand == NULL ? VT_ERR_MEMORY : VT_OK;
    if (err == VT_OK && clock_gettime(CLOCK_MONOTONIC, &self->deadline) != 0)
        err = VT_ERR_INTERNAL;
    self->deadline.tv_sec += DECODE_SECONDS;
    if (err == VT_OK)
        err = read_wand(self, data, len, header, detail, why);
    if (err != VT_OK) {
        image_free(self);
        return err;
    }
    *image = self;
    return VT_OK;
}

void image_size(const struct image *image, uint32_t *width, uint32_t *height)
{
    *width = image->width;
    *height = image->height;
}

/* size * part / whole, rounded, at least 1. */
static size_t scale(unsigned size, size_t part, size_t whole)
{
    size_t scaled = ((size_t)size * part * 2 + whole) / (2 * whole);

    return scaled == 0 ? 1 : scaled;
}

enum vt_error image_shrink(struct image *image, unsigned size)
{
    size_t width = MagickGetImageWidth(image->wand), height = MagickGetImageHeight(image->wand);
    size_t longer = width > height ? width : height;

    if (longer <= size)
        return VT_OK;
    if (!resize(image->wand, scale(size, width, longer), scale(size, height, longer)))
        return fail(image->wand, "shrinking");
    return VT_OK;
}

enum vt_error image_has_alpha(const struct image *image, bool *alpha)
{
    size_t width = MagickGetImageWidth(image->wand), height = MagickGetImageHeight(image->wand);
    unsigned char *row;
    enum vt_error err = VT_OK;

    *alpha = false;
    if (!MagickGetImageAlphaChannel(image->wand))
        return VT_OK;
    row = malloc(width);
    if (row == NULL)
        return VT_ERR_MEMORY;
    for (size_t y = 0; y < height && !*alpha; y++) {
        if (!MagickExportImagePixels(image->wand, 0, (ssize_t)y, width, 1, "A", CharPixel, row)) {
            err = VT_ERR_INTERNAL;
            break;
        }
        for (size_t x = 0; x < width && !*alpha; x++)
            *alpha = row[x] != 255;
    }
    free(row);
    return err;
}

/* By the file's own colour profile where it has one; then drops that and all other metadata. */
static enum vt_error convert_to_srgb(struct image *image)
{
    MagickWand *wand = image->wand;
    size_t len = 0;
    unsigned char *profile = MagickGetImageProfile(wand, "icc", &len);

    if (profile != NULL) {
        MagickRelinquishMemory(profile);
        /* A profile that cannot be used costs the colours their exactness, not the upload. */
        if (!MagickProfileImage(wand, "icc", image->engine->srgb, image->engine->srgb_len))
            (void)fail(wand, "colour profile");
    }
    if (!MagickTransformImageColorspace(wand, sRGBColorspace) || !MagickStripImage(wand))
        return fail(wand, "to sRGB");
    image->srgb = true;
    return VT_OK;
}

enum vt_error image_encode(struct image *image, enum image_type type, bool alpha, struct buf *out)
{
    const char *coder = image_type_coder(type);
    size_t quality = type == IMAGE_WEBP ? WEBP_QUALITY : JPEG_QUALITY;
    MagickWand *wand = image->wand;
    unsigned char *blob;
    size_t len = 0;
    enum vt_error err = image->srgb ? VT_OK : convert_to_srgb(image);

    if (err != VT_OK)
        return err;
    /* What the wand was told for reading would settle the coder here too. */
    if (!MagickSetFilename(wand, "") || !MagickSetFormat(wand, coder) ||
        !MagickSetImageFormat(wand, coder) || !MagickSetImageCompressionQuality(wand, quality) ||
        (!alpha && !MagickSetImageAlphaChannel(wand, DeactivateAlphaChannel)))
        return VT_ERR_INTERNAL;
    /* A JPEG's own sampling would be kept: up to half as many bytes again, for colours finer than
     * WebP has them. */
    (void)MagickDeleteImageProperty(wand, "jpeg:sampling-factor");
    blob = MagickGetImageBlob(wand, &len);
    if (blob == NULL)
        return fail(wand, "encoding");
    buf_append(out, blob, len);
    MagickRelinquishMemory(blob);
    return buf_ok(out) ? VT_OK : VT_ERR_MEMORY;
}

void image_free(struct image *image)
{
    if (image == NULL)
        return;
    if (image->wand != NULL)
        (void)DestroyMagickWand(image->wand);
    free(image);
}
