#include "store/first_page.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#define ZLIB_CONST
#include <zlib.h>

#include "base/log.h"

#define FOLDER "listing"
#define FOLDER_MODE 0750 /* nginx reads as the same user or group */
#define FILE_MODE 0640
#define GZIP_LEVEL 5          /* as in nginx's site */
#define GZIP_WINDOW (15 + 16) /* the largest; + 16 asks zlib for gzip's framing */
#define GZIP_MEMORY 8
/* A file's time in seconds is twice the version, plus one for the compressed file. It overflows on
 * no file system before 2^31. */
#define VERSION_MASK ((UINT64_C(1) << 30) - 1)

struct part {
    const char *path;
    const char *staged; /* only one process publishes at a time, so the name need not be unique */
};

static const struct part plain = {FOLDER "/first.json", FOLDER "/new.json"};
static const struct part gzipped = {FOLDER "/first.json.gz", FOLDER "/new.json.gz"};

struct first_page {
    int data; /* the data folder */
};

static enum vt_error fail(const char *what, const char *path)
{
    int code = errno;

    log_error("first page: %s %s: %s", what, path, strerror(code));
    return vt_error_from_errno(code);
}

enum vt_error first_page_open(const char *data, bool keep, struct first_page **first)
{
    struct first_page *self = calloc(1, sizeof *self);
    enum vt_error err;

    *first = NULL;
    if (self == NULL)
        return VT_ERR_MEMORY;
    self->data = open(data, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (self->data < 0) {
        err = fail("open", data);
        free(self);
        return err;
    }
    if (!keep && first_page_remove(self) != VT_OK)
        log_error("first page: the old one cannot be removed, and may be outdated");
    *first = self;
    return VT_OK;
}

void first_page_close(struct first_page *first)
{
    if (first == NULL)
        return;
    (void)close(first->data);
    free(first);
}

static enum vt_error remove_file(struct first_page *self, const char *path)
{
    if (unlinkat(self->data, path, 0) == 0 || errno == ENOENT || errno == ENOTDIR)
        return VT_OK;
    return fail("remove", path);
}

enum vt_error first_page_remove(struct first_page *first)
{
    /* The plain file goes first: while it exists, so must the compressed one, or nginx would
     * compress at each request. */
    enum vt_error err = remove_file(first, plain.path);

    return err == VT_OK ? remove_file(first, gzipped.path) : err;
}

bool first_page_is_there(const struct first_page *first)
{
    return faccessat(first->data, plain.path, F_OK, 0) == 0;
}

enum vt_error first_page_check(const struct first_page *first)
{
    if (faccessat(first->data, FOLDER, W_OK | X_OK, AT_EACCESS) == 0 || errno == ENOENT)
        return VT_OK;
    return VT_ERR_UNAVAILABLE;
}

static enum vt_error compress_page(const struct buf *page, struct buf *out)
{
    z_stream stream = {0};
    uLong bound;
    Bytef *space = NULL;
    enum vt_error err = VT_ERR_MEMORY;

    if (deflateInit2(&stream, GZIP_LEVEL, Z_DEFLATED, GZIP_WINDOW, GZIP_MEMORY,
                     Z_DEFAULT_STRATEGY) != Z_OK)
        return VT_ERR_MEMORY;
    bound = deflateBound(&stream, (uLong)page->len);
    space = malloc(bound);
    if (space != NULL) {
        stream.next_in = (const Bytef *)page->data;
        stream.avail_in = (uInt)page->len;
        stream.next_out = space;
        stream.avail_out = (uInt)bound;
        err = deflate(&stream, Z_FINISH) == Z_STREAM_END ? VT_OK : VT_ERR_INTERNAL;
    }
    if (err == VT_OK) {
        buf_append(out, space, stream.total_out);
        err = buf_ok(out) ? VT_OK : VT_ERR_MEMORY;
    }
    free(space);
    (void)deflateEnd(&stream);
    return err;
}

/* Whether the file, plain or compressed, holds exactly these bytes; a missing file does no harm.
 * zlib reads both forms. */
static bool holds(const struct first_page *self, const struct part *part, const struct buf *page)
{
    int fd = openat(self->data, part->path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    gzFile file = fd >= 0 ? gzdopen(fd, "rb") : NULL;
    char piece[4096];
    size_t at = 0;
    int got;

    if (fd < 0)
        return errno == ENOENT || errno == ENOTDIR;
    if (file == NULL) {
        (void)close(fd);
        return false;
    }
    while ((got = gzread(file, piece, sizeof piece)) > 0 && page->len - at >= (size_t)got &&
           memcmp(page->data + at, piece, (size_t)got) == 0)
        at += (size_t)got;
    return gzclose(file) == Z_OK && got == 0 && at == page->len;
}

bool first_page_holds(const struct first_page *first, const struct buf *page)
{
    return holds(first, &plain, page) && holds(first, &gzipped, page);
}

static enum vt_error write_all(int fd, const struct buf *bytes, const char *path)
{
    size_t done = 0;

    while (done < bytes->len) {
        ssize_t wrote = write(fd, bytes->data + done, bytes->len - done);

        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote < 0)
            return fail("write", path);
        done += (size_t)wrote;
    }
    return VT_OK;
}

/* A file system may not keep every time: then two pages could have the same entity tag. */
static enum vt_error set_time(int fd, time_t seconds, const char *path)
{
    const struct timespec times[] = {{.tv_nsec = UTIME_OMIT}, {.tv_sec = seconds}};
    struct stat status;

    if (futimens(fd, times) != 0 || fstat(fd, &status) != 0)
        return fail("set the time of", path);
    return status.st_mtim.tv_sec == seconds ? VT_OK : VT_ERR_INTERNAL;
}

static enum vt_error stage(struct first_page *self, const struct part *part,
                           const struct buf *bytes, time_t seconds)
{
    int fd = openat(self->data, part->staged, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC,
                    FILE_MODE);
    enum vt_error err;

    if (fd < 0)
        return fail("make", part->staged);
    err = write_all(fd, bytes, part->staged);
    if (err == VT_OK)
        err = set_time(fd, seconds, part->staged);
    if (close(fd) != 0 && err == VT_OK)
        err = fail("close", part->staged);
    return err;
}

static enum vt_error put_in_place(struct first_page *self, const struct part *part)
{
    if (renameat(self->data, part->staged, self->data, part->path) == 0)
        return VT_OK;
    return fail("publish", part->path);
}

enum vt_error first_page_make_folder(const struct first_page *first)
{
    if (mkdirat(first->data, FOLDER, FOLDER_MODE) == 0 || errno == EEXIST)
        return VT_OK;
    return fail("make", FOLDER);
}

enum vt_error first_page_write(struct first_page *first, const struct buf *page, uint64_t version)
{
    time_t seconds = (time_t)((version & VERSION_MASK) * 2);
    struct buf compressed = BUF_INIT;
    enum vt_error err = compress_page(page, &compressed);

    if (err == VT_OK)
        err = first_page_make_folder(first);
    if (err == VT_OK)
        err = stage(first, &gzipped, &compressed, seconds + 1);
    if (err == VT_OK)
        err = stage(first, &plain, page, seconds);
    if (err == VT_OK)
        err = put_in_place(first, &gzipped);
    if (err == VT_OK)
        err = put_in_place(first, &plain);
    if (err != VT_OK) {
        /* None of these existed before, so a failure leaves nothing that matters. */
        (void)unlinkat(first->data, gzipped.staged, 0);
        (void)unlinkat(first->data, plain.staged, 0);
        (void)unlinkat(first->data, gzipped.path, 0);
    }
    buf_free(&compressed);
    return err;
}
