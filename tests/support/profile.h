/* ICC profiles, as Little CMS makes them. */
#ifndef VITRINE_TESTS_SUPPORT_PROFILE_H
#define VITRINE_TESTS_SUPPORT_PROFILE_H

#include <lcms2.h>

#include "support.h"

/* Writes the profile, which stays the caller's. The caller frees *out. */
void support_profile(cmsHPROFILE profile, struct buf *out);

#endif
