/* Walks the folder of blobs: visits blobs, files that do not belong there, and what was left
 * behind. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "store/blobs.h"
#include "store/blobs_dir.h"
#include "store/record.h"

#define SET_ASIDE_ATTEMPTS 1000

/* A walk has one of the two visitors. */
struct walk {
    struct blobs_dir *self;
    blobs_visit visit;
    blobs_visit_stray visit_stray;
    void *context;
    unsigned size;
    bool in_stages;
    bool is_ended;          /* by the visitor */
    enum vt_error not_read; /* the error of a folder that was skipped; VT_OK if none was */
};

/* One folder that cannot be read must not hide all the others. */
static enum vt_error walk_folder(struct walk *walk, const char *path, blobs_dir_step step)
{
    enum vt_error err = blobs_dir_each(walk->self, path, step, walk);

    if (!vt_is_unreadable(err) || walk->is_ended)
        return err;
    walk->not_read = err;
    return VT_OK;
}

/* Passes the visitor's result on. */
static enum vt_error told(struct walk *walk, enum vt_error err)
{
    walk->is_ended = err != VT_OK;
    return err;
}

/* Reports a file or folder that does not belong where it is. */
static enum vt_error tell_stray(struct walk *walk, const char *folder, const char *name)
{
    char path[BLOB_PATH_SIZE + NAME_MAX];
    struct blob_status blob;
    struct stat status;

    if (walk->visit_stray == NULL)
        return VT_OK;
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    if (fstatat(walk->self->data, path, &status, AT_SYMLINK_NOFOLLOW) != 0)
        return errno == ENOENT ? VT_OK : blobs_dir_fail("stat", path);
    blob = blobs_dir_status(&status);
    blob.held = walk->in_stages && blobs_dir_is_held(walk->self, name);
    return told(walk, walk->visit_stray(walk->context, path,
                                        walk->in_stages && S_ISREG(status.st_mode), &blob));
}

/* After a failed stat: one file that cannot be read must not hide all the others. */
static enum vt_error visit_unreadable(struct walk *walk, const struct blob_key *key,
                                      const char *path)
{
    enum vt_error err = errno == ENOENT ? VT_OK : blobs_dir_fail("stat", path);

    if (!vt_is_unreadable(err))
        return err;
    if (walk->visit == NULL)
        return VT_OK;
    return told(walk,
                walk->visit(walk->context, key,
                            &(struct blob_status){.modified = time(NULL), .unreadable = true}));
}

static enum vt_error visit_file(void *context, const char *folder, const char *name)
{
    struct walk *walk = context;
    char path[BLOB_PATH_SIZE], id[ID_LENGTH + 1];
    struct blob_key key = {walk->size, id, name + ID_LENGTH + 1};
    struct blob_status blob;
    struct stat status;
    int len = snprintf(path, sizeof path, "%s/%s", folder, name);

    if (len < 0 || (size_t)len >= sizeof path || strlen(name) <= ID_LENGTH + 1 ||
        name[ID_LENGTH] != '.')
        return tell_stray(walk, folder, name);
    memcpy(id, name, ID_LENGTH);
    id[ID_LENGTH] = '\0';
    if (!record_is_id(id) || !blobs_dir_is_extension(key.extension))
        return tell_stray(walk, folder, name);
    if (fstatat(walk->self->data, path, &status, AT_SYMLINK_NOFOLLOW) != 0)
        return visit_unreadable(walk, &key, path);
    if (!S_ISREG(status.st_mode) || strncmp(id, path + strlen(folder) - 2, 2) != 0)
        return tell_stray(walk, folder, name);
    if (walk->visit == NULL)
        return VT_OK;
    blob = blobs_dir_status(&status);
    return told(walk, walk->visit(walk->context, &key, &blob));
}

static enum vt_error visit_prefix(void *context, const char *folder, const char *name)
{
    struct walk *walk = context;
    char path[BLOB_PATH_SIZE];

    if (strlen(name) != 2 || strspn(name, "0123456789abcdef") != 2)
        return tell_stray(walk, folder, name);
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    return walk_folder(walk, path, visit_file);
}

static enum vt_error visit_size(void *context, const char *folder, const char *name)
{
    struct walk *walk = context;
    char path[BLOB_PATH_SIZE];

    if (strspn(name, "0123456789") != strlen(name) || strlen(name) > 5)
        return tell_stray(walk, folder, name);
    walk->size = (unsigned)strtoul(name, NULL, 10);
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    return walk_folder(walk, path, visit_prefix);
}

static enum vt_error walk_blobs(struct walk *walk)
{
    enum vt_error err = walk_folder(walk, "uploads", visit_prefix);

    return err == VT_OK ? walk_folder(walk, "thumbs", visit_size) : err;
}

enum vt_error blobs_dir_walk(struct blobs *blobs, blobs_visit visit, void *context)
{
    struct walk walk = {.self = blobs_dir_of(blobs), .visit = visit, .context = context};
    enum vt_error err = walk_blobs(&walk);

    return err == VT_OK ? walk.not_read : err;
}

static enum vt_error visit_stage(void *context, const char *folder, const char *name)
{
    return tell_stray(context, folder, name);
}

enum vt_error blobs_dir_walk_strays(struct blobs *blobs, blobs_visit_stray visit, void *context)
{
    struct walk walk = {.self = blobs_dir_of(blobs), .visit_stray = visit, .context = context};
    enum vt_error err = walk_blobs(&walk);

    walk.in_stages = true;
    if (err == VT_OK)
        err = walk_folder(&walk, "tmp", visit_stage);
    return err == VT_OK ? walk.not_read : err;
}

/* Writes a path as one name: "thumbs-320-ab-<id>.jpg", with a suffix if needed to make it unused.
 */
static void flatten(const char *path, int attempt, char *out, size_t size)
{
    int len = attempt == 0 ? snprintf(out, size, "lost+found/%s", path)
                           : snprintf(out, size, "lost+found/%s.%d", path, attempt);

    if (len < 0)
        out[0] = '\0';
    for (char *at = out + strlen("lost+found/"); *at != '\0'; at++)
        if (*at == '/')
            *at = '-';
}

enum vt_error blobs_dir_set_aside(struct blobs *blobs, const char *path)
{
    struct blobs_dir *self = blobs_dir_of(blobs);
    char place[BLOB_PATH_SIZE + NAME_MAX + 32];
    enum vt_error err = blobs_dir_make_folders(self, "lost+found");

    for (int i = 0; err == VT_OK && i < SET_ASIDE_ATTEMPTS; i++) {
        flatten(path, i, place, sizeof place);
        if (renameat2(self->data, path, self->data, place, RENAME_NOREPLACE) == 0)
            return blobs_dir_sync_folder(self, "lost+found");
        if (errno == ENOENT)
            return VT_OK;
        if (errno != EEXIST)
            err = blobs_dir_fail("set aside", path);
    }
    return err == VT_OK ? VT_ERR_INTERNAL : err;
}
