/* Makes a new catalogue from the originals and what can still be read of the old one.
 *
 *   1  The rows that can be read are written to tmp/salvaged.sqlite, a catalogue.
 *   2  tmp/rebuilt.sqlite gets the originals, in the order of those rows, with the rows of step 1.
 *   3  The old file is linked to another name, its log is set aside, and the new file is renamed
 *      over it.
 *
 * All of it happens under the claim, so that no worker has the catalogue open or can open it. If it
 * ends before step 3, the old catalogue is unchanged; the next run begins at step 1. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "gallery/internal.h"
#include "upkeep/upkeep.h"

#define CATALOGUE "catalogue.sqlite"
#define SALVAGED "tmp/salvaged.sqlite"
#define REBUILT "tmp/rebuilt.sqlite"
#define NAME_ATTEMPTS 100

/* An original that will get a row. */
struct original {
    int64_t created;  /* time of the file if it has no row */
    int64_t sequence; /* of its salvaged row; 0 without one */
    char id[ID_LENGTH + 1];
    enum image_type type;
};

struct rebuilding {
    struct gallery *gallery;
    const struct upkeep_watch *watch;
    upkeep_tell_unreadable tell;
    struct rebuild_result *result;
    struct catalogue *salvaged, *rebuilt;
    struct original *originals;
    size_t count, room;
    uint64_t saved;
};

static enum vt_error fail(const char *what, const char *path)
{
    int code = errno;

    log_error("rebuild: %s %s: %s", what, path, strerror(code));
    return vt_error_from_errno(code);
}

/* Removes a catalogue's file and SQLite's files beside it. */
static void forget(const struct gallery *gallery, const char *name)
{
    static const char *const ends[] = {"", "-wal", "-shm"};
    char part[64], path[PATH_MAX];

    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        (void)snprintf(part, sizeof part, "%s%s", name, ends[i]);
        if (gallery_path(gallery, part, path) == VT_OK && unlink(path) != 0 && errno != ENOENT)
            log_warning("rebuild: %s is left for the sweep", part);
    }
}

static enum vt_error open_new(const struct gallery *gallery, const char *name,
                              struct catalogue **catalogue)
{
    char path[PATH_MAX];
    enum vt_error err = gallery_path(gallery, name, path);

    forget(gallery, name);
    if (err == VT_OK)
        err = catalogue_sqlite_open(path, catalogue, NULL);
    return err == VT_OK ? catalogue_lock(*catalogue) : err;
}

/* ---- step 1: salvage ---- */

/* Texts from a damaged file may not be clean. A name keeps everything that a person put into it,
 * including slashes: it is not a file name. */
static void clean_texts(struct record *record)
{
    char name[NAME_SIZE], tags[TAGS_SIZE], tag[TAG_SIZE];
    size_t at = 0;

    text_clean(record->name, strlen(record->name), name, sizeof name);
    (void)snprintf(record->name, sizeof record->name, "%s", name[0] != '\0' ? name : "untitled");
    tags[0] = '\0';
    for (const char *in = record->tags; *in != '\0';) {
        size_t len = strcspn(in, "\n");

        text_clean(in, len, tag, sizeof tag);
        if (tag[0] != '\0' && at + strlen(tag) + 2 <= sizeof tags)
            at += (size_t)snprintf(tags + at, sizeof tags - at, "%s%s", at > 0 ? "\n" : "", tag);
        in += len;
        in += *in == '\n';
    }
    memcpy(record->tags, tags, sizeof record->tags);
    record_clean_photo(record);
}

static enum vt_error save_row(void *context, const struct record *record)
{
    struct rebuilding *self = context;
    struct record copy = *record, found;
    enum vt_error err = catalogue_find(self->salvaged, record->id, &found);

    if (err != VT_ERR_NOT_FOUND)
        return err; /* damage can make a row appear twice: keep the first */
    clean_texts(&copy);
    self->saved++;
    return catalogue_add(self->salvaged, &copy);
}

static enum vt_error save_deletion(void *context, const char *id, int64_t at)
{
    struct rebuilding *self = context;
    struct record found;
    enum vt_error err = catalogue_find(self->salvaged, id, &found);

    if (err != VT_ERR_NOT_FOUND)
        return err; /* a damaged file has both: keep the image */
    return catalogue_note_deletion(self->salvaged, id, at);
}

static enum vt_error salvage(struct rebuilding *self, struct vt_reason *why)
{
    char path[PATH_MAX];
    enum vt_error err = open_new(self->gallery, SALVAGED, &self->salvaged);

    if (err == VT_OK)
        err = gallery_path(self->gallery, CATALOGUE, path);
    if (err == VT_OK)
        err = catalogue_sqlite_salvage(path, save_row, save_deletion, self, &self->result->whole,
                                       why);
    return err == VT_OK ? catalogue_commit(self->salvaged) : err;
}

/* ---- step 2: build ---- */

static enum vt_error note_original(void *context, const struct blob_key *key,
                                   const struct blob_status *status)
{
    struct rebuilding *self = context;
    struct original *original;
    struct record record;
    enum image_type type;
    int64_t deleted;
    enum vt_error err;

    if (key->size != 0 || !image_type_from_extension(key->extension, &type))
        return VT_OK;
    if (self->count == self->room) {
        size_t room = self->room == 0 ? 1024 : 2 * self->room;

        original = reallocarray(self->originals, room, sizeof *original);
        if (original == NULL)
            return VT_ERR_MEMORY;
        self->originals = original;
        self->room = room;
    }
    err = catalogue_find_deletion(self->salvaged, key->id, &deleted);
    if (err == VT_OK)
        self->result->deleted++; /* the next sweep removes it */
    if (err != VT_ERR_NOT_FOUND)
        return err;
    original = &self->originals[self->count++];
    *original = (struct original){.created = (int64_t)status->modified * 1000, .type = type};
    memcpy(original->id, key->id, sizeof original->id);
    err = catalogue_find(self->salvaged, key->id, &record);
    if (err == VT_OK && record.type == type) {
        original->created = record.created;
        original->sequence = record.sequence;
    }
    return err == VT_ERR_NOT_FOUND ? VT_OK : err;
}

static enum vt_error keep_deletion(void *context, const char *id, int64_t at)
{
    struct rebuilding *self = context;

    return catalogue_note_deletion(self->rebuilt, id, at);
}

/* The order of the old catalogue; originals without a row come last, by the times of their files.
 */
static int compare(const void *left, const void *right)
{
    const struct original *a = left, *b = right;

    if ((a->sequence == 0) != (b->sequence == 0))
        return a->sequence != 0 ? -1 : 1;
    if (a->sequence != b->sequence)
        return a->sequence < b->sequence ? -1 : 1;
    if (a->created != b->created)
        return a->created < b->created ? -1 : 1;
    return strcmp(a->id, b->id);
}

static int compare_times(const void *left, const void *right)
{
    const struct original *a = left, *b = right;

    return a->created != b->created ? (a->created < b->created ? -1 : 1) : compare(left, right);
}

/* Keeps the order of originals with a row, which may differ from that of their times: an import
 * keeps old times. An original without a row goes before the first one that arrived later. */
static void sort(struct rebuilding *self)
{
    int64_t latest = INT64_MIN;

    if (self->count == 0)
        return;
    qsort(self->originals, self->count, sizeof *self->originals, compare);
    for (size_t i = 0; i < self->count && self->originals[i].sequence != 0; i++) {
        struct original *original = &self->originals[i];

        if (original->created > latest)
            latest = original->created;
        original->created = latest;
    }
    qsort(self->originals, self->count, sizeof *self->originals, compare_times);
}

static enum vt_error set_aside(struct rebuilding *self, const struct blob_key *key)
{
    char path[BLOB_PATH_SIZE];
    enum vt_error err = blobs_name(self->gallery->blobs, key, path);

    self->result->refused++;
    return err == VT_OK ? blobs_set_aside(self->gallery->blobs, path) : err;
}

static enum vt_error tell_unreadable(struct rebuilding *self, const struct blob_key *key)
{
    char path[BLOB_PATH_SIZE];
    enum vt_error err = blobs_name(self->gallery->blobs, key, path);

    self->result->unreadable++;
    if (err == VT_OK && self->tell != NULL)
        self->tell(self->watch->context, path);
    return err;
}

static enum vt_error add_original(struct rebuilding *self, const struct original *original)
{
    const struct blob_key key = {0, original->id, image_type_extension(original->type)};
    struct record record, saved;
    enum vt_error err = gallery_describe(self->gallery, &key, &record, NULL);
    bool unreadable = vt_is_unreadable(err);

    if (unreadable)
        err = tell_unreadable(self, &key);
    if (unreadable && original->sequence == 0)
        return err; /* it has no row either: the next run tries it again */
    if (err == VT_ERR_INVALID_IMAGE || err == VT_ERR_UNSUPPORTED)
        return set_aside(self, &key);
    if (err != VT_OK)
        return err;
    if (original->sequence == 0) {
        self->result->made++;
        return catalogue_add(self->rebuilt, &record);
    }
    err = catalogue_find(self->salvaged, original->id, &saved);
    if (err != VT_OK)
        return err;
    if (!unreadable)
        saved.bytes = record.bytes; /* the size of the file */
    self->result->kept++;
    return catalogue_add(self->rebuilt, &saved);
}

static enum vt_error build(struct rebuilding *self)
{
    enum vt_error err = open_new(self->gallery, REBUILT, &self->rebuilt);

    if (err == VT_OK)
        err = catalogue_settle(self->rebuilt, CATALOGUE_SETTLED);
    if (err == VT_OK)
        err = catalogue_each_deletion(self->salvaged, UINT_MAX, keep_deletion, self);
    if (err == VT_OK)
        err = blobs_walk(self->gallery->blobs, note_original, self);
    if (err != VT_OK)
        return err;
    sort(self);
    for (size_t i = 0; err == VT_OK && i < self->count; i++) {
        err = add_original(self, &self->originals[i]);
        if (err == VT_OK && self->watch->tick != NULL &&
            !self->watch->tick(self->watch->context, i + 1, self->count))
            err = VT_ERR_STOPPED;
    }
    if (err == VT_OK)
        err = catalogue_commit(self->rebuilt);
    self->result->lost = self->saved - self->result->kept;
    return err;
}

/* ---- step 3: replace ---- */

static enum vt_error sync_path(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    enum vt_error err = VT_OK;

    if (fd < 0 || fsync(fd) != 0)
        err = fail("sync", path);
    if (fd >= 0)
        (void)close(fd);
    return err;
}

/* Gives the old file a second, unused name. */
static enum vt_error link_old(struct rebuilding *self, const char *catalogue)
{
    char name[80];

    for (int i = 0; i < NAME_ATTEMPTS; i++) {
        enum vt_error err;

        (void)snprintf(name, sizeof name, CATALOGUE ".corrupt-%lld", (long long)time(NULL) + i);
        err = gallery_path(self->gallery, name, self->result->old);
        if (err != VT_OK || link(catalogue, self->result->old) == 0)
            return err;
        if (errno != EEXIST)
            break;
    }
    return fail("keep", catalogue);
}

/* Keeps the old file under a second name, so that the first name always has a file: without one,
 * the gallery would look empty. SQLite's files beside it must go, or they would be taken as the new
 * file's. */
static enum vt_error keep_old(struct rebuilding *self, const char *catalogue)
{
    char beside[PATH_MAX + 8], away[PATH_MAX + 8];
    enum vt_error err;

    if (access(catalogue, F_OK) != 0)
        return VT_OK;
    err = link_old(self, catalogue);
    (void)snprintf(beside, sizeof beside, "%s-wal", catalogue);
    (void)snprintf(away, sizeof away, "%s-wal", self->result->old);
    if (err == VT_OK && rename(beside, away) != 0 && errno != ENOENT)
        err = fail("keep", beside);
    (void)snprintf(beside, sizeof beside, "%s-shm", catalogue);
    if (err == VT_OK && unlink(beside) != 0 && errno != ENOENT)
        err = fail("remove", beside);
    return err;
}

static enum vt_error put_in_place(struct rebuilding *self)
{
    char catalogue[PATH_MAX] = "", rebuilt[PATH_MAX] = "";
    enum vt_error err;

    catalogue_close(self->rebuilt); /* moves its log into the file */
    self->rebuilt = NULL;
    err = gallery_path(self->gallery, CATALOGUE, catalogue);
    if (err == VT_OK)
        err = gallery_path(self->gallery, REBUILT, rebuilt);
    if (err == VT_OK)
        err = sync_path(rebuilt);
    if (err == VT_OK)
        err = first_page_remove(self->gallery->first_page);
    if (err == VT_OK)
        err = keep_old(self, catalogue);
    if (err == VT_OK && rename(rebuilt, catalogue) != 0)
        err = fail("put in place", rebuilt);
    return err == VT_OK ? sync_path(self->gallery->config->data) : err;
}

enum vt_error upkeep_rebuild(struct gallery *gallery, const struct upkeep_watch *watch,
                             upkeep_tell_unreadable tell, struct rebuild_result *result,
                             struct vt_reason *why)
{
    struct rebuilding self = {.gallery = gallery, .watch = watch, .tell = tell, .result = result};
    int claim = -1;
    enum vt_error err = gallery_open_files(gallery, why);

    memset(result, 0, sizeof *result);
    if (err == VT_OK) {
        err = catalogue_sqlite_claim(gallery->config->data, &claim);
        if (err != VT_OK)
            (void)vt_fail(why, err, "the catalogue is in use: stop the gallery first");
    }
    if (err == VT_OK)
        err = salvage(&self, why);
    if (err == VT_OK)
        err = build(&self);
    if (err == VT_OK)
        err = put_in_place(&self);
    catalogue_close(self.salvaged);
    catalogue_close(self.rebuilt);
    if (claim >= 0) {
        forget(gallery, SALVAGED);
        forget(gallery, REBUILT);
        (void)close(claim);
    }
    free(self.originals);
    return err;
}
