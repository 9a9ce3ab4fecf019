/* Shared by the fsck*.c files, and by nothing else. */
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
    time_t before;        /* younger files may belong to an upload in progress */
    bool made_anew;       /* the catalogue was made beside originals */
    bool keeps_rows;      /* so many originals are missing that their rows are kept */
    bool has_unknown;     /* an original without a row is left */
};

/* Counts a finding and reports it. */
void fsck_tell(struct fscking *self, enum finding_kind kind, const char *subject,
               const char *detail, bool repaired);

/* Counts a step; VT_ERR_STOPPED if the watch asks to stop. */
enum vt_error fsck_tick(struct fscking *self) VT_MUST_CHECK;

/* Checks every file: compares blobs with rows, and looks for files that are not blobs. */
enum vt_error fsck_files(struct fscking *self) VT_MUST_CHECK;

#endif
