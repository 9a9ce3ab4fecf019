/* Makes a picture smaller while its rows come in, so that the large picture is never in memory as a
 * whole.
 *
 * It first averages boxes of pixels, as far as at least twice the wanted size is left; then a
 * Lanczos filter of three lobes does the rest, first vertically, then horizontally. Averaging is
 * cheap, and its artefacts lie above the frequencies that the filter lets through. Colours are
 * weighted by their alpha. */
#ifndef VITRINE_IMAGE_REDUCER_H
#define VITRINE_IMAGE_REDUCER_H

#include "image/raster.h"

struct reducer;

/* Begins to reduce a picture of from_width by from_height to width by height. No side of the result
 * may be 0 or longer than before; alpha says whether any pixel may be less than opaque. Takes
 * memory for some twenty rows and the result; VT_ERR_MEMORY if there is none. The caller frees
 * *reducer. */
enum vt_error reducer_new(uint32_t from_width, uint32_t from_height, uint32_t width,
                          uint32_t height, bool alpha, struct reducer **reducer) VT_MUST_CHECK;

/* Where to write the next row, from the top: from_width pixels in a raster's format. The reducer
 * owns this memory, which keeps its content until reducer_take() and may be written freely. */
uint8_t *reducer_row(struct reducer *reducer);

/* Takes the row that was written. Rows beyond the last are ignored. */
void reducer_take(struct reducer *reducer);

/* Returns the smaller picture, which the caller frees, after the last row. VT_ERR_INTERNAL if rows
 * are missing. */
enum vt_error reducer_finish(struct reducer *reducer, struct raster *raster) VT_MUST_CHECK;

/* Frees the memory. NULL is allowed. */
void reducer_free(struct reducer *reducer);

/* Does all of this for a picture that is in memory as a whole. The caller frees *to. */
enum vt_error reducer_run(const struct raster *from, uint32_t width, uint32_t height, bool alpha,
                          struct raster *to) VT_MUST_CHECK;

#endif
