#include "command/import_list.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"

#define MAX_DEPTH 40 /* each level has an open folder; a process may be limited to 64 files */

struct walk {
    struct import_list *list;
    struct stat data;
    struct vt_reason *why;
    int depth;
};

static enum vt_error add_path(struct import_list *list, const char *path)
{
    if (list->count == list->room) {
        size_t room = list->room == 0 ? 256 : 2 * list->room;
        char **paths = reallocarray(list->paths, room, sizeof *paths);

        if (paths == NULL)
            return VT_ERR_MEMORY;
        list->paths = paths;
        list->room = room;
    }
    list->paths[list->count] = strdup(path);
    return list->paths[list->count] != NULL ? (list->count++, VT_OK) : VT_ERR_MEMORY;
}

static int is_shown(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static enum vt_error walk_folder(struct walk *walk, int folder, const char *prefix);

static enum vt_error walk_subfolder(struct walk *walk, int parent, const char *name,
                                    const char *path)
{
    int folder = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    enum vt_error err;

    if (folder < 0) {
        log_warning("import: a folder cannot be read: %s: %s", path, strerror(errno));
        walk->list->passed_over++;
        return VT_OK;
    }
    walk->depth++;
    err = walk_folder(walk, folder, path);
    walk->depth--;
    (void)close(folder);
    return err;
}

static enum vt_error walk_entry(struct walk *walk, int folder, const char *prefix, const char *name)
{
    char path[PATH_MAX];
    struct stat status;

    if (prefix[0] == '\0' && strcmp(name, MANIFEST_FILE) == 0)
        return VT_OK;
    if (snprintf(path, sizeof path, "%s%s%s", prefix, prefix[0] != '\0' ? "/" : "", name) >=
            (int)sizeof path ||
        fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) != 0) {
        walk->list->passed_over++;
        return VT_OK;
    }
    if (S_ISREG(status.st_mode))
        return add_path(walk->list, path);
    if (S_ISDIR(status.st_mode) && walk->depth < MAX_DEPTH)
        return walk_subfolder(walk, folder, name, path);
    walk->list->passed_over++;
    return VT_OK;
}

static enum vt_error walk_folder(struct walk *walk, int folder, const char *prefix)
{
    struct dirent **entries = NULL;
    struct stat status;
    enum vt_error err = VT_OK;
    int count;

    if (fstat(folder, &status) == 0 && status.st_dev == walk->data.st_dev &&
        status.st_ino == walk->data.st_ino)
        return vt_fail(walk->why, VT_ERR_MALFORMED, "the gallery's own folder is in it");
    /* "IMG_10" after "IMG_9". */
    count = scandirat(folder, ".", &entries, is_shown, versionsort);
    if (count < 0)
        return vt_fail(walk->why, errno == ENOMEM ? VT_ERR_MEMORY : VT_ERR_UNAVAILABLE,
                       "a folder cannot be read: %s", strerror(errno));
    for (int i = 0; i < count; i++) {
        if (err == VT_OK)
            err = walk_entry(walk, folder, prefix, entries[i]->d_name);
        free(entries[i]);
    }
    free(entries);
    return err;
}

/* Puts the files of the manifest before the others. */
static enum vt_error sort_by_manifest(struct import_list *list, const struct manifest *manifest)
{
    json_t *places = json_object();
    char **sorted = calloc(list->count + 1, sizeof *sorted);
    size_t at = 0;
    enum vt_error err = places != NULL && sorted != NULL ? VT_OK : VT_ERR_MEMORY;

    /* No manifest contains names that are not UTF-8. */
    for (size_t i = 0; err == VT_OK && i < list->count; i++)
        (void)json_object_set_new(places, list->paths[i], json_integer((json_int_t)i));
    for (size_t i = 0; err == VT_OK && i < manifest_count(manifest); i++) {
        json_t *place = json_object_get(places, manifest_get(manifest, i)->file);
        char **path = place != NULL ? &list->paths[json_integer_value(place)] : NULL;

        if (path != NULL && *path != NULL) {
            sorted[at++] = *path;
            *path = NULL;
        }
    }
    for (size_t i = 0; err == VT_OK && i < list->count; i++)
        if (list->paths[i] != NULL)
            sorted[at++] = list->paths[i];
    json_decref(places);
    if (err != VT_OK) {
        free(sorted);
        return err;
    }
    free(list->paths);
    list->paths = sorted;
    list->room = list->count + 1;
    return VT_OK;
}

enum vt_error import_list_make(int folder, const char *data, const struct manifest *manifest,
                               struct import_list *list, struct vt_reason *why)
{
    struct walk walk = {.list = list, .why = why};
    enum vt_error err;

    *list = IMPORT_LIST_INIT;
    if (stat(data, &walk.data) != 0)
        return vt_fail(why, VT_ERR_UNAVAILABLE, "the data folder cannot be used");
    err = walk_folder(&walk, folder, "");
    return err == VT_OK && manifest != NULL ? sort_by_manifest(list, manifest) : err;
}

void import_list_free(struct import_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->paths[i]);
    free(list->paths);
    *list = IMPORT_LIST_INIT;
}

int import_list_open(int folder, const char *path)
{
    char part[NAME_MAX + 1];
    int at = folder;

    for (;;) {
        size_t len = strcspn(path, "/");
        bool is_last = path[len] == '\0';
        int next, code;

        if (len > NAME_MAX) {
            errno = ENAMETOOLONG;
            next = -1;
        } else {
            memcpy(part, path, len);
            part[len] = '\0';
            /* Without blocking, in case it is a pipe by now. */
            next = openat(at, part,
                          O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC |
                              (is_last ? 0 : O_DIRECTORY));
        }
        code = errno;
        if (at != folder)
            (void)close(at);
        errno = code;
        if (next < 0 || is_last)
            return next;
        at = next;
        path += len + 1;
    }
}
