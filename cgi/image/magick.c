/* The only file that includes MagickWand, and all of image_magick.so. The functions of Vitrine that
 * it calls are in the program that loads it. */
#include "image/magick.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifdef HAVE_MAGICKWAND_7
#include <MagickWand/MagickWand.h>
#else
#include <wand/MagickWand.h>
#endif

#include "base/log.h"
#include "image/color.h"
#include "image/exif.h"
#include "image/icc.h"
#include "image/reducer.h"

#ifdef HAVE_MAGICKWAND_7
#define BYTES_PER_PIXEL (5 * sizeof(Quantum))
#define resize(wand, width, height) MagickResizeImage(wand, width, height, LanczosFilter)
#else
#define BYTES_PER_PIXEL sizeof(PixelPacket)
#define resize(wand, width, height) MagickResizeImage(wand, width, height, LanczosFilter, 1.0)
#endif

struct image_magick_state {
    struct buf srgb; /* an ICC profile */
};

/* Logs the wand's error and clears it. Distinguishes lack of memory from any other fault. */
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

/* Any failure to decode a file is taken for the file's fault, whatever the library calls it, except
 * lack of memory. */
static enum vt_error refuse(MagickWand *wand, const struct image_source *source, const char *what,
                            struct vt_reason *why)
{
    if (fail(wand, what) == VT_ERR_MEMORY)
        return vt_fail(why, VT_ERR_MEMORY, "there is not enough memory to decode the image");
    return image_decode_corrupt(source, why);
}

/* Without its policy, ImageMagick would silently start without any restrictions. */
static bool is_policy_there(const char *policy_dir)
{
    char path[PATH_MAX];
    int len = snprintf(path, sizeof path, "%s/policy.xml", policy_dir);
    bool there = len > 0 && (size_t)len < sizeof path && access(path, R_OK) == 0;

    if (!there)
        log_error("image: ImageMagick's policy.xml cannot be read in %s", policy_dir);
    return there;
}

static void stop(struct image_magick_state *state)
{
    MagickWandTerminus();
    buf_free(&state->srgb);
    free(state);
}

static enum vt_error start(const char *policy_dir, uint64_t max_pixels,
                           struct image_magick_state **state)
{
    struct image_magick_state *self = calloc(1, sizeof *self);
    /* For the picture, a turned copy of it, and what is made from them. */
    MagickSizeType memory = max_pixels * BYTES_PER_PIXEL * 2 + 64 * 1024 * 1024;

    *state = NULL;
    if (self == NULL)
        return VT_ERR_MEMORY;
    if (!is_policy_there(policy_dir)) {
        free(self);
        return VT_ERR_UNAVAILABLE;
    }
    if (image_color_write_srgb(&self->srgb) != VT_OK ||
        setenv("MAGICK_CONFIGURE_PATH", policy_dir, 1) != 0) {
        buf_free(&self->srgb);
        free(self);
        return VT_ERR_MEMORY;
    }
    MagickWandGenesis();
    if (!MagickSetResourceLimit(ThreadResource, 1) ||
        !MagickSetResourceLimit(AreaResource, max_pixels + 1) || /* areas below it are granted */
        !MagickSetResourceLimit(MemoryResource, memory) ||
        !MagickSetResourceLimit(MapResource, 0) || !MagickSetResourceLimit(DiskResource, 0)) {
        stop(self);
        return VT_ERR_INTERNAL;
    }
    *state = self;
    return VT_OK;
}

/* Looking up a coder loads its module. */
static void prepare(enum image_type type)
{
    ExceptionInfo *exception = AcquireExceptionInfo();

    if (GetMagickInfo(image_type_coder(type), exception) == NULL)
        log_error("image: ImageMagick has no coder %s", image_type_coder(type));
    (void)DestroyExceptionInfo(exception);
}

/* Called by the coders every few rows; MagickFalse stops them. */
static MagickBooleanType keep_going(const char *text, const MagickOffsetType offset,
                                    const MagickSizeType extent, void *source)
{
    (void)text;
    (void)offset;
    (void)extent;
    return image_decode_is_late(source) ? MagickFalse : MagickTrue;
}

/* Whether this is a warning of libjpeg about something that cameras do and every viewer tolerates.
 * Any other complaint about the data means that part of the picture is lost. */
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
#define complains_of_image(wand, type) false /* all are reported by the wand */
#else
/* ImageMagick 6 keeps some complaints with the image, including all of libjpeg's. Each is examined,
 * since the first one alone says nothing about the others. */
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

/* A WebP with a frame that extends beyond its canvas gives a picture that has a size but no pixels.
 */
static bool has_pixels(MagickWand *wand)
{
    unsigned char pixel;

    return MagickGetImageWidth(wand) > 0 && MagickGetImageHeight(wand) > 0 &&
           MagickExportImagePixels(wand, 0, 0, 1, 1, "R", CharPixel, &pixel);
}

/* Whether the decoder reported no fault and gave pixels. It also gives some picture for many broken
 * files, and one without pixels for a file that is no picture at all. */
static bool is_sound(MagickWand *wand, enum image_type type)
{
    ExceptionType severity;
    char *text = MagickGetException(wand, &severity);
    bool sound =
        is_forgiven(type, severity, text) && !complains_of_image(wand, type) && has_pixels(wand);

    if (text != NULL)
        MagickRelinquishMemory(text);
    return sound;
}

/* The orientation that the coder found, or else that in EXIF data as a WebP holds it: without the
 * header of the JPEG segment, without which ImageMagick 6 does not recognize it. */
static OrientationType find_orientation(MagickWand *wand)
{
    OrientationType orientation = MagickGetImageOrientation(wand);
    unsigned char *exif;
    size_t len = 0;

    if (orientation != UndefinedOrientation)
        return orientation;
    exif = MagickGetImageProfile(wand, "exif", &len);
    if (exif == NULL)
        return TopLeftOrientation;
    orientation = (OrientationType)image_exif_orientation(exif, len); /* the numbers are EXIF's */
    MagickRelinquishMemory(exif);
    return MagickSetImageOrientation(wand, orientation) ? orientation : TopLeftOrientation;
}

static enum vt_error name_source(MagickWand *wand, const struct image_source *source)
{
    const char *coder = image_type_coder(source->header->type);
    char name[32];

    /* The prefix selects the coder; with [0], an animation's later frames are not decoded. */
    (void)snprintf(name, sizeof name, "%s:upload[0]", coder);
    return MagickSetFilename(wand, name) && MagickSetFormat(wand, coder) ? VT_OK : VT_ERR_MEMORY;
}

static enum vt_error read_wand(MagickWand *wand, struct image_source *source, struct vt_reason *why)
{
    enum vt_error err = name_source(wand, source);

    if (err != VT_OK)
        return err;
    (void)MagickSetProgressMonitor(wand, keep_going, source);
    /* A decode that was stopped still succeeds with a picture, whose remaining pixels are
     * uninitialized. */
    if (!MagickReadImageBlob(wand, source->data, source->len) || image_decode_is_late(source) ||
        !is_sound(wand, source->header->type))
        return refuse(wand, source, "refused", why);
    MagickSetFirstIterator(wand);
    return VT_OK;
}

/* Whether the profile is for the colours that the pixels have. ImageMagick converts by any other as
 * well, which gives a negative. Gray may have a profile of RGB, as its three colours are equal. */
static bool fits_pixels(MagickWand *wand, const void *profile, size_t len)
{
    ColorspaceType pixels = MagickGetImageColorspace(wand);
    bool gray = pixels == GRAYColorspace || pixels == LinearGRAYColorspace;

    if (pixels == CMYKColorspace)
        return image_icc_is_for(profile, len, "CMYK");
    if (pixels == LabColorspace)
        return image_icc_is_for(profile, len, "Lab ");
    return image_icc_is_for(profile, len, "RGB ") ||
           (gray && image_icc_is_for(profile, len, "GRAY"));
}

/* Converts by the file's own colour profile if it has one that fits. */
static enum vt_error convert_to_srgb(const struct image_magick_state *state, MagickWand *wand,
                                     const struct image_source *source, struct vt_reason *why)
{
    size_t len = 0;
    unsigned char *profile = MagickGetImageProfile(wand, "icc", &len);
    bool usable =
        profile != NULL && image_icc_is_bounded(profile, len) && fits_pixels(wand, profile, len);

    if (profile != NULL)
        MagickRelinquishMemory(profile);
    if (profile != NULL && !usable) {
        log_info("image: a colour profile is out of bounds or does not fit, and is ignored");
        profile = MagickRemoveImageProfile(wand, "icc", &len);
        if (profile != NULL)
            MagickRelinquishMemory(profile);
    } else if (profile != NULL) {
        /* A profile that cannot be used makes the colours less exact; the upload is still accepted.
         */
        if (!MagickProfileImage(wand, "icc", state->srgb.data, state->srgb.len))
            (void)fail(wand, "colour profile");
    }
    if (!MagickTransformImageColorspace(wand, sRGBColorspace))
        return refuse(wand, source, "to sRGB", why);
    return VT_OK;
}

/* First averages down to twice the wanted size, which costs a fraction of filtering all pixels. */
static enum vt_error reduce(MagickWand *wand, const struct image_source *source,
                            struct vt_reason *why)
{
    unsigned detail = source->detail;
    size_t width = MagickGetImageWidth(wand), height = MagickGetImageHeight(wand);
    uint32_t to_width, to_height, twice_width, twice_height;

    raster_reduced_size((uint32_t)width, (uint32_t)height, detail, &to_width, &to_height);
    raster_reduced_size((uint32_t)width, (uint32_t)height, detail * 2, &twice_width, &twice_height);
    /* If it is stopped, it also succeeds with what it has. */
    if (twice_width < width / 2 && twice_height < height / 2 &&
        (!MagickScaleImage(wand, twice_width, twice_height) || image_decode_is_late(source)))
        return refuse(wand, source, "scaling", why);
    if ((to_width != width || to_height != height) && !resize(wand, to_width, to_height))
        return refuse(wand, source, "shrinking", why);
    return VT_OK;
}

/* If there is no alpha channel, ImageMagick 6 returns whatever is stored in its place. */
static void make_opaque(uint8_t *pixels, size_t count)
{
    for (size_t i = RASTER_PIXEL - 1; i < count * RASTER_PIXEL; i += RASTER_PIXEL)
        pixels[i] = 255;
}

static enum vt_error export_pixels(MagickWand *wand, const struct image_source *source,
                                   struct raster *raster, struct vt_reason *why)
{
    size_t width = MagickGetImageWidth(wand), height = MagickGetImageHeight(wand);
    enum vt_error err = raster_new((uint32_t)width, (uint32_t)height, raster);

    if (err != VT_OK)
        return err;
    if (!MagickExportImagePixels(wand, 0, 0, width, height, "RGBA", CharPixel, raster->pixels))
        return refuse(wand, source, "pixels", why);
    if (!MagickGetImageAlphaChannel(wand))
        make_opaque(raster->pixels, width * height);
    return VT_OK;
}

/* Finds the size of a GIF's screen, and the first frame's place on it. A screen that the frame does
 * not fit on is extended, as in Chromium. */
static bool find_screen(MagickWand *wand, const struct image_source *source,
                        struct decoded *decoded, size_t *left, size_t *top)
{
    size_t width = 0, height = 0, right, bottom;
    ssize_t x = 0, y = 0;

    if (!MagickGetImagePage(wand, &width, &height, &x, &y) || x < 0 || y < 0)
        return false;
    right = (size_t)x + MagickGetImageWidth(wand);
    bottom = (size_t)y + MagickGetImageHeight(wand);
    width = right > width ? right : width;
    height = bottom > height ? bottom : height;
    if (width > source->header->width || height > source->header->height)
        return false;
    decoded->width = (uint32_t)width;
    decoded->height = (uint32_t)height;
    *left = (size_t)x;
    *top = (size_t)y;
    return true;
}

/* Puts a GIF's first frame on its screen, which is transparent around it. A profile that a GIF may
 * have is ignored, as browsers ignore it. */
static enum vt_error read_gif(MagickWand *wand, const struct image_source *source,
                              struct decoded *decoded, struct vt_reason *why)
{
    size_t left, top, row, width = MagickGetImageWidth(wand), height = MagickGetImageHeight(wand);
    uint32_t to_width, to_height;
    struct raster screen;
    enum vt_error err;

    if (!find_screen(wand, source, decoded, &left, &top))
        return image_decode_corrupt(source, why);
    if (!MagickTransformImageColorspace(wand, sRGBColorspace))
        return refuse(wand, source, "to sRGB", why);
    err = raster_new(decoded->width, decoded->height, &screen);
    if (err != VT_OK)
        return err;
    row = (size_t)screen.width * RASTER_PIXEL;
    memset(screen.pixels, 0, row * screen.height);
    for (size_t y = 0; err == VT_OK && y < height; y++) {
        uint8_t *to = screen.pixels + (top + y) * row + left * RASTER_PIXEL;

        if ((y % 64 == 0 && image_decode_is_late(source)) ||
            !MagickExportImagePixels(wand, 0, (ssize_t)y, width, 1, "RGBA", CharPixel, to))
            err = refuse(wand, source, "pixels", why);
        if (err == VT_OK && !MagickGetImageAlphaChannel(wand))
            make_opaque(to, width);
    }
    raster_reduced_size(screen.width, screen.height, source->detail, &to_width, &to_height);
    if (err == VT_OK)
        err = reducer_run(&screen, to_width, to_height, true, &decoded->raster);
    raster_free(&screen);
    return err;
}

static enum vt_error read_picture(const struct image_magick_state *state, MagickWand *wand,
                                  struct image_source *source, struct decoded *decoded,
                                  struct vt_reason *why)
{
    OrientationType orientation;
    enum vt_error err = read_wand(wand, source, why);

    if (err != VT_OK)
        return err;
    orientation = find_orientation(wand);
    if (source->header->type == IMAGE_GIF)
        return read_gif(wand, source, decoded, why);
    if (!MagickResetImagePage(wand, "")) /* drops an offset, which only a GIF has */
        return VT_ERR_INTERNAL;
    decoded->width = (uint32_t)MagickGetImageWidth(wand);
    decoded->height = (uint32_t)MagickGetImageHeight(wand);
    err = reduce(wand, source, why);
    if (err == VT_OK)
        err = convert_to_srgb(state, wand, source, why);
    if (err == VT_OK)
        err = export_pixels(wand, source, &decoded->raster, why);
    if (orientation > TopLeftOrientation && orientation <= LeftBottomOrientation)
        decoded->orientation = (unsigned)orientation;
    return err;
}

static enum vt_error decode(struct image_magick_state *state, const struct image_source *source,
                            struct decoded *decoded, struct vt_reason *why)
{
    struct image_source watched = *source; /* a copy for the monitor, which takes no const */
    MagickWand *wand = NewMagickWand();
    enum vt_error err;

    *decoded = (struct decoded){.raster = RASTER_INIT, .orientation = 1};
    if (wand == NULL)
        return VT_ERR_MEMORY;
    err = read_picture(state, wand, &watched, decoded, why);
    (void)DestroyMagickWand(wand);
    return err;
}

const struct image_magick image_magick = {
    .module = IMAGE_MODULE("image_magick.so"),
    .start = start,
    .stop = stop,
    .prepare = prepare,
    .decode = decode,
};
