#include "image/png_space.h"

#include <string.h>

#include "base/reader.h"
#include "image/color_primaries.h"

#define SMPTE_240 7 /* a transfer of H.273 that has its own curve */
#define SRGB_GAMMA 0.45455
#define THRESHOLD 0.05 /* a difference of gamma that counts */

/* Newer versions of libpng refuse to compute with less or more. */
#define LEAST_GAMMA 0.01
#define MOST_GAMMA 100

/* H.273, table 3. What cameras encode by the curve of BT.709 and its successors is shown with an
 * exponent of 2.4 (BT.1886), in Chromium too. */
static const struct {
    uint8_t number;
    double gamma; /* 0 for the curve of sRGB */
} transfers[] = {{1, 2.4}, {4, 2.2},  {5, 2.8}, {6, 2.4},  {SMPTE_240, 0},
                 {8, 1},   {11, 2.4}, {13, 0},  {14, 2.4}, {15, 2.4}};

static void set_gamma(struct image_color_space *space, double gamma)
{
    space->curve = gamma > 0 ? IMAGE_COLOR_GAMMA : IMAGE_COLOR_SRGB;
    space->gamma = gamma;
}

static void keep(bool *has, uint8_t *to, size_t size, const uint8_t *data, size_t len)
{
    if (*has || len != size)
        return;
    memcpy(to, data, size);
    *has = true;
}

void image_png_space_keep(struct image_png_space *chunks, const uint8_t name[4],
                          const uint8_t *data, size_t len)
{
    if (memcmp(name, "cICP", 4) == 0)
        keep(&chunks->has_cicp, chunks->cicp, sizeof chunks->cicp, data, len);
    else if (memcmp(name, "sRGB", 4) == 0)
        keep(&chunks->has_srgb, chunks->srgb, sizeof chunks->srgb, data, len);
    else if (memcmp(name, "cHRM", 4) == 0)
        keep(&chunks->has_chrm, chunks->chrm, sizeof chunks->chrm, data, len);
    else if (memcmp(name, "gAMA", 4) == 0)
        keep(&chunks->has_gama, chunks->gama, sizeof chunks->gama, data, len);
    else if (memcmp(name, "cLLI", 4) == 0)
        keep(&chunks->has_clli, chunks->clli, sizeof chunks->clli, data, len);
    else if (memcmp(name, "mDCV", 4) == 0)
        keep(&chunks->has_mdcv, chunks->mdcv, sizeof chunks->mdcv, data, len);
}

/* Whether cICP is for RGB in full range, with primaries that are known here. */
static bool is_usable(const struct image_png_space *chunks)
{
    const uint8_t *cicp = chunks->cicp;

    return chunks->has_cicp && image_color_primaries(cicp[0]) != NULL && cicp[2] == 0 &&
           cicp[3] == 1;
}

/* In cd/m2, rounded up; 0 if it is not given. The chunks' unit is a ten thousandth of that. */
static unsigned read_brightest(const struct image_png_space *chunks)
{
    uint32_t most = chunks->has_clli ? reader_big32(chunks->clli) : 0;

    if (most == 0 && chunks->has_mdcv)
        most = reader_big32(chunks->mdcv + 16);
    return most / 10000 + (most % 10000 != 0);
}

static bool read_hdr(const struct image_png_space *chunks, struct cicp_source *hdr)
{
    if (chunks->cicp[1] != CICP_PQ && chunks->cicp[1] != CICP_HLG)
        return false;
    *hdr = (struct cicp_source){.primaries = chunks->cicp[0],
                                .transfer = chunks->cicp[1],
                                .brightest = read_brightest(chunks)};
    return true;
}

/* Whether the transfer is known here. */
static bool read_cicp(const uint8_t cicp[4], struct image_color_space *space)
{
    image_color_chromaticities at = image_color_primaries(cicp[0]);

    memcpy(space->at, at, sizeof space->at);
    for (size_t i = 0; i < sizeof transfers / sizeof transfers[0]; i++) {
        if (transfers[i].number == cicp[1]) {
            set_gamma(space, transfers[i].gamma);
            if (cicp[1] == SMPTE_240)
                space->curve = IMAGE_COLOR_SMPTE_240;
            return true;
        }
    }
    return false;
}

static void read_chrm(const uint8_t chrm[32], struct image_color_space *space)
{
    for (size_t i = 0; i < 4; i++)
        for (size_t j = 0; j < 2; j++)
            space->at[i][j] = reader_big32(chrm + 8 * i + 4 * j) / 1e5;
}

enum image_png_space_kind image_png_space_find(const struct image_png_space *chunks,
                                               bool has_profile, struct image_color_space *space,
                                               struct cicp_source *hdr)
{
    double gamma = chunks->has_gama ? reader_big32(chunks->gama) / 1e5 : 0;

    if (is_usable(chunks) && read_hdr(chunks, hdr))
        return PNG_SPACE_HDR;
    if (is_usable(chunks) && read_cicp(chunks->cicp, space))
        return chunks->cicp[0] == IMAGE_COLOR_BT_709 && space->curve == IMAGE_COLOR_SRGB
                   ? PNG_SPACE_SRGB
                   : PNG_SPACE_CHUNKS;
    if (has_profile)
        return PNG_SPACE_PROFILE;
    if (chunks->has_srgb || gamma < LEAST_GAMMA || gamma > MOST_GAMMA)
        return PNG_SPACE_SRGB;
    if (!chunks->has_chrm && gamma > SRGB_GAMMA * (1 - THRESHOLD) &&
        gamma < SRGB_GAMMA * (1 + THRESHOLD))
        return PNG_SPACE_SRGB;
    memcpy(space->at, image_color_primaries(IMAGE_COLOR_BT_709), sizeof space->at);
    if (chunks->has_chrm)
        read_chrm(chunks->chrm, space);
    set_gamma(space, 1 / gamma);
    return PNG_SPACE_CHUNKS;
}
