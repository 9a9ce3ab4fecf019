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
#include "image/reducer.h"

#ifdef HAVE_MAGICKWAND_7
#define BYTES_PER_PIXEL (5 * sizeof(Quantum))
#else
#define BYTES_PER_PIXEL sizeof(PixelPacket)
#endif

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

static void stop(void)
{
    MagickWandTerminus();
}

/* Looking up the coder loads its module. */
static void load_coder(void)
{
    ExceptionInfo *exception = AcquireExceptionInfo();

    if (GetMagickInfo(image_type_coder(IMAGE_GIF), exception) == NULL)
        log_error("image: ImageMagick has no coder %s", image_type_coder(IMAGE_GIF));
    (void)DestroyExceptionInfo(exception);
}

static enum vt_error start(const char *policy_dir, uint64_t max_pixels)
{
    /* For the picture, and a copy of it. */
    MagickSizeType memory = max_pixels * BYTES_PER_PIXEL * 2 + 64 * 1024 * 1024;

    if (!is_policy_there(policy_dir))
        return VT_ERR_UNAVAILABLE;
    if (setenv("MAGICK_CONFIGURE_PATH", policy_dir, 1) != 0)
        return VT_ERR_MEMORY;
    MagickWandGenesis();
    if (!MagickSetResourceLimit(ThreadResource, 1) ||
        !MagickSetResourceLimit(AreaResource, max_pixels + 1) || /* areas below it are granted */
        !MagickSetResourceLimit(MemoryResource, memory) ||
        !MagickSetResourceLimit(MapResource, 0) || !MagickSetResourceLimit(DiskResource, 0)) {
        stop();
        return VT_ERR_INTERNAL;
    }
    load_coder();
    return VT_OK;
}

/* Called by the coder every few rows; MagickFalse stops them. */
static MagickBooleanType keep_going(const char *text, const MagickOffsetType offset,
                                    const MagickSizeType extent, void *source)
{
    (void)text;
    (void)offset;
    (void)extent;
    return image_decode_is_late(source) ? MagickFalse : MagickTrue;
}

/* Any complaint about the data means that part of the picture is lost. */
static bool is_forgiven(ExceptionType severity)
{
    return severity < ErrorException && severity != CorruptImageWarning;
}

#ifdef HAVE_MAGICKWAND_7
#define complains_of_image(wand) false /* all are reported by the wand */
#else
/* ImageMagick 6 keeps some complaints with the image. Each is examined, since the first one alone
 * says nothing about the others. */
static bool complains_of_image(MagickWand *wand)
{
    const Image *image = GetImageFromMagickWand(wand);
    LinkedListInfo *list = image != NULL ? image->exception.exceptions : NULL;
    const ExceptionInfo *one;

    if (list == NULL)
        return false;
    ResetLinkedListIterator(list);
    while ((one = GetNextValueInLinkedList(list)) != NULL) {
        if (!is_forgiven(one->severity)) {
            log_info("image: %s", one->reason != NULL ? one->reason : "no reason given");
            return true;
        }
    }
    return false;
}
#endif

static bool has_pixels(MagickWand *wand)
{
    unsigned char pixel;

    return MagickGetImageWidth(wand) > 0 && MagickGetImageHeight(wand) > 0 &&
           MagickExportImagePixels(wand, 0, 0, 1, 1, "R", CharPixel, &pixel);
}

/* Whether the decoder reported no fault and gave pixels. It also gives some picture for many broken
 * files, and one without pixels for a file that is no picture at all. */
static bool is_sound(MagickWand *wand)
{
    ExceptionType severity;
    char *text = MagickGetException(wand, &severity);
    bool sound = is_forgiven(severity) && !complains_of_image(wand) && has_pixels(wand);

    if (text != NULL)
        MagickRelinquishMemory(text);
    return sound;
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
        !is_sound(wand))
        return refuse(wand, source, "refused", why);
    MagickSetFirstIterator(wand);
    return VT_OK;
}

/* If there is no alpha channel, ImageMagick 6 returns whatever is stored in its place. */
static void make_opaque(uint8_t *pixels, size_t count)
{
    for (size_t i = RASTER_PIXEL - 1; i < count * RASTER_PIXEL; i += RASTER_PIXEL)
        pixels[i] = 255;
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
static enum vt_error draw_screen(MagickWand *wand, const struct image_source *source,
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

static enum vt_error decode(const struct image_source *source, struct decoded *decoded,
                            struct vt_reason *why)
{
    struct image_source watched = *source; /* a copy for the monitor, which takes no const */
    MagickWand *wand = NewMagickWand();
    enum vt_error err;

    *decoded = (struct decoded){.raster = RASTER_INIT, .orientation = 1};
    if (wand == NULL)
        return VT_ERR_MEMORY;
    err = read_wand(wand, &watched, why);
    if (err == VT_OK)
        err = draw_screen(wand, &watched, decoded, why);
    (void)DestroyMagickWand(wand);
    return err;
}

const struct image_magick image_magick = {
    .module = IMAGE_MODULE("image_magick.so"),
    .start = start,
    .stop = stop,
    .decode = decode,
};
