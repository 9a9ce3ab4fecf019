/* How much of the disk the store uses. */
#include <errno.h>
#include <fts.h>
#include <string.h>
#include <sys/stat.h>

#include "gallery/internal.h"
#include "upkeep/upkeep.h"

static void add(struct usage *usage, uint64_t bytes)
{
    usage->files++;
    usage->bytes += bytes;
}

static enum vt_error add_blob(void *context, const struct blob_key *key,
                              const struct blob_status *status)
{
    struct store_usage *usage = context;
    bool is_same = strcmp(key->extension, GALLERY_SAME) == 0;

    if (key->size == 0)
        add(&usage->originals, status->bytes);
    else if (gallery_is_copy(key))
        add(&usage->copies, status->is_shared ? 0 : status->bytes);
    else if (is_same || strcmp(key->extension, GALLERY_WEBP_VARIANT) == 0)
        add(&usage->webp_variants, is_same && status->is_shared ? 0 : status->bytes);
    else
        add(&usage->thumbnails, status->bytes);
    return VT_OK;
}

static enum vt_error add_stray(void *context, const char *path, bool is_stage,
                               const struct blob_status *status)
{
    struct store_usage *usage = context;

    (void)path;
    add(is_stage ? &usage->stages : &usage->strays, status->bytes);
    return VT_OK;
}

static enum vt_error add_row(void *context, const struct record *record)
{
    struct store_usage *usage = context;

    add(&usage->types[record->type], record->bytes);
    return VT_OK;
}

/* Adds up what fsck and rebuild have set aside in lost+found, including whole folders. What cannot
 * be read is left out. */
static enum vt_error add_set_aside(const struct gallery *gallery, struct store_usage *usage)
{
    char path[PATH_MAX];
    char *const paths[] = {path, NULL};
    enum vt_error err = gallery_path(gallery, "lost+found", path);
    FTSENT *entry;
    FTS *tree;

    if (err != VT_OK)
        return err;
    tree = fts_open(paths, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
    if (tree == NULL)
        return vt_error_from_errno(errno);
    while ((entry = fts_read(tree)) != NULL)
        if (entry->fts_info == FTS_F)
            add(&usage->set_aside, (uint64_t)entry->fts_statp->st_size);
    (void)fts_close(tree);
    return VT_OK;
}

enum vt_error upkeep_usage(struct gallery *gallery, struct store_usage *usage)
{
    enum vt_error err = gallery_open(gallery, NULL);

    memset(usage, 0, sizeof *usage);
    if (err == VT_OK)
        err = blobs_walk(gallery->blobs, add_blob, usage);
    if (err == VT_OK)
        err = blobs_walk_strays(gallery->blobs, add_stray, usage);
    if (err == VT_OK)
        err = add_set_aside(gallery, usage);
    return err == VT_OK ? gallery_each(gallery, add_row, usage) : err;
}
