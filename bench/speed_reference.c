/* speed_reference FILE PNG [WIDTHxHEIGHT]: decodes a file whole, in sRGB by its colour profile, and
 * writes it without loss; shrunk to that size by Lanczos, which is what thumbnails are compared
 * with. Prints the size. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#ifdef HAVE_MAGICKWAND_7
#include <MagickWand/MagickWand.h>
#define resize(wand, width, height) MagickResizeImage(wand, width, height, LanczosFilter)
#else
#include <wand/MagickWand.h>
#define resize(wand, width, height) MagickResizeImage(wand, width, height, LanczosFilter, 1.0)
#endif

#include <lcms2.h>

/* Leaves an image without a profile as it is. */
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

static bool convert(MagickWand *wand, const char *from, const char *to, size_t width, size_t height)
{
    return MagickReadImage(wand, from) && convert_to_srgb(wand) &&
           (width == 0 || resize(wand, width, height)) && MagickStripImage(wand) &&
           MagickSetImageDepth(wand, 8) && MagickSetImageFormat(wand, "PNG24") &&
           MagickWriteImage(wand, to);
}

int main(int argc, char **argv)
{
    size_t width = 0, height = 0;
    MagickWand *wand;
    bool good;

    if ((argc != 3 && argc != 4) ||
        (argc == 4 && sscanf(argv[3], "%zux%zu", &width, &height) != 2)) {
        (void)fprintf(stderr, "usage: speed_reference FILE PNG [WIDTHxHEIGHT]\n");
        return EXIT_FAILURE;
    }
    MagickWandGenesis();
    wand = NewMagickWand();
    good = wand != NULL && convert(wand, argv[1], argv[2], width, height);
    if (good)
        (void)printf("%zux%zu\n", MagickGetImageWidth(wand), MagickGetImageHeight(wand));
    else
        (void)fprintf(stderr, "speed_reference: %s cannot be converted\n", argv[1]);
    if (wand != NULL)
        (void)DestroyMagickWand(wand);
    MagickWandTerminus();
    return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
