/* Looks for inconsistencies in the store: catalogue and rows here, files in fsck_files.c. */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "gallery/listing_json.h"
#include "upkeep/fsck.h"

/* ---- the first page ---- */

/* Whether the page is what a process with this setting would have written. */
static enum vt_error compare_page_of(struct gallery *gallery, enum metadata_mode mode, bool *same)
{
    const struct config *own = gallery->config;
    struct config config = *own;
    struct buf page = BUF_INIT;
    enum vt_error err;

    config.metadata = mode;
    gallery->config = &config;
    err = listing_json_first(gallery, &page);
    gallery->config = own;
    *same = err == VT_OK && first_page_holds(gallery->first_page, &page);
    buf_free(&page);
    return err;
}

/* The workers' setting decides the page's addresses. A command that somebody runs may have another
 * one, and cannot tell. */
static enum vt_error compare_page(struct gallery *gallery, bool *same)
{
    enum vt_error err = compare_page_of(gallery, gallery->config->metadata, same);

    for (int mode = METADATA_HIDE_PLACE; err == VT_OK && !*same && mode <= METADATA_SHOW; mode++)
        err = compare_page_of(gallery, (enum metadata_mode)mode, same);
    return err;
}

static enum vt_error check_page(struct fscking *self)
{
    struct gallery *gallery = self->gallery;
    bool removed = false, same;
    enum vt_error err = compare_page(gallery, &same);

    if (err != VT_OK || same)
        return err;
    err = catalogue_lock(gallery->catalogue); /* it may have changed between the two checks */
    if (err != VT_OK)
        return err;
    err = compare_page(gallery, &same);
    if (err == VT_OK && !same) {
        removed = self->fsck->repair && first_page_remove(gallery->first_page) == VT_OK;
        fsck_tell(self, FINDING_PAGE, "listing/first.json",
                  "the first page does not match the catalogue", removed);
    }
    catalogue_rollback(gallery->catalogue); /* nothing was written: this releases the lock */
    if (removed)
        gallery_publish(gallery);
    return err;
}

/* ---- the catalogue ---- */

/* A description of the first fault of each part. */
struct faults {
    char text[CATALOGUE_PART_COUNT][200];
};

static void note_fault(void *context, enum catalogue_part part, const char *text)
{
    struct faults *faults = context;

    if (faults->text[part][0] == '\0')
        text_clean(text, strlen(text), faults->text[part], sizeof faults->text[part]);
}

static enum vt_error mend(struct gallery *gallery, enum catalogue_part part)
{
    enum vt_error err = catalogue_lock(gallery->catalogue);

    if (err != VT_OK)
        return err;
    err = catalogue_mend(gallery->catalogue, part);
    if (err == VT_OK)
        return gallery_commit(gallery);
    catalogue_rollback(gallery->catalogue);
    return err;
}

/* Looks for faults in some parts of the catalogue. */
typedef enum vt_error (*verifier)(struct fscking *self, struct faults *faults);

static enum vt_error verify_tables(struct fscking *self, struct faults *faults)
{
    return catalogue_verify(self->gallery->catalogue, !self->fsck->quick, note_fault, faults);
}

static enum vt_error verify_search(struct fscking *self, struct faults *faults)
{
    struct gallery *gallery = self->gallery;
    struct snapshot *snapshot;
    enum vt_error err = upkeep_snapshot_begin(gallery, &snapshot);

    if (err == VT_ERR_NO_SPACE)
        return catalogue_verify_search(gallery->catalogue, note_fault, faults);
    if (err == VT_OK)
        err = upkeep_snapshot_verify_search(snapshot, note_fault, faults);
    upkeep_snapshot_free(snapshot);
    return err;
}

/* Looks for faults, repairs those that it may, looks again, and reports. *trusted says whether the
 * file is sound now. */
static enum vt_error check_parts(struct fscking *self, verifier verify, bool *trusted)
{
    static const enum finding_kind kinds[CATALOGUE_PART_COUNT] = {
        [CATALOGUE_FILE] = FINDING_CATALOGUE,
        [CATALOGUE_SEARCH] = FINDING_SEARCH,
        [CATALOGUE_COUNTERS] = FINDING_COUNTERS,
        [CATALOGUE_NAMES] = FINDING_NAMES,
    };
    struct faults before = {{""}}, after = {{""}};
    bool mended = false;
    enum vt_error err = verify(self, &before);

    for (int i = 0; err == VT_OK && self->fsck->repair && i < CATALOGUE_PART_COUNT; i++)
        if (before.text[i][0] != '\0' && mend(self->gallery, (enum catalogue_part)i) == VT_OK)
            mended = true;
    if (err == VT_OK && mended)
        err = verify(self, &after);
    for (int i = 0; err == VT_OK && i < CATALOGUE_PART_COUNT; i++)
        if (before.text[i][0] != '\0')
            fsck_tell(self, kinds[i], "catalogue.sqlite", before.text[i],
                      mended && after.text[i][0] == '\0');
    *trusted =
        before.text[CATALOGUE_FILE][0] == '\0' || (mended && after.text[CATALOGUE_FILE][0] == '\0');
    return err;
}

/* The search index comes last: copying a damaged file might fail. */
static enum vt_error check_catalogue(struct fscking *self, bool *trusted)
{
    enum vt_error err = check_parts(self, verify_tables, trusted);
    bool ignored;

    if (err == VT_OK && *trusted && !self->fsck->quick)
        err = check_parts(self, verify_search, &ignored);
    return err;
}

/* Called after the files were checked: if all originals have rows now, the catalogue is theirs. */
static enum vt_error check_origin(struct fscking *self)
{
    bool repaired = self->fsck->accept || (self->fsck->repair && !self->has_unknown);
    enum vt_error err = repaired ? gallery_accept(self->gallery) : VT_OK;

    if (err == VT_OK)
        fsck_tell(self, FINDING_MADE_ANEW, "catalogue.sqlite",
                  "it was created while originals already existed", repaired);
    return err;
}

/* ---- rows and their originals ---- */

/* The state of an original. */
enum state { GOOD, MISSING, OTHER_SIZE, OTHER_BYTES, UNREADABLE };

static enum vt_error examine(struct gallery *gallery, const struct record *record, bool quick,
                             enum state *state)
{
    const struct blob_key key = {0, record->id, image_type_extension(record->type)};
    struct stat status;
    bool same = true;
    int fd;
    enum vt_error err = blobs_open(gallery->blobs, &key, &fd);

    *state = MISSING;
    if (err == VT_OK) {
        if (fstat(fd, &status) != 0)
            err = VT_ERR_UNAVAILABLE;
        else if ((uint64_t)status.st_size != record->bytes)
            *state = OTHER_SIZE;
        else if (!quick)
            err = gallery_hash(fd, record->id, &same);
        if (err == VT_OK && *state == MISSING)
            *state = same ? GOOD : OTHER_BYTES;
        (void)close(fd);
    } else if (err == VT_ERR_NOT_FOUND) {
        err = VT_OK;
    }
    if (vt_is_unreadable(err)) {
        *state = UNREADABLE;
        err = VT_OK;
    }
    return err;
}

static enum finding_kind kind_of(enum state state)
{
    if (state == UNREADABLE)
        return FINDING_ORIGINAL_UNREADABLE;
    return state == MISSING ? FINDING_ORIGINAL_MISSING : FINDING_ORIGINAL_DAMAGED;
}

/* Under the write lock: removes the row after setting aside what is left of the original. */
static enum vt_error remove_row(struct gallery *gallery, const struct record *record,
                                enum state state)
{
    const struct blob_key key = {0, record->id, image_type_extension(record->type)};
    char path[BLOB_PATH_SIZE];
    enum vt_error err = VT_OK;

    if (state != MISSING) {
        err = blobs_name(gallery->blobs, &key, path);
        if (err == VT_OK)
            err = blobs_set_aside(gallery->blobs, path);
    }
    if (err == VT_OK)
        err = catalogue_remove(gallery->catalogue, record->id);
    if (err == VT_OK)
        return gallery_commit(gallery);
    catalogue_rollback(gallery->catalogue);
    return err;
}

/* Checks again under the lock: the image may have been removed meanwhile, or added again. */
static enum vt_error settle(struct fscking *self, const struct record *seen)
{
    static const char *const words[] = {
        [MISSING] = "the row has no original",
        [OTHER_SIZE] = "the size of the original does not match its row",
        [OTHER_BYTES] = "the hash of the original does not match its id",
        [UNREADABLE] = "the original cannot be read",
    };
    struct gallery *gallery = self->gallery;
    char detail[NAME_SIZE + TAGS_SIZE + 100];
    enum state state = GOOD;
    struct record record;
    bool repaired = false;
    enum vt_error err = catalogue_lock(gallery->catalogue);

    if (err != VT_OK)
        return err;
    err = catalogue_find(gallery->catalogue, seen->id, &record);
    if (err == VT_OK)
        err = examine(gallery, &record, self->fsck->quick, &state);
    if (err != VT_OK || state == GOOD || state == UNREADABLE || !self->fsck->repair ||
        (state == MISSING && self->keeps_rows)) {
        catalogue_rollback(gallery->catalogue);
    } else {
        err = remove_row(gallery, &record, state);
        repaired = err == VT_OK;
    }
    if (err != VT_OK || state == GOOD)
        return err == VT_ERR_NOT_FOUND ? VT_OK : err;
    (void)snprintf(detail, sizeof detail, "%s; name \"%s\"", words[state], record.name);
    fsck_tell(self, kind_of(state), record.id, detail, repaired);
    return repaired ? gallery_collect(gallery, &record) : VT_OK;
}

static enum vt_error check_row(void *context, const struct record *record)
{
    struct fscking *self = context;
    enum state state = GOOD;
    enum vt_error err = fsck_tick(self);

    self->result->images++;
    if (err == VT_OK)
        err = examine(self->gallery, record, self->fsck->quick, &state);
    return err != VT_OK || state == GOOD ? err : settle(self, record);
}

/* ---- a missing folder of originals ---- */

struct counting {
    struct gallery *gallery;
    uint64_t rows, missing;
};

static enum vt_error count_missing(void *context, const struct record *record)
{
    struct counting *self = context;
    const struct blob_key key = {0, record->id, image_type_extension(record->type)};
    int fd;
    enum vt_error err = blobs_open(self->gallery->blobs, &key, &fd);

    self->rows++;
    if (err == VT_OK)
        (void)close(fd);
    else if (err == VT_ERR_NOT_FOUND)
        self->missing++;
    return VT_OK;
}

/* Called before a row is removed: if most originals are missing, it is more likely that their
 * folder is unavailable, for instance not mounted, than that they are lost. */
static enum vt_error look_for_originals(struct fscking *self)
{
    struct counting counting = {self->gallery, 0, 0};
    enum vt_error err = gallery_each(self->gallery, count_missing, &counting);

    self->keeps_rows = counting.missing > counting.rows / 2;
    if (self->keeps_rows)
        log_error(
            "fsck: %llu of %llu originals are missing: is the folder of originals mounted? Their"
            " rows are kept; --accept-loss removes them",
            (unsigned long long)counting.missing, (unsigned long long)counting.rows);
    return err;
}

/* ---- all of it ---- */

enum vt_error upkeep_fsck(struct gallery *gallery, const struct fsck *fsck,
                          struct fsck_result *result)
{
    struct fscking self = {.gallery = gallery, .fsck = fsck, .result = result};
    struct totals totals;
    bool trusted = false;
    enum vt_error err = gallery_open(gallery, NULL);

    memset(result, 0, sizeof *result);
    if (err == VT_OK)
        err = check_catalogue(&self, &trusted);
    if (err != VT_OK || !trusted)
        return err;
    err = catalogue_totals(gallery->catalogue, &totals);
    if (err == VT_OK)
        self.total = totals.images;
    if (err == VT_OK)
        err = gallery_is_made_anew(gallery, &self.made_anew);
    if (err == VT_OK)
        err = check_page(&self);
    if (err == VT_OK && fsck->repair && !fsck->accept_loss)
        err = look_for_originals(&self);
    if (err == VT_OK)
        err = gallery_each(gallery, check_row, &self);
    if (err == VT_ERR_DAMAGED) {
        fsck_tell(&self, FINDING_CATALOGUE, "catalogue.sqlite", "a row cannot be read", false);
        return VT_OK;
    }
    if (err == VT_OK)
        err = fsck_files(&self);
    if (err == VT_OK && self.made_anew)
        err = check_origin(&self);
    return err;
}
