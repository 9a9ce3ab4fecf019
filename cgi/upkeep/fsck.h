/* Shared by upkeep_fsck.c and fsck_files.c, and by nothing else. */
#ifndef VITRINE_UPKEEP_FSCK_H
#define VITRINE_UPKEEP_FSCK_H

#include <stdio.h>
#include <time.h>

#include "gallery/internal.h"
#include "upkeep/upkeep.h"

/* One run. */
struct fscking {
    struct gallery *gallery;
    const struct fsck *fsck;
    struct fsck_result *result;
    uint64_t done, total; /* for the watch */
    time_t before;        /* what is younger may belong to an upload under way */
    bool made_anew;       /* the catalogue was made beside originals */
    bool keeps_rows;      /* too many originals are missing for them to be lost */
    bool has_unknown;     /* an original without a row is left */
};

/* Counts a find and tells of it. */
void fsck_tell(struct fscking *self, enum finding_kind kind, const char *subject,
               const char *detail, bool repaired);

/* Counts a step; VT_ERR_STOPPED where the watch wants no more. */
enum vt_error fsck_tick(struct fscking *self) VT_MUST_CHECK;

/* Looks at every file: blobs against rows, and what is no blob. */
enum vt_error fsck_files(struct fscking *self) VT_MUST_CHECK;

#endif
