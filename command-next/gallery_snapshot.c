/* A copy of the store while it runs. Originals never change, so only the catalogue has to be of one
 * moment; what was removed since then is taken out of it. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gallery_internal.h"
#include "gallery_upkeep.h"
#include "log.h"

#define FRESHEN_ROWS                                                                               \
    100 /* between two touches of the copy, which the sweep would take for left behind */

struct snapshot {
    struct gallery *source;
    struct gallery copy; /* the source's blobs with the copy of its catalogue */
    char path[PATH_MAX];
    uint64_t images, done;
    enum vt_error (*visit)(void *context, const struct record *record, const char *path, int fd);
    void *context;
};

enum vt_error gallery_snapshot_begin(struct gallery *gallery, struct snapshot **snapshot)
{
    struct snapshot *self = calloc(1, sizeof *self);
    struct totals totals;
    char name[64];
    enum vt_error err;

    *snapshot = NULL;
    if (self == NULL)
        return VT_ERR_MEMORY;
    (void)snprintf(name, sizeof name, "tmp/snapshot-%ld.sqlite", (long)getpid());
    self->source = gallery;
    err = gallery_open(gallery, NULL);
    if (err == VT_OK)
        err = gallery_path(gallery, name, self->path);
    if (err == VT_OK && unlink(self->path) != 0 && errno != ENOENT)
        err = VT_ERR_UNAVAILABLE;
    if (err == VT_OK)
        err = catalogue_copy(gallery->catalogue, self->path);
    if (err == VT_OK && chmod(self->path, 0600) != 0) /* it has the tokens' hashes */
        err = VT_ERR_UNAVAILABLE;
    if (err == VT_OK)
        err = catalogue_sqlite_open(self->path, &self->copy.catalogue, NULL);
    if (err == VT_OK)
        err = catalogue_totals(self->copy.catalogue, &totals);
    if (err != VT_OK) {
        gallery_snapshot_free(self);
        return err;
    }
    self->copy.config = gallery->config;
    self->copy.blobs = gallery->blobs;
    self->copy.published = gallery->published;
    self->images = totals.images;
    *snapshot = self;
    return VT_OK;
}

uint64_t gallery_snapshot_count(const struct snapshot *snapshot)
{
    return snapshot->images;
}

static enum vt_error give(void *context, const struct record *record)
{
    struct snapshot *self = context;
    const struct blob_key key = {0, record->id, image_type_extension(record->type)};
    char path[BLOB_PATH_SIZE];
    struct record still;
    int fd;
    enum vt_error err = blobs_open(self->source->blobs, &key, &fd);

    if (self->done++ % FRESHEN_ROWS == 0 && utimensat(AT_FDCWD, self->path, NULL, 0) != 0)
        log_warning("snapshot: the copy's time cannot be set");
    if (err == VT_ERR_NOT_FOUND) {
        err = catalogue_find(self->source->catalogue, record->id, &still);
        if (err == VT_OK)
            log_warning("snapshot: %s has a row and no original: run: vitrine fsck", record->id);
        return err == VT_OK || err == VT_ERR_NOT_FOUND
                   ? catalogue_remove(self->copy.catalogue, record->id)
                   : err;
    }
    if (err != VT_OK)
        return err;
    err = blobs_name(self->source->blobs, &key, path);
    if (err == VT_OK)
        err = self->visit(self->context, record, path, fd);
    (void)close(fd);
    return err;
}

enum vt_error gallery_snapshot_each(struct snapshot *snapshot,
                                    enum vt_error (*visit)(void *context,
                                                           const struct record *record,
                                                           const char *path, int fd),
                                    void *context)
{
    snapshot->visit = visit;
    snapshot->context = context;
    return gallery_each(&snapshot->copy, give, snapshot);
}

enum vt_error gallery_snapshot_thumbnail(struct snapshot *snapshot, const struct record *record,
                                         unsigned size, char path[BLOB_PATH_SIZE], int *fd)
{
    const struct blob_key key = {size, record->id, gallery_thumbnail_extension(record)};
    enum vt_error err = blobs_name(snapshot->source->blobs, &key, path);

    return err == VT_OK ? blobs_open(snapshot->source->blobs, &key, fd) : err;
}

enum vt_error gallery_snapshot_open(struct snapshot *snapshot, int *fd)
{
    catalogue_close(snapshot->copy.catalogue); /* takes its log into the file */
    snapshot->copy.catalogue = NULL;
    *fd = open(snapshot->path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    return *fd >= 0 ? VT_OK : vt_error_from_errno(errno);
}

void gallery_snapshot_free(struct snapshot *snapshot)
{
    static const char *const ends[] = {"", "-wal", "-shm"};
    char path[PATH_MAX + 8];

    if (snapshot == NULL)
        return;
    catalogue_close(snapshot->copy.catalogue);
    for (size_t i = 0; snapshot->path[0] != '\0' && i < sizeof ends / sizeof ends[0]; i++) {
        (void)snprintf(path, sizeof path, "%s%s", snapshot->path, ends[i]);
        if (unlink(path) != 0 && errno != ENOENT)
            log_warning("snapshot: a copy is left for the sweep");
    }
    free(snapshot);
}
