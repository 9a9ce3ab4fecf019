#include "command/known_vulnerabilities.h"

#include "command/package_version.h"

static const struct known_library
    heif = {"libheif", "libheif.so.", {{"libheif1", NULL, "1.15.1"}, {"libheif1", NULL, "1.19.8"}}},
    de265 = {"libde265",
             "libde265.so.",
             {{"libde265-0", NULL, "1.0.11"}, {"libde265-0", NULL, "1.0.15"}}},
    aom = {"libaom", "libaom.so.", {{"libaom3", NULL, "3.6.0"}, {"libaom3", NULL, "3.12.1"}}},
    dav1d = {"dav1d",
             "libdav1d.so.",
             {{"libdav1d6", "libdav1d.so.6", "1.0.0"}, {"libdav1d7", "libdav1d.so.7", "1.5.1"}}},
    jxl = {"libjxl",
           "libjxl.so.",
           {{"libjxl0.7", "libjxl.so.0.7", "0.7.0"}, {"libjxl0.11", "libjxl.so.0.11", "0.11.1"}}},
    webp = {"libwebp", "libwebp.so.", {{"libwebp7", NULL, "1.2.4"}, {"libwebp7", NULL, "1.5.0"}}},
    png = {"libpng",
           "libpng16.so.",
           {{"libpng16-16", NULL, "1.6.39"}, {"libpng16-16t64", NULL, "1.6.48"}}},
    tiff = {"libtiff", "libtiff.so.", {{"libtiff6", NULL, "4.5.0"}, {"libtiff6", NULL, "4.7.0"}}},
    zstd = {"zstd",
            "libzstd.so.",
            {{"libzstd1", NULL, "1.5.4+dfsg2"}, {"libzstd1", NULL, "1.5.7+dfsg"}}},
    expat = {"Expat", "libexpat.so.", {{"libexpat1", NULL, "2.5.0"}, {"libexpat1", NULL, "2.7.1"}}},
    magick = {"ImageMagick",
              "libMagickCore-",
              {{"libmagickcore-6.q16-6", "libMagickCore-6.", "8:6.9.11.60+dfsg"},
               {"libmagickcore-7.q16-10", "libMagickCore-7.", "8:7.1.1.43+dfsg1"}}},
    lcms = {"Little CMS",
            "liblcms2.so.",
            {{"liblcms2-2", NULL, "2.14"}, {"liblcms2-2", NULL, "2.16"}}},
    nginx = {"nginx", NULL, {{"nginx", NULL, "1.22.1"}, {"nginx", NULL, "1.26.3"}}};

/* Sources of the versions: those of Debian 12 and 13 are the entries of the package's changelog
 * that name the vulnerability; `upstream` is upstream's announcement, or the first tag that
 * contains the fix.
 *
 * Vulnerabilities that no picture and no request can reach are left out: in libaom's encoder
 * (CVE-2026-56208 to -56211); by SQL that an attacker would have to write (SQLite, CVE-2025-6965);
 * in zlib's gzip headers (CVE-2022-37434); in libxml2, which ImageMagick is linked with and Vitrine
 * never calls; in Expat's document types and entities, since a document type ends the reading, and
 * in how it takes input in pieces (CVE-2023-52425), since it gets all at once; in libexif's maker
 * notes (CVE-2026-40385, -40386, -32775) and its directories (CVE-2020-0198), since it gets
 * neither maker notes nor a file's own directories; in coders that the policy forbids; in nginx's
 * modules that the configuration does not use; in the lengths that nginx writes for libfcgi
 * (CVE-2025-23016); in the reader of PNM that libjxl has for its tools (CVE-2025-70103); in pixels
 * that libtiff gives out as ABGR, if it is asked to (CVE-2026-12912); in files of lookup tables
 * that Little CMS reads (CVE-2026-42798). */
static const struct known_vulnerability table[] = {
    /* Alpha planes of nested items are scaled beyond a buffer; the offsets of an overlay lead
     * outside the picture. */
    {&heif, {NULL, "1.23.6-2~deb13u1"}, "1.23.2", "CVE-2026-84383"},
    {&heif, {"1.15.1-1+deb12u1", NULL}, "1.18.0", "CVE-2024-41311"},
    /* Both write beyond a buffer while an HEVC picture is decoded. */
    {&de265, {"1.0.11-1+deb12u3", "1.0.15-1+deb13u2"}, NULL, "CVE-2026-33165"},
    {&de265, {"1.0.11-1", NULL}, "1.0.10", "CVE-2022-47655"},
    /* The size of an AV1 frame overflows; the second frees memory that is not on the heap. */
    {&aom, {"3.6.0-1+deb12u1", NULL}, NULL, "CVE-2024-5171"},
    {&aom, {NULL, NULL}, "3.2.0", "CVE-2021-30473"},
    {&dav1d, {"1.0.0-2+deb12u1", NULL}, "1.4.0", "CVE-2024-1580"},
    /* What the first does is not published, so that a picture may reach it; a tile is rendered
     * beyond its size; the trees of a lossless JPEG XL write beyond the stack. */
    {&jxl, {NULL, "0.11.2-0.1~deb13u3"}, NULL, "CVE-2026-52584"},
    {&jxl, {NULL, "0.11.2-0.1~deb13u1"}, "0.11.2", "CVE-2025-12474"},
    {&jxl, {"0.7.0-10+deb12u1", NULL}, "0.11.1", "CVE-2024-11498"},
    /* Tables of a lossless WebP are written beyond their end. */
    {&webp, {"1.2.4-0.2+deb12u1", NULL}, "1.3.2", "CVE-2023-4863"},
    /* Freed memory is used: after a truncated colour profile, and with palettes. */
    {&png, {"1.6.39-2+deb12u6", "1.6.48-1+deb13u6"}, NULL, "CVE-2026-46675"},
    {&png, {"1.6.39-2+deb12u4", "1.6.48-1+deb13u4"}, "1.6.56", "CVE-2026-33416"},
    {&tiff, {"4.5.0-6+deb12u4", "4.7.0-3+deb13u2"}, "4.7.2", "CVE-2026-4775"},
    /* Strips of a TIFF may be compressed by zstd, which discloses memory. */
    {&zstd, {"1.5.4+dfsg2-5+deb12u1", "1.5.7+dfsg-1+deb13u1"}, NULL, "CVE-2026-124851"},
    /* Half of a pair of UTF-16 is taken for a character; freed memory is used, by XML that is not
     * well formed. */
    {&expat, {"2.5.0-1+deb12u4", "2.9.0-1~deb13u1"}, "2.8.5", "CVE-2026-93990"},
    {&expat, {NULL, NULL}, "2.4.9", "CVE-2022-40674"},
    /* Of a GIF, memory is read beyond its XMP, and its application block is read from
     * uninitialised memory. */
    {&magick, {NULL, "8:7.1.1.43+dfsg1-1+deb13u14"}, NULL, "CVE-2026-109265"},
    {&magick,
     {"8:6.9.11.60+dfsg-1.6+deb12u14", "8:7.1.1.43+dfsg1-1+deb13u13"},
     NULL,
     "CVE-2026-102635"},
    /* The size of a colour profile's table overflows. */
    {&lcms, {"2.14-2+deb12u1", "2.16-2+deb13u1"}, NULL, "CVE-2026-41254"},
    /* Bodies of requests; maps by regular expressions. */
    {&nginx, {"1.22.1-9+deb12u11", "1.26.3-3+deb13u11"}, NULL, "CVE-2026-118899"},
    {&nginx, {"1.22.1-9+deb12u10", "1.26.3-3+deb13u8"}, NULL, "CVE-2026-42533"},
};

const struct known_vulnerability *known_vulnerabilities(size_t *count)
{
    *count = sizeof table / sizeof table[0];
    return table;
}

bool known_vulnerabilities_affect_package(const struct known_vulnerability *known,
                                          enum debian_release release, const char *version)
{
    return known->fixed[release] != NULL &&
           package_version_compare(version, known->library->packages[release].since) >= 0 &&
           package_version_compare(version, known->fixed[release]) < 0;
}

bool known_vulnerabilities_affect_library(const struct known_vulnerability *known,
                                          const char *version)
{
    return known->upstream != NULL && package_version_compare(version, known->upstream) < 0;
}
