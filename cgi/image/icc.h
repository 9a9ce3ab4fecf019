/* ICC profiles, looked at before Little CMS reads them. ICC.1:2022.
 *
 * A profile of a few hundred bytes can keep Little CMS for minutes: its tables may share their
 * bytes, and each is read and computed as often as it is named. */
#ifndef VITRINE_IMAGE_ICC_H
#define VITRINE_IMAGE_ICC_H

#include <stdbool.h>
#include <stddef.h>

/* Whether the profile is one that computes little: of at most 4 MB, for a device or a space of up
 * to four channels, with tables, curves and stages that lie within it and are no more than a
 * picture's profile needs. Says nothing of whether its colours make sense. Time is linear in len.
 */
bool image_icc_is_bounded(const void *profile, size_t len);

#endif
