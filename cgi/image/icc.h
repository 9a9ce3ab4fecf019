/* Checks ICC profiles before Little CMS reads them. ICC.1:2022.
 *
 * A profile of a few hundred bytes can occupy Little CMS for minutes: its tables may share their
 * bytes, and each is read and computed as often as it is referred to. */
#ifndef VITRINE_IMAGE_ICC_H
#define VITRINE_IMAGE_ICC_H

#include <stdbool.h>
#include <stddef.h>

/* Whether the profile takes little computation: it has at most 4 MB, is for a device or a space of
 * up to four channels, and its tables, curves and stages lie within it and are no more than a
 * picture's profile needs. Does not check that its colours make sense. Takes time linear in len. */
bool image_icc_is_bounded(const void *profile, size_t len);

#endif
