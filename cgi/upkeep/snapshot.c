/* Copies the store while it runs. Originals never change, so only the catalogue must be from one
 * moment; images removed after that are removed from the copy. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "gallery/internal.h"
#include "upkeep/upkeep.h"

/* If the file system has no locks, the sweep removes stages that were not written for an hour. */
#define FRESHEN_SECONDS 60

struct snapshot {
    struct gallery *source;
    struct gallery copy; /* the source's blobs with the copy of its catalogue */
    struct blob_stage file;
    char path[PATH_MAX]; /* the file's */
    uint64_t images;
    time_t freshened;
    upkeep_snapshot_visit visit;
    void *context;
};

/* SQLite's files of a catalogue. The file itself is removed last: the sweep removes files whose
 * main file is missing. */
static const char *const ends[] = {"-wal", "-shm", ""};

#define END_COUNT (sizeof ends / sizeof ends[0])
#define END_SIZE 8

enum vt_error upkeep_open_original(struct gallery *gallery, const struct record *record,
                                   enum original_state *state, int *fd)
{
    const struct blob_key key = {0, record->id, image_type_extension(record->type)};
    struct record found;
    enum vt_error err = gallery_open(gallery, NULL);

    *fd = -1;
    *state = ORIGINAL_OPEN;
    if (err != VT_OK)
        return err;
    err = blobs_open(gallery->blobs, &key, fd);
    if (err == VT_ERR_NOT_FOUND) {
        err = catalogue_find(gallery->catalogue, record->id, &found);
        *state = ORIGINAL_REMOVED;
        if (err != VT_OK)
            return err == VT_ERR_NOT_FOUND ? VT_OK : err;
        /* The image may have been added again meanwhile; if there is a row, its original was there
         * before. */
        *state = ORIGINAL_OPEN;
        err = blobs_open(gallery->blobs, &key, fd);
    }
    if (err == VT_ERR_NOT_FOUND)
        *state = ORIGINAL_MISSING;
    else if (vt_is_unreadable(err))
        *state = ORIGINAL_UNREADABLE;
    else
        return err;
    return VT_OK;
}

/* Makes the empty file for the copy: a stage, which is held as long as the snapshot exists. It will
 * contain the hashes of tokens. */
static enum vt_error make_file(struct snapshot *self)
{
    enum vt_error err = blobs_stage(self->source->blobs, &self->file);

    if (err == VT_OK && fchmod(self->file.fd, 0600) != 0)
        err = vt_error_from_errno(errno);
    if (err == VT_OK)
        err = gallery_path(self->source, self->file.path, self->path);
    if (err == VT_OK && strlen(self->path) + END_SIZE > PATH_MAX)
        err = VT_ERR_INTERNAL;
    return err;
}

enum vt_error upkeep_snapshot_begin(struct gallery *gallery, struct snapshot **snapshot)
{
    struct snapshot *self = calloc(1, sizeof *self);
    struct totals totals;
    enum vt_error err;

    *snapshot = NULL;
    if (self == NULL)
        return VT_ERR_MEMORY;
    self->source = gallery;
    self->file = BLOB_STAGE_INIT;
    self->freshened = time(NULL);
    err = gallery_open(gallery, NULL);
    if (err == VT_OK)
        err = make_file(self);
    if (err == VT_OK)
        err = catalogue_copy(gallery->catalogue, self->path);
    if (err == VT_OK)
        err = catalogue_sqlite_open(self->path, &self->copy.catalogue, NULL);
    if (err == VT_OK) /* a restored gallery continues from here, but with other entity tags than the
                         source */
        err = catalogue_renew(self->copy.catalogue);
    if (err == VT_OK)
        err = catalogue_totals(self->copy.catalogue, &totals);
    if (err != VT_OK) {
        upkeep_snapshot_free(self);
        return err;
    }
    self->copy.config = gallery->config;
    self->copy.blobs = gallery->blobs;
    self->copy.first_page = gallery->first_page;
    self->images = totals.images;
    *snapshot = self;
    return VT_OK;
}

enum vt_error upkeep_snapshot_verify_search(struct snapshot *snapshot, catalogue_fault fault,
                                            void *context)
{
    return catalogue_verify_search(snapshot->copy.catalogue, fault, context);
}

uint64_t upkeep_snapshot_count(const struct snapshot *snapshot)
{
    return snapshot->images;
}

/* Protects the copy from the sweep, however long it takes to copy the originals. */
static void freshen(struct snapshot *self)
{
    char path[PATH_MAX];
    time_t now = time(NULL);

    if (now - self->freshened < FRESHEN_SECONDS)
        return;
    self->freshened = now;
    for (size_t i = 0; i < END_COUNT; i++) {
        (void)snprintf(path, sizeof path, "%.*s%s", PATH_MAX - END_SIZE, self->path, ends[i]);
        if (utimensat(AT_FDCWD, path, NULL, 0) != 0 && errno != ENOENT)
            log_warning("snapshot: the copy's time cannot be set: %s", strerror(errno));
    }
}

static enum vt_error give(void *context, const struct record *record)
{
    struct snapshot *self = context;
    const struct blob_key key = {0, record->id, image_type_extension(record->type)};
    char path[BLOB_PATH_SIZE];
    enum original_state state;
    int fd;
    enum vt_error err = upkeep_open_original(self->source, record, &state, &fd);

    freshen(self);
    if (err == VT_OK)
        err = blobs_name(self->source->blobs, &key, path);
    if (err == VT_OK && state != ORIGINAL_REMOVED)
        err = self->visit(self->context, record, path, state, fd);
    if (err == VT_OK && state != ORIGINAL_OPEN)
        err = catalogue_remove(self->copy.catalogue, record->id);
    if (fd >= 0)
        (void)close(fd);
    return err;
}

enum vt_error upkeep_snapshot_each(struct snapshot *snapshot, upkeep_snapshot_visit visit,
                                   void *context)
{
    snapshot->visit = visit;
    snapshot->context = context;
    return gallery_each(&snapshot->copy, give, snapshot);
}

enum vt_error upkeep_snapshot_open(struct snapshot *snapshot, int *fd)
{
    char log[PATH_MAX];
    struct stat status;

    catalogue_close(snapshot->copy.catalogue); /* moves its log into the file */
    snapshot->copy.catalogue = NULL;
    (void)snprintf(log, sizeof log, "%.*s%s", PATH_MAX - END_SIZE, snapshot->path, ends[0]);
    *fd = -1;
    if (stat(log, &status) == 0 && status.st_size > 0)
        return VT_ERR_NO_SPACE; /* it could not be moved */
    *fd = open(snapshot->path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    return *fd >= 0 ? VT_OK : vt_error_from_errno(errno);
}

void upkeep_snapshot_free(struct snapshot *snapshot)
{
    char path[PATH_MAX];

    if (snapshot == NULL)
        return;
    catalogue_close(snapshot->copy.catalogue);
    for (size_t i = 0; snapshot->file.blobs != NULL && ends[i][0] != '\0'; i++) {
        (void)snprintf(path, sizeof path, "%.*s%s", PATH_MAX - END_SIZE, snapshot->path, ends[i]);
        if (unlink(path) != 0 && errno != ENOENT)
            log_warning("snapshot: a copy is left for the sweep");
    }
    blobs_stage_free(&snapshot->file);
    free(snapshot);
}
