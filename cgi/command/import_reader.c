#include "command/import_reader.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"

#define ALBUM_FILES 8 /* that are looked at in a folder */

/* Opens a regular file; -1 if there is none. */
static int open_file(const struct import_reader *reader, const char *path, size_t *len)
{
    int fd = import_list_open(reader->folder, path);
    struct stat status;

    if (fd >= 0 && fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && status.st_size >= 0) {
        *len = (size_t)status.st_size;
        return fd;
    }
    log_warning("import: %s cannot be read", path);
    if (fd >= 0)
        (void)close(fd);
    return -1;
}

/* Reads a JSON file of up to TAKEOUT_SIZE_MAX bytes; NULL if that fails. The caller frees it. */
static char *read_file(const struct import_reader *reader, const char *path, size_t *len)
{
    int fd = open_file(reader, path, len);
    char *data = fd >= 0 && *len <= TAKEOUT_SIZE_MAX ? malloc(*len + 1) : NULL;
    size_t at = 0;
    ssize_t got = 1;

    while (data != NULL && at < *len && got > 0) {
        got = read(fd, data + at, *len - at);
        at += got > 0 ? (size_t)got : 0;
    }
    if (fd >= 0)
        (void)close(fd);
    *len = at;
    return data;
}

static const char *last_part(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash != NULL ? slash + 1 : path;
}

/* Passes over what is said of another picture. */
static void take_takeout(const char *picture, const char *path, struct import_reading *reading)
{
    if (!import_beside_is_of_another(last_part(picture), last_part(path), reading->takeout.title)) {
        reading->beside.takeout = &reading->takeout.photo;
        return;
    }
    log_warning("import: %s is of another picture than %s", path, picture);
    reading->takeout.title[0] = '\0';
}

static void read_takeout(const struct import_reader *reader, const char *picture, const char *path,
                         struct import_reading *reading)
{
    struct timespec clock = {0};
    size_t len = 0;
    char *data = read_file(reader, path, &len);

    (void)clock_gettime(CLOCK_REALTIME, &clock);
    if (data != NULL &&
        takeout_read(data, len, (int64_t)clock.tv_sec * 1000 + clock.tv_nsec / 1000000,
                     &reading->takeout))
        take_takeout(picture, path, reading);
    else
        log_warning("import: %s says nothing of a picture", path);
    free(data);
}

static enum vt_error read_xmp(const struct import_reader *reader, const char *path,
                              struct import_reading *reading, struct vt_reason *why)
{
    size_t len = 0;
    int fd = open_file(reader, path, &len);
    enum vt_error err;

    if (fd < 0)
        return VT_OK;
    err = gallery_read_xmp(reader->gallery, fd, &reading->xmp, why);
    (void)close(fd);
    if (err == VT_OK)
        reading->beside.xmp = &reading->xmp;
    if (err != VT_ERR_INVALID_IMAGE && err != VT_ERR_IMAGE_LIMIT)
        return err;
    log_warning("import: %s cannot be read: %s", path, why->text);
    why->text[0] = '\0';
    return VT_OK;
}

/* ---- albums ---- */

static void name_album(struct import_reader *reader, size_t folder_len, const char *title)
{
    const char *folder = reader->album_of, *name;

    (void)snprintf(reader->album, sizeof reader->album, "%s", title);
    if (title[0] == '\0' && folder_len > 0) { /* then it is called as its folder is */
        reader->album_of[folder_len - 1] = '\0';
        name = last_part(folder);
        text_clean(name, strlen(name), reader->album, sizeof reader->album);
        reader->album_of[folder_len - 1] = '/';
    }
    if (takeout_is_year(reader->album))
        reader->album[0] = '\0';
}

static void find_album(struct import_reader *reader, const char *picture, size_t folder_len)
{
    const char *paths[ALBUM_FILES];
    size_t count = import_beside_albums(reader->beside, picture, paths, ALBUM_FILES);
    bool is_found = false;

    reader->album[0] = '\0';
    for (size_t i = 0; i < count && !is_found; i++) {
        size_t len = 0;
        char title[NAME_SIZE], *data = read_file(reader, paths[i], &len);

        is_found = data != NULL && takeout_read_album(data, len, title);
        if (is_found)
            name_album(reader, folder_len, title);
        free(data);
    }
}

/* Reads the album of the picture's folder, unless it is that of the picture before. */
static enum vt_error read_album(struct import_reader *reader, const char *picture)
{
    const char *slash = strrchr(picture, '/');
    size_t len = slash != NULL ? (size_t)(slash - picture) + 1 : 0;

    if (reader->album_of != NULL && strlen(reader->album_of) == len &&
        strncmp(reader->album_of, picture, len) == 0)
        return VT_OK;
    free(reader->album_of);
    reader->album_of = strndup(picture, len);
    if (reader->album_of == NULL)
        return VT_ERR_MEMORY;
    find_album(reader, picture, len);
    return VT_OK;
}

enum vt_error import_reader_read(struct import_reader *reader, const char *picture,
                                 struct import_reading *reading, struct vt_reason *why)
{
    struct import_beside_files files;
    enum vt_error err = read_album(reader, picture);

    memset(reading, 0, sizeof *reading);
    import_beside_find(reader->beside, picture, &files);
    reading->beside.album = reader->album;
    if (files.json != NULL)
        read_takeout(reader, picture, files.json, reading);
    if (err == VT_OK && files.xmp != NULL)
        err = read_xmp(reader, files.xmp, reading, why);
    reading->is_any =
        reader->album[0] != '\0' || reading->beside.xmp != NULL || reading->beside.takeout != NULL;
    return err;
}

void import_reader_free(struct import_reader *reader)
{
    free(reader->album_of);
    reader->album_of = NULL;
}
