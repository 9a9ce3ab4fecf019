#include "image/metadata_camera.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define BETWEEN " ,"

/* The rest of a company's name, which nobody says. */
static bool is_legal(const char *word, size_t len)
{
    static const char *const words[] = {
        "AG",       "CAMERA",  "CAMERAS", "CO",           "CO.",           "COMPANY",
        "COMPUTER", "CORP",    "CORP.",   "CORPORATION",  "ELECTRIC",      "ELECTRONICS",
        "GMBH",     "IMAGING", "INC",     "INC.",         "INTERNATIONAL", "KG",
        "LTD",      "LTD.",    "OPTICAL", "TECHNOLOGIES", "TECHWIN"};

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strlen(words[i]) == len && strncasecmp(words[i], word, len) == 0)
            return true;
    return false;
}

/* Whether the model begins with this word, as a whole. */
static bool begins_with(const char *model, const char *word, size_t len)
{
    char next;

    if (len < 2 || strncasecmp(model, word, len) != 0)
        return false;
    next = model[len];
    return next == '\0' || strchr(" -_,.", next) != NULL;
}

void metadata_camera_name(const char *make, const char *model, char out[PHOTO_MODEL_SIZE])
{
    char whole[2 * PHOTO_MODEL_SIZE] = "";
    size_t at = 0, kept = 0;

    for (const char *word = make + strspn(make, BETWEEN); *word != '\0';) {
        size_t len = strcspn(word, BETWEEN);

        if (begins_with(model, word, len)) { /* the model says the maker, too */
            at = 0;
            break;
        }
        if (kept == 0 || !is_legal(word, len)) {
            at += (size_t)snprintf(whole + at, sizeof whole - at, "%s%.*s", kept > 0 ? " " : "",
                                   (int)len, word);
            kept++;
        }
        word += len;
        word += strspn(word, BETWEEN);
    }
    (void)snprintf(whole + at, sizeof whole - at, "%s%s", at > 0 && *model != '\0' ? " " : "",
                   model);
    text_clean(whole, strlen(whole), out, PHOTO_MODEL_SIZE);
}

/* What Lightroom and others copy from EXIF to XMP, so it may come from any block. The short ones
 * are names of modes of Huawei's phones. */
void metadata_camera_clear_default(char *description)
{
    static const char *const defaults[] = {"OLYMPUS CAMERA",
                                           "SAMSUNG",
                                           "SAMSUNG CAMERA PICTURES",
                                           "KODAK Digital Still Camera",
                                           "Digital StillCamera",
                                           "SONY DSC",
                                           "DCIM",
                                           "Exif_JPEG_PICTURE",
                                           "Exif JPEG",
                                           "JPEG",
                                           "untitled",
                                           "default",
                                           "<Digimax",
                                           "<KENOX",
                                           "LEAD Technologies Inc.",
                                           "cof",
                                           "dav",
                                           "edf",
                                           "hdr",
                                           "hdrpl",
                                           "mde",
                                           "oznor",
                                           "ozedf",
                                           "rhdr",
                                           "sdr",
                                           "ptr",
                                           "fbt",
                                           "bty",
                                           "fptbty",
                                           "rpt",
                                           "rptnor",
                                           "cbt",
                                           "hbt",
                                           "nor",
                                           "ptfbty"};
    static const char ending[] = "DIGITAL CAMERA";
    size_t len = strlen(description);

    if (len >= strlen(ending) && strcasecmp(description + len - strlen(ending), ending) == 0)
        description[0] = '\0'; /* "OLYMPUS DIGITAL CAMERA" */
    for (size_t i = 0; i < sizeof defaults / sizeof defaults[0]; i++) {
        size_t one = strlen(defaults[i]);

        /* One that begins with < goes on with the model and >. */
        if (strncasecmp(description, defaults[i], one) == 0 &&
            (description[one] == '\0' || defaults[i][0] == '<'))
            description[0] = '\0';
    }
}

void metadata_camera_clear_lens(char *lens)
{
    static const char *const nothing[] = {"None", "Unknown", "N/A", "Unknown (0)"};
    const char *at = lens;

    /* Without a letter, or a number other than zeros ("0.0 mm f/0.0" has no such number). */
    if (strpbrk(at, "123456789") == NULL && strcspn(at, "0.-") < strlen(at) &&
        strspn(at, "0.-? fFmM/") == strlen(at))
        lens[0] = '\0';
    for (size_t i = 0; i < sizeof nothing / sizeof nothing[0]; i++)
        if (strcasecmp(lens, nothing[i]) == 0)
            lens[0] = '\0';
}
