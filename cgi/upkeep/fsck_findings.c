/* The findings of fsck: their names, and how they are reported. */
#include "upkeep/fsck.h"

static const char *const names[FINDING_KIND_COUNT] = {
    [FINDING_CATALOGUE] = "catalogue",
    [FINDING_SEARCH] = "search-index",
    [FINDING_COUNTERS] = "counters",
    [FINDING_NAMES] = "name-order",
    [FINDING_MADE_ANEW] = "made-anew",
    [FINDING_PAGE] = "first-page",
    [FINDING_ORIGINAL_MISSING] = "original-missing",
    [FINDING_ORIGINAL_DAMAGED] = "original-damaged",
    [FINDING_ORIGINAL_UNREADABLE] = "original-unreadable",
    [FINDING_ORIGINAL_UNKNOWN] = "original-unknown",
    [FINDING_ORIGINAL_DELETED] = "original-deleted",
    [FINDING_THUMBNAIL_UNKNOWN] = "thumbnail-unknown",
    [FINDING_THUMBNAIL_DAMAGED] = "thumbnail-damaged",
    [FINDING_UNFINISHED] = "unfinished-upload",
    [FINDING_STRAY] = "stray-file",
};

const char *upkeep_finding_name(enum finding_kind kind)
{
    return names[kind];
}

void fsck_tell(struct fscking *self, enum finding_kind kind, const char *subject,
               const char *detail, bool repaired)
{
    const struct finding finding = {kind, subject, detail, repaired};

    self->result->found++;
    self->result->repaired += repaired;
    if (self->fsck->tell != NULL)
        self->fsck->tell(self->fsck->context, &finding);
}

enum vt_error fsck_tick(struct fscking *self)
{
    const struct upkeep_watch *watch = &self->fsck->watch;

    self->done++;
    if (watch->tick == NULL || watch->tick(watch->context, self->done, self->total))
        return VT_OK;
    return VT_ERR_STOPPED;
}
