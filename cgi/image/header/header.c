#include "image/header/header.h"

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#include "image/header/formats.h"

static bool find_brand(const uint8_t *data, size_t len, enum image_type *type)
{
    static const struct {
        char name[5];
        enum image_type type;
    } brands[] = {{"avif", IMAGE_AVIF}, {"avis", IMAGE_AVIF}, {"heic", IMAGE_HEIC},
                  {"heix", IMAGE_HEIC}, {"heim", IMAGE_HEIC}, {"heis", IMAGE_HEIC},
                  {"hevc", IMAGE_HEIC}, {"hevx", IMAGE_HEIC}};
    size_t end = reader_big32(data);

    if (end > len)
        end = len;
    for (size_t at = 8; at + 4 <= end; at += at == 8 ? 8 : 4) { /* past the minor version */
        for (size_t i = 0; i < sizeof brands / sizeof brands[0]; i++) {
            if (memcmp(data + at, brands[i].name, 4) == 0) {
                *type = brands[i].type;
                return true;
            }
        }
    }
    return false;
}

static bool starts_with(const struct reader *in, const char *magic, size_t len)
{
    return in->len >= len && memcmp(in->data, magic, len) == 0;
}

static bool find_type(const struct reader *in, enum image_type *type)
{
    if (starts_with(in, "\xff\xd8\xff", 3))
        *type = IMAGE_JPEG;
    else if (starts_with(in, "\x89PNG\r\n\x1a\n", 8))
        *type = IMAGE_PNG;
    else if (starts_with(in, "GIF87a", 6) || starts_with(in, "GIF89a", 6))
        *type = IMAGE_GIF;
    else if (in->len >= 12 && starts_with(in, "RIFF", 4) && memcmp(in->data + 8, "WEBP", 4) == 0)
        *type = IMAGE_WEBP;
    else if (in->len >= 8 && (starts_with(in, "II*\0", 4) || starts_with(in, "MM\0*", 4)))
        *type = IMAGE_TIFF;
    else if (in->len >= 16 &&
             (starts_with(in, "II+\0\x08\0\0\0", 8) || starts_with(in, "MM\0+\0\x08\0\0", 8)))
        *type = IMAGE_TIFF; /* BigTIFF */
    else if ((in->len > 2 && starts_with(in, "\xff\x0a", 2)) ||
             starts_with(in, "\0\0\0\x0cJXL \r\n\x87\n", 12))
        *type = IMAGE_JXL;
    else if (in->len >= 16 && memcmp(in->data + 4, "ftyp", 4) == 0)
        return find_brand(in->data, in->len, type);
    else
        return false;
    return true;
}

static enum vt_error refuse_raw(const char *kind, struct vt_reason *why)
{
    return vt_fail(why, VT_ERR_UNSUPPORTED,
                   "the file is %s camera raw file, which cannot be shown: export it as a JPEG, and"
                   " upload that",
                   kind);
}

/* Camera raw files that are not TIFFs, or not quite. */
static const char *find_other_raw(const struct reader *in)
{
    static const struct {
        const char *magic, *kind;
        size_t at, len;
    } raws[] = {{"IIRO", "an Olympus ORF", 0, 4},
                {"IIRS", "an Olympus ORF", 0, 4},
                {"MMOR", "an Olympus ORF", 0, 4},
                {"IIU\0", "a Panasonic RW2", 0, 4},
                {"FUJIFILMCCD-RAW", "a Fujifilm RAF", 0, 15},
                {"FOVb", "a Sigma X3F", 0, 4},
                {"ftypcrx ", "a Canon CR3", 4, 8}};

    for (size_t i = 0; i < sizeof raws / sizeof raws[0]; i++)
        if (in->len >= raws[i].at + raws[i].len &&
            memcmp(in->data + raws[i].at, raws[i].magic, raws[i].len) == 0)
            return raws[i].kind;
    return NULL;
}

enum vt_error image_header_read(const void *data, size_t len, struct image_header *header,
                                struct vt_reason *why)
{
    static enum vt_error (*const readers[IMAGE_TYPE_COUNT])(struct reader *,
                                                            struct image_header *) = {
        [IMAGE_JPEG] = image_header_read_jpeg,    [IMAGE_PNG] = image_header_read_png,
        [IMAGE_GIF] = image_header_read_gif,      [IMAGE_WEBP] = image_header_read_webp,
        [IMAGE_AVIF] = image_header_read_isobmff, [IMAGE_HEIC] = image_header_read_isobmff,
        [IMAGE_TIFF] = image_header_read_tiff,    [IMAGE_JXL] = image_header_read_jxl,
    };
    struct reader in = {data, len, 0, why};
    enum vt_error err;

    memset(header, 0, sizeof *header);
    header->frames = 1;
    header->depth = 1;
    if (len == 0)
        return vt_fail(why, VT_ERR_UNSUPPORTED, "the file is empty");
    if (!find_type(&in, &header->type) && find_other_raw(&in) != NULL)
        return refuse_raw(find_other_raw(&in), why);
    if (!find_type(&in, &header->type))
        return vt_fail(why, VT_ERR_UNSUPPORTED,
                       "the file is not a JPEG, PNG, GIF, WebP, AVIF, HEIC, JPEG XL or TIFF image");
    err = readers[header->type](&in, header);
    if (err == VT_OK && (header->width == 0 || header->height == 0))
        return reader_corrupt(&in, "it has no width or no height");
    if (header->type != IMAGE_TIFF) { /* whose pages differ in size */
        header->shown_width = header->width;
        header->shown_height = header->height;
    }
    return err;
}

enum vt_error image_header_check(const struct image_header *header,
                                 const struct image_limits *limits, struct vt_reason *why)
{
    static const char *const raws[IMAGE_RAW_COUNT] = {
        [IMAGE_RAW_DNG] = "a DNG",
        [IMAGE_RAW_CR2] = "a Canon CR2",
        [IMAGE_RAW_NEF] = "a Nikon NEF",
        [IMAGE_RAW_ARW] = "a Sony ARW",
        [IMAGE_RAW_PEF] = "a Pentax PEF",
        [IMAGE_RAW_SRW] = "a Samsung SRW",
        [IMAGE_RAW_IIQ] = "a Phase One IIQ",
        [IMAGE_RAW_3FR] = "a Hasselblad 3FR",
        [IMAGE_RAW_OTHER] = "a",
    };

    /* Its own picture takes a raw converter, and what it has besides is a preview of any size. */
    if (header->raw > IMAGE_RAW_NONE && header->raw < IMAGE_RAW_COUNT)
        return refuse_raw(raws[header->raw], why);
    if (header->width > limits->side || header->height > limits->side)
        return vt_fail(why, VT_ERR_IMAGE_LIMIT,
                       "the image has %" PRIu32 " by %" PRIu32 " pixels; a side may have %" PRIu32
                       " at most",
                       header->width, header->height, limits->side);
    if ((uint64_t)header->width * header->height > limits->pixels)
        return vt_fail(why, VT_ERR_IMAGE_LIMIT,
                       "the image has %" PRIu32 " by %" PRIu32
                       " pixels; at most %.1f megapixels are taken",
                       header->width, header->height, (double)limits->pixels / 1e6);
    if (header->frames > limits->frames)
        return vt_fail(why, VT_ERR_IMAGE_LIMIT,
                       "the image has %" PRIu32 " frames; at most %" PRIu32 " are taken",
                       header->frames, limits->frames);
    return VT_OK;
}
