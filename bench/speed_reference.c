/* speed_reference FILE PNG...: decodes a file completely, converts it to sRGB by its colour
 * profile, and writes it without loss, with eight bits per channel, to each PNG. A PNG named
 * WIDTHxHEIGHT:PATH is reduced to that size by Lanczos, as the reference for thumbnails. Prints the
 * file's size. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef HAVE_MAGICKWAND_7
#include <MagickWand/MagickWand.h>
#define resize(wand, width, height) MagickResizeImage(wand, width, height, LanczosFilter)
#else
#include <wand/MagickWand.h>
#define resize(wand, width, height) MagickResizeImage(wand, width, height, LanczosFilter, 1.0)
#endif

#include <lcms2.h>

#define FAST 10 /* quality of a PNG: little compression and no filter, because it is read once */

/* Converts to sRGB. An image without a profile is not changed. */
static bool convert_to_srgb(MagickWand *wand)
{
    size_t len = 0;
    unsigned char *profile = MagickGetImageProfile(wand, "icc", &len);
    unsigned char srgb[4096];
    cmsUInt32Number size = sizeof srgb;
    cmsHPROFILE made;
    bool good;

    if (profile == NULL)
        return true;
    MagickRelinquishMemory(profile);
    made = cmsCreate_sRGBProfile();
    good = made != NULL && cmsSaveProfileToMem(made, srgb, &size) &&
           MagickProfileImage(wand, "icc", srgb, size);
    if (made != NULL)
        cmsCloseProfile(made);
    return good;
}

/* When ImageMagick 6 writes a PNG, it truncates samples to eight bits, which is half a step too
 * dark. When it exports them, it rounds. */
static MagickWand *rounded(MagickWand *wand)
{
    size_t width = MagickGetImageWidth(wand), height = MagickGetImageHeight(wand);
    unsigned char *samples = calloc(height, width * 3);
    MagickWand *made = NewMagickWand();

    if (samples == NULL || made == NULL ||
        !MagickExportImagePixels(wand, 0, 0, width, height, "RGB", CharPixel, samples) ||
        !MagickConstituteImage(made, width, height, "RGB", CharPixel, samples)) {
        if (made != NULL)
            (void)DestroyMagickWand(made);
        made = NULL;
    }
    free(samples);
    return made;
}

static bool write_png(const MagickWand *whole, const char *name)
{
    size_t width, height;
    int at = 0;
    bool sized = sscanf(name, "%zux%zu:%n", &width, &height, &at) == 2 && at > 0;
    MagickWand *wand = CloneMagickWand(whole), *made = NULL;
    bool good = false;

    if (wand != NULL && (!sized || resize(wand, width, height)))
        made = rounded(wand);
    if (made != NULL)
        good = MagickSetImageDepth(made, 8) && MagickSetImageFormat(made, "PNG24") &&
               MagickSetImageCompressionQuality(made, FAST) &&
               MagickWriteImage(made, name + (sized ? at : 0));
    if (made != NULL)
        (void)DestroyMagickWand(made);
    if (wand != NULL)
        (void)DestroyMagickWand(wand);
    return good;
}

int main(int argc, char **argv)
{
    MagickWand *wand;
    bool good;

    if (argc < 3) {
        (void)fprintf(stderr, "usage: speed_reference FILE [WIDTHxHEIGHT:]PNG...\n");
        return EXIT_FAILURE;
    }
    MagickWandGenesis();
    wand = NewMagickWand();
    good = wand != NULL && MagickReadImage(wand, argv[1]) && convert_to_srgb(wand);
    for (int i = 2; good && i < argc; i++)
        good = write_png(wand, argv[i]);
    if (good)
        (void)printf("%zux%zu\n", MagickGetImageWidth(wand), MagickGetImageHeight(wand));
    else
        (void)fprintf(stderr, "speed_reference: %s cannot be converted\n", argv[1]);
    if (wand != NULL)
        (void)DestroyMagickWand(wand);
    MagickWandTerminus();
    return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
