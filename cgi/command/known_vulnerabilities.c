#include "command/known_vulnerabilities.h"

#include "command/package_version.h"

/* Sources of the versions: `debian` is the entry of the package's changelog that names the
 * vulnerability; `upstream` is upstream's announcement, or the first tag that contains the fix.
 *
 * Vulnerabilities that no picture and no request can reach are left out: in libaom's encoder
 * (CVE-2026-56208 to -56211); by SQL that an attacker would have to write (SQLite, CVE-2025-6965);
 * in zlib's gzip headers (CVE-2022-37434); in libexpat and libxml2, which ImageMagick is linked
 * with and Vitrine never calls; in coders that the policy forbids; in nginx's modules that the
 * configuration does not use; in the lengths that nginx writes for libfcgi (CVE-2025-23016). */
static const struct known_vulnerability table[] = {
    /* The offsets of an overlay lead outside the picture. */
    {"libheif", "libheif.so.", "libheif1", "1.15.1-1+deb12u1", "1.18.0", "CVE-2024-41311"},
    /* Both write beyond a buffer while an HEVC picture is decoded. */
    {"libde265", "libde265.so.", "libde265-0", "1.0.11-1+deb12u3", NULL, "CVE-2026-33165"},
    {"libde265", "libde265.so.", "libde265-0", "1.0.11-1", "1.0.10", "CVE-2022-47655"},
    /* The size of an AV1 frame overflows; the second frees memory that is not on the heap. */
    {"libaom", "libaom.so.", "libaom3", "3.6.0-1+deb12u1", NULL, "CVE-2024-5171"},
    {"libaom", "libaom.so.", "libaom3", NULL, "3.2.0", "CVE-2021-30473"},
    {"dav1d", "libdav1d.so.", "libdav1d6", "1.0.0-2+deb12u1", "1.4.0", "CVE-2024-1580"},
    /* A tile is rendered beyond its size; the trees of a lossless JPEG XL write beyond the stack.
     */
    {"libjxl", "libjxl.so.", "libjxl0.7", NULL, "0.11.2", "CVE-2025-12474"},
    {"libjxl", "libjxl.so.", "libjxl0.7", "0.7.0-10+deb12u1", "0.11.1", "CVE-2024-11498"},
    /* Tables of a lossless WebP are written beyond their end. */
    {"libwebp", "libwebp.so.", "libwebp7", "1.2.4-0.2+deb12u1", "1.3.2", "CVE-2023-4863"},
    /* Freed memory is used: after a truncated colour profile, and with palettes. */
    {"libpng", "libpng16.so.", "libpng16-16", "1.6.39-2+deb12u6", NULL, "CVE-2026-46675"},
    {"libpng", "libpng16.so.", "libpng16-16", "1.6.39-2+deb12u4", "1.6.56", "CVE-2026-33416"},
    {"libtiff", "libtiff.so.", "libtiff6", "4.5.0-6+deb12u4", "4.7.2", "CVE-2026-4775"},
    /* Strips of a TIFF may be compressed by zstd, which discloses memory. */
    {"zstd", "libzstd.so.", "libzstd1", "1.5.4+dfsg2-5+deb12u1", NULL, "CVE-2026-124851"},
    /* A GIF's application block is read from uninitialised memory. */
    {"ImageMagick", "libMagickCore-6.", "libmagickcore-6.q16-6", "8:6.9.11.60+dfsg-1.6+deb12u14",
     NULL, "CVE-2026-102635"},
    /* The size of a colour profile's table overflows. */
    {"Little CMS", "liblcms2.so.", "liblcms2-2", "2.14-2+deb12u1", NULL, "CVE-2026-41254"},
    /* Bodies of requests; maps by regular expressions. */
    {"nginx", NULL, "nginx", "1.22.1-9+deb12u11", NULL, "CVE-2026-118899"},
    {"nginx", NULL, "nginx", "1.22.1-9+deb12u10", NULL, "CVE-2026-42533"},
};

const struct known_vulnerability *known_vulnerabilities(size_t *count)
{
    *count = sizeof table / sizeof table[0];
    return table;
}

bool known_vulnerabilities_affect_package(const struct known_vulnerability *known,
                                          const char *version)
{
    return known->debian != NULL && package_version_is_of_upstream(version, known->debian) &&
           package_version_compare(version, known->debian) < 0;
}

bool known_vulnerabilities_affect_library(const struct known_vulnerability *known,
                                          const char *version)
{
    return known->upstream != NULL && package_version_compare(version, known->upstream) < 0;
}
