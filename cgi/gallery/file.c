/* A stored file's bytes: maps them, hashes them, and describes an image without decoding it. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "gallery/internal.h"
#include "image/exif.h"

enum vt_error gallery_path(const struct gallery *gallery, const char *name, char path[PATH_MAX])
{
    int len = snprintf(path, PATH_MAX, "%s/%s", gallery->config->data, name);

    return len > 0 && len < PATH_MAX ? VT_OK : VT_ERR_INTERNAL;
}

enum vt_error gallery_map(int fd, struct mapping *mapping)
{
    struct stat status;

    *mapping = (struct mapping){NULL, 0};
    if (fstat(fd, &status) != 0)
        return VT_ERR_INTERNAL;
    if (status.st_size == 0)
        return VT_OK;
    mapping->data = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (mapping->data == MAP_FAILED) {
        mapping->data = NULL;
        return VT_ERR_MEMORY;
    }
    mapping->len = (size_t)status.st_size;
    return VT_OK;
}

void gallery_unmap(struct mapping *mapping)
{
    if (mapping->data != NULL && munmap(mapping->data, mapping->len) != 0)
        log_error("gallery: a file stays mapped");
    *mapping = (struct mapping){NULL, 0};
}

/* A disk fault makes pread(2) fail, but kills a process that reads a mapping of the file. */
static enum vt_error fill(int fd, struct mapping *mapping)
{
    size_t at = 0;

    while (at < mapping->len) {
        ssize_t got = pread(fd, (char *)mapping->data + at, mapping->len - at, (off_t)at);

        if (got < 0)
            return vt_error_from_errno(errno);
        if (got == 0)
            return VT_ERR_UNAVAILABLE; /* the file has become shorter */
        at += (size_t)got;
    }
    return VT_OK;
}

enum vt_error gallery_read(int fd, struct mapping *mapping)
{
    struct stat status;
    enum vt_error err;

    *mapping = (struct mapping){NULL, 0};
    if (fstat(fd, &status) != 0)
        return VT_ERR_INTERNAL;
    if (status.st_size == 0)
        return VT_OK;
    mapping->data = mmap(NULL, (size_t)status.st_size, PROT_READ | PROT_WRITE,
                         MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (mapping->data == MAP_FAILED) {
        mapping->data = NULL;
        return VT_ERR_MEMORY;
    }
    mapping->len = (size_t)status.st_size;
    err = fill(fd, mapping);
    if (err != VT_OK)
        gallery_unmap(mapping);
    return err;
}

#define CHUNK 65536

enum vt_error gallery_read_through(int fd)
{
    char chunk[CHUNK];
    off_t at = 0;
    ssize_t got;

    while ((got = pread(fd, chunk, sizeof chunk, at)) > 0)
        at += got;
    if (got == 0)
        return VT_OK;
    log_error("gallery: a stored file cannot be read: %s", strerror(errno));
    return vt_error_from_errno(errno);
}

enum vt_error gallery_hash(int fd, const char *id, bool *same)
{
    char found[ID_LENGTH + 1];
    enum vt_error err = record_read_id(fd, found);

    if (err != VT_OK)
        log_error("gallery: the original %s cannot be read: %s", id, strerror(errno));
    *same = err == VT_OK && strcmp(found, id) == 0;
    return err;
}

bool gallery_is_whole(struct gallery *gallery, const struct record *record)
{
    const struct blob_key key = {0, record->id, image_type_extension(record->type)};
    struct stat status;
    bool whole;
    int fd;
    enum vt_error err = blobs_open(gallery->blobs, &key, &fd);

    if (err != VT_OK)
        return err != VT_ERR_NOT_FOUND && err != VT_ERR_IO; /* a file whose metadata is lost */
    whole = fstat(fd, &status) != 0 || (uint64_t)status.st_size == record->bytes;
    if (whole && gallery_hash(fd, record->id, &whole) != VT_OK)
        whole = false; /* the disk cannot read it; new bytes get another place */
    (void)close(fd);
    return whole;
}

/* Where each type that is turned by EXIF keeps it. In a PNG it comes before the pixels. */
static const struct {
    enum image_type type;
    const char *mark;
    size_t mark_len, skip;
    const char *before; /* or NULL */
} places[] = {{IMAGE_JPEG, "Exif\0\0", 6, 0, NULL}, {IMAGE_PNG, "eXIf", 4, 4, "IDAT"}};

static unsigned find_orientation(const struct mapping *file, enum image_type type)
{
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        const char *data = file->data, *end = NULL, *at;
        size_t len = file->len;

        if (type != places[i].type)
            continue;
        if (places[i].before != NULL)
            end = memmem(data, len, places[i].before, strlen(places[i].before));
        if (end != NULL)
            len = (size_t)(end - data);
        at = memmem(data, len, places[i].mark, places[i].mark_len);
        if (at == NULL || (size_t)(data + len - at) <= places[i].skip)
            return 1;
        return image_exif_orientation(at + places[i].skip,
                                      (size_t)(data + len - at) - places[i].skip);
    }
    return 1;
}

/* Reads the header of a thumbnail, which is upright: false if there is none. */
static bool read_thumbnail(struct gallery *gallery, const char *id, const char *extension,
                           struct image_header *header)
{
    bool read = false;

    for (size_t i = 0; !read && i < GALLERY_THUMBNAIL_SIZES; i++) {
        const struct blob_key key = {gallery_thumbnail_sizes[i], id, extension};
        struct mapping file = {NULL, 0};
        int fd;

        if (blobs_open(gallery->blobs, &key, &fd) != VT_OK)
            continue;
        read = gallery_read(fd, &file) == VT_OK &&
               image_header_read(file.data, file.len, header, NULL) == VT_OK;
        gallery_unmap(&file);
        (void)close(fd);
    }
    return read;
}

static void describe_picture(struct gallery *gallery, const struct mapping *file,
                             const struct image_header *header, struct record *record)
{
    struct image_header thumbnail;
    bool clear = read_thumbnail(gallery, record->id, "webp", &thumbnail);
    bool has_thumbnail = clear || read_thumbnail(gallery, record->id, "jpg", &thumbnail);
    bool turned = find_orientation(file, header->type) >= 5;

    if (has_thumbnail && thumbnail.width != thumbnail.height)
        turned =
            (thumbnail.width > thumbnail.height) != (header->shown_width > header->shown_height);
    record->type = header->type;
    record->width = turned ? header->shown_height : header->shown_width;
    record->height = turned ? header->shown_width : header->shown_height;
    /* Unknown without a thumbnail. A thumbnail that can be transparent is right in any case. */
    record->alpha = clear || (!has_thumbnail && header->type != IMAGE_JPEG);
}

static enum vt_error describe(struct gallery *gallery, int fd, const struct blob_key *key,
                              struct record *record, struct vt_reason *why)
{
    struct mapping file = {NULL, 0};
    struct image_header header;
    char token[TOKEN_SIZE];
    struct stat status;
    bool same = false;
    enum vt_error err = gallery_hash(fd, key->id, &same);

    if (err == VT_OK && !same)
        return vt_fail(why, VT_ERR_INVALID_IMAGE, "the bytes are not those of the id");
    if (err == VT_OK && fstat(fd, &status) != 0)
        err = VT_ERR_UNAVAILABLE;
    if (err == VT_OK)
        err = gallery_read(fd, &file);
    if (err == VT_OK)
        err = image_header_read(file.data, file.len, &header, why);
    if (err == VT_OK && strcmp(image_type_extension(header.type), key->extension) != 0)
        err = vt_fail(why, VT_ERR_INVALID_IMAGE, "the type is not that of the extension");
    if (err == VT_OK)
        err = token_make(token, record->token_hash);
    if (err == VT_OK) {
        memcpy(record->id, key->id, sizeof record->id);
        (void)snprintf(record->name, sizeof record->name, "%s.%s", key->id, key->extension);
        record->bytes = file.len;
        record->created = (int64_t)status.st_mtim.tv_sec * 1000 + status.st_mtim.tv_nsec / 1000000;
        describe_picture(gallery, &file, &header, record);
    }
    explicit_bzero(token, sizeof token);
    gallery_unmap(&file);
    return err;
}

enum vt_error gallery_describe(struct gallery *gallery, const struct blob_key *key,
                               struct record *record, struct vt_reason *why)
{
    int fd;
    enum vt_error err = blobs_open(gallery->blobs, key, &fd);

    memset(record, 0, sizeof *record);
    if (err != VT_OK)
        return err;
    err = describe(gallery, fd, key, record, why);
    (void)close(fd);
    return err;
}
