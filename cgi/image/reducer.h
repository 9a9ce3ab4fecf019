/* Makes a picture smaller while its rows come in, so that the large one is never whole in memory.
 *
 * First whole boxes of pixels are averaged, as long as at least twice the wanted size is left; then
 * a Lanczos filter of three lobes does the rest, first down, then across. Averaging is cheap and
 * its faults are above what the filter lets through. Colours are weighted by their alpha. */
#ifndef VITRINE_IMAGE_REDUCER_H
#define VITRINE_IMAGE_REDUCER_H

#include "image/raster.h"

struct reducer;

/* Begins with a picture of the first size to make one of the second, of which no side is longer
 * than the first's or 0; alpha says whether any pixel may be less than opaque. Memory: some twenty
 * rows, and the result. VT_ERR_MEMORY where there is none. The caller frees *reducer. */
enum vt_error reducer_new(uint32_t from_width, uint32_t from_height, uint32_t width,
                          uint32_t height, bool alpha, struct reducer **reducer) VT_MUST_CHECK;

/* Where the next row goes, from the top: from_width pixels in a raster's format. The memory is the
 * reducer's, keeps its content until reducer_take(), and may be written freely. */
uint8_t *reducer_row(struct reducer *reducer);

/* Takes the row that was written. Rows beyond the last are ignored. */
void reducer_take(struct reducer *reducer);

/* Gives the smaller picture, which the caller frees, after the last row. VT_ERR_INTERNAL where rows
 * are missing. */
enum vt_error reducer_finish(struct reducer *reducer, struct raster *raster) VT_MUST_CHECK;

/* NULL is allowed. */
void reducer_free(struct reducer *reducer);

/* All of it for a picture that is whole in memory. The caller frees *to. */
enum vt_error reducer_run(const struct raster *from, uint32_t width, uint32_t height, bool alpha,
                          struct raster *to) VT_MUST_CHECK;

#endif
