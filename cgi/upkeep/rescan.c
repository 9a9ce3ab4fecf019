/* Reads the metadata of images that were stored before this version's reader could. */
#include "upkeep/rescan.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "gallery/internal.h"
#include "image/metadata.h"
#include "upkeep/rescan_state.h"
#include "upkeep/upkeep.h"

#define BATCH 50   /* images of one transaction */
#define LOST_MAX 3 /* decoders that an image may cost */

const char *upkeep_rescan_problem_name(enum rescan_problem problem)
{
    static const char *const names[RESCAN_PROBLEM_COUNT] = {
        [RESCAN_MISSING] = "original-missing",
        [RESCAN_UNREADABLE] = "original-unreadable",
        [RESCAN_BROKEN] = "metadata-broken",
    };

    return names[problem];
}

/* An image of which the file is read, and then the row written. */
struct item {
    int64_t place;        /* its sequence when it was listed */
    struct record record; /* when its row was written: as it is then */
    struct photo photo;
    enum vt_error err; /* of reading the file */
    struct vt_reason why;
    bool is_gone; /* deleted meanwhile */
};

/* One call of upkeep_rescan(). */
struct rescanning {
    struct gallery *gallery;
    const struct rescan *rescan;
    struct rescan_result *result;
    struct rescan_state state;
    struct vt_reason *why;
    struct item *items; /* BATCH */
    size_t count;
    size_t at;    /* the one that is read */
    bool is_last; /* no image of the rescan is behind them */
};

/* ---- the state ---- */

static enum vt_error keep_sequence(void *context, const struct record *record)
{
    *(int64_t *)context = record->sequence;
    return VT_OK;
}

/* The state of a rescan of all images that there are now. */
static enum vt_error new_state(struct gallery *gallery, struct rescan_state *state)
{
    const struct listing_query newest = {.sort = SORT_NEW, .limit = 1};
    char path[PATH_MAX];
    struct listing_page page;
    struct stat status;
    enum vt_error err = gallery_path(gallery, GALLERY_CATALOGUE, path);

    if (err == VT_OK && stat(path, &status) != 0)
        err = VT_ERR_UNAVAILABLE;
    if (err != VT_OK)
        return err;
    *state = (struct rescan_state){.reader = IMAGE_METADATA_READER,
                                   .catalogue = (uint64_t)status.st_ino};
    return gallery_list(gallery, &newest, keep_sequence, &state->to, &page);
}

/* ---- reading files ---- */

static bool is_wanted(void *context)
{
    const struct rescanning *self = context;
    const struct upkeep_watch *watch = &self->rescan->watch;

    return watch->tick(watch->context, self->result->read + self->at, self->result->left);
}

/* An image at which every decoder is lost must not keep the rescan from the others. */
static bool costs_decoders(const struct rescanning *self, const struct item *item)
{
    return self->result->lost_at == item->place && self->result->lost >= LOST_MAX;
}

static void note_lost(struct rescanning *self, const struct item *item)
{
    if (self->result->lost_at != item->place)
        self->result->lost = 0;
    self->result->lost_at = item->place;
    self->result->lost++;
}

/* Returns an error only if the rescan cannot go on in this process. */
static enum vt_error read_item(struct rescanning *self, struct item *item)
{
    enum vt_error err = VT_ERR_BUSY;

    if (costs_decoders(self, item)) {
        item->err = vt_fail(&item->why, VT_ERR_INVALID_IMAGE, "each of its readers has been lost");
        return VT_OK;
    }
    while (err == VT_ERR_BUSY && is_wanted(self))
        err = gallery_read_metadata(self->gallery, &item->record, is_wanted, self, &item->photo,
                                    &item->why);
    if (err == VT_ERR_BUSY)
        return VT_ERR_STOPPED;
    if (err == VT_ERR_UNAVAILABLE && gallery_has_lost_decoder(self->gallery))
        note_lost(self, item);
    item->err = err;
    return err == VT_OK || err == VT_ERR_NOT_FOUND || err == VT_ERR_INVALID_IMAGE ||
                   err == VT_ERR_IMAGE_LIMIT || err == VT_ERR_IO
               ? VT_OK
               : err;
}

static enum vt_error keep_item(void *context, const struct record *record)
{
    struct rescanning *self = context;

    if (record->sequence > self->state.to) {
        self->is_last = true;
        return VT_OK;
    }
    self->items[self->count] = (struct item){.place = record->sequence, .record = *record};
    self->count++;
    return VT_OK;
}

static enum vt_error list_items(struct rescanning *self)
{
    const struct listing_query query = {.sort = SORT_OLD,
                                        .limit = BATCH,
                                        .has_cursor = true,
                                        .cursor = {.sequence = self->state.done},
                                        .is_whole = true};
    struct listing_page page;
    enum vt_error err;

    self->count = 0;
    self->is_last = false;
    err = gallery_list(self->gallery, &query, keep_item, self, &page);
    self->is_last |= err == VT_OK && !page.more;
    return err;
}

/* Reads the files of the batch, which ends before the first one that this process cannot read. */
static enum vt_error read_items(struct rescanning *self)
{
    enum vt_error err = VT_OK;

    for (self->at = 0; err == VT_OK && self->at < self->count; self->at++)
        err = read_item(self, &self->items[self->at]);
    if (err == VT_OK)
        return VT_OK;
    self->count = self->at - 1;
    self->is_last = false;
    *self->why = self->items[self->count].why;
    return err;
}

/* ---- writing rows ---- */

/* Under the write lock: gives the row as it is now what the file says. */
static enum vt_error write_item(struct rescanning *self, struct item *item, uint64_t *changed)
{
    struct catalogue *catalogue = self->gallery->catalogue;
    enum vt_error err = catalogue_find(catalogue, item->record.id, &item->record);

    item->is_gone = err == VT_ERR_NOT_FOUND;
    if (item->is_gone)
        return VT_OK;
    if (err != VT_OK || item->err != VT_OK ||
        !gallery_renew_metadata(self->gallery->config, &item->record, &item->photo))
        return err;
    (*changed)++;
    return catalogue_change(catalogue, &item->record);
}

static enum vt_error write_items(struct rescanning *self)
{
    uint64_t changed = 0;
    enum vt_error err = gallery_open(self->gallery, self->why);

    if (err == VT_OK)
        err = catalogue_lock(self->gallery->catalogue);
    if (err != VT_OK)
        return err;
    for (size_t i = 0; err == VT_OK && i < self->count; i++)
        err = write_item(self, &self->items[i], &changed);
    if (err == VT_OK && changed > 0)
        err = gallery_commit(self->gallery);
    catalogue_rollback(self->gallery->catalogue); /* of what was not committed */
    if (err == VT_OK)
        self->result->changed += changed;
    return err;
}

static enum rescan_problem problem_of(enum vt_error err)
{
    if (err == VT_ERR_NOT_FOUND)
        return RESCAN_MISSING;
    return err == VT_ERR_IO ? RESCAN_UNREADABLE : RESCAN_BROKEN;
}

static void tell_problems(struct rescanning *self)
{
    const struct rescan *rescan = self->rescan;

    for (size_t i = 0; i < self->count; i++) {
        const struct item *item = &self->items[i];

        if (item->err == VT_OK || item->is_gone)
            continue;
        self->result->problems++;
        rescan->tell(rescan->context, problem_of(item->err), &item->record,
                     item->why.text[0] != '\0' ? item->why.text : vt_strerror(item->err));
    }
}

/* ---- the rescan ---- */

/* Waits until what the state was told of by rescan_note() is committed, or is not to be. */
static enum vt_error wait_for_noted(struct rescanning *self)
{
    enum vt_error err = catalogue_lock(self->gallery->catalogue);

    catalogue_rollback(self->gallery->catalogue); /* nothing was written */
    return err;
}

/* Reads and writes one batch. What was read before an error is kept. */
static enum vt_error do_batch(struct rescanning *self)
{
    enum vt_error err = wait_for_noted(self), stopped;
    int64_t done;

    if (err == VT_OK)
        err = list_items(self);
    if (err != VT_OK)
        return err;
    stopped = read_items(self);
    if (self->count > 0)
        err = write_items(self);
    if (err != VT_OK)
        return err;
    tell_problems(self);
    done = self->is_last ? self->state.to : self->state.done;
    if (!self->is_last && self->count > 0)
        done = self->items[self->count - 1].place;
    err = rescan_advance(self->gallery, self->rescan->state, done);
    if (err == VT_OK)
        self->result->read += self->count;
    self->at = 0;
    return err == VT_OK ? stopped : err;
}

/* Finds where to go on, or begins anew. */
static enum vt_error find_place(struct rescanning *self)
{
    struct rescan_result *result = self->result;
    int fd = self->rescan->state;
    enum vt_error err = VT_OK;

    if (!rescan_read_state(self->gallery, fd, &self->state)) {
        err = new_state(self->gallery, &self->state);
        if (err == VT_OK)
            err = rescan_state_write(fd, &self->state);
    }
    if (err != VT_OK || result->is_begun)
        return err;
    result->is_begun = true;
    return catalogue_count(self->gallery->catalogue, self->state.done, self->state.to,
                           &result->left);
}

enum vt_error upkeep_rescan(struct gallery *gallery, const struct rescan *rescan,
                            struct rescan_result *result, bool *is_done, struct vt_reason *why)
{
    struct rescanning self = {.gallery = gallery, .rescan = rescan, .result = result, .why = why};
    uint64_t until = result->read + rescan->images;
    enum vt_error err = gallery_open(gallery, why);

    *is_done = false;
    self.items = calloc(BATCH, sizeof *self.items);
    if (self.items == NULL)
        err = VT_ERR_MEMORY;
    do {
        if (err == VT_OK)
            err = find_place(&self);
        *is_done = err == VT_OK && self.state.done == self.state.to;
        if (err == VT_OK && !*is_done)
            err = do_batch(&self);
    } while (err == VT_OK && !*is_done && result->read < until);
    free(self.items);
    return err;
}
