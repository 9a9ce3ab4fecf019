/* Guesses when a picture was taken from the name of its file, for those without metadata: phones
 * and messengers write the time there. */
#ifndef VITRINE_GALLERY_NAME_TIME_H
#define VITRINE_GALLERY_NAME_TIME_H

#include "base/photo_time.h"

/* Finds a date with a time of day in a file's name, in the forms of "IMG_20240131_101112.jpg",
 * "IMG20240131101112.jpg", "Screenshot_2024-01-31-10-11-12.png", "2024-01-31 10.11.12.jpg",
 * "signal-2024-01-31-101112.jpg" and "WhatsApp Image 2024-01-31 at 10.11.12.jpeg"; or WhatsApp's
 * date alone, "IMG-20240131-WA0001.jpg", which is taken as its noon. Other numbers and dates are
 * none, and so are times before 1990 or after `now` (milliseconds since 1970, UTC). The names of
 * Google's camera, "PXL_20240131_101112345.jpg", are in UTC; of the others, the offset is unknown.
 * False, and *time stays as it is, if there is none. */
bool name_time_guess(const char *name, int64_t now, struct photo_time *time) VT_MUST_CHECK;

#endif
