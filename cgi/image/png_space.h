/* The colour space that a PNG's chunks describe. W3C PNG (third edition), 4.3; ITU-T H.273. */
#ifndef VITRINE_IMAGE_PNG_SPACE_H
#define VITRINE_IMAGE_PNG_SPACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "image/cicp.h"
#include "image/color.h"

/* The chunks, as far as they were found before the pixels. */
struct image_png_space {
    bool has_cicp, has_srgb, has_chrm, has_gama, has_clli, has_mdcv;
    uint8_t cicp[4], srgb[1], chrm[32], gama[4], clli[8], mdcv[24];
};

/* Keeps a chunk's content if it is one of these, has the right length, and is the first of its
 * name. */
void image_png_space_keep(struct image_png_space *chunks, const uint8_t name[4],
                          const uint8_t *data, size_t len);

/* What the pixels are to be converted by. */
enum image_png_space_kind {
    PNG_SPACE_SRGB,    /* nothing: they are sRGB, or to be taken for it */
    PNG_SPACE_PROFILE, /* the file's ICC profile */
    PNG_SPACE_CHUNKS,  /* the space that cICP, or gAMA and cHRM, describe */
    PNG_SPACE_HDR      /* the numbers of a cICP whose transfer is PQ or HLG */
};

/* Finds it as Chromium does: cICP counts before iCCP, that before sRGB, and that before gAMA, which
 * cHRM adds to. A cICP is ignored if it is not for RGB in full range. A gAMA alone is ignored if it
 * is within 5 % of sRGB's, a gAMA of less than 0.01 or more than 100 is ignored, and so is a cHRM
 * alone. Fills *space for PNG_SPACE_CHUNKS and, except for its depth, *hdr for PNG_SPACE_HDR; the
 * brightest light of that is what cLLI says or, if it says nothing, mDCV. */
enum image_png_space_kind image_png_space_find(const struct image_png_space *chunks,
                                               bool has_profile, struct image_color_space *space,
                                               struct cicp_source *hdr);

#endif
