#include "support.h"

#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

_Noreturn void support_abort(const char *file, int line, const char *condition)
{
    (void)fprintf(stderr, "%s:%d: %s does not hold\n", file, line, condition);
    abort();
}

/* ---- files ---- */

static char folder[128];
static pid_t owner;

static int remove_entry(const char *path, const struct stat *status, int kind, struct FTW *where)
{
    (void)status;
    (void)kind;
    (void)where;
    return remove(path);
}

static void remove_folder(void)
{
    /* A child that a test forks inherits this handler, but must not remove the folder. */
    if (owner == getpid())
        (void)nftw(folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

const char *support_folder(void)
{
    const char *parent = getenv("TMPDIR");

    if (folder[0] != '\0')
        return folder;
    if (parent == NULL || *parent == '\0')
        parent = "/tmp";
    SUPPORT_MUST((size_t)snprintf(folder, sizeof folder, "%s/vitrine-check-XXXXXX", parent) <
                 sizeof folder);
    SUPPORT_MUST(mkdtemp(folder) != NULL);
    owner = getpid();
    SUPPORT_MUST(atexit(remove_folder) == 0);
    return folder;
}

const char *support_path(const char *parent, const char *name)
{
    static char path[PATH_MAX];

    SUPPORT_MUST((size_t)snprintf(path, sizeof path, "%s/%s", parent, name) < sizeof path);
    return path;
}

void support_config(const char *data, struct config *config)
{
    const char *modules = getenv("VITRINE_TEST_MODULES");
    const char *policy = getenv("VITRINE_TEST_POLICY");
    struct vt_reason why = {""};

    SUPPORT_MUST(setenv("VITRINE_DATA", data, 1) == 0);
    if (modules != NULL)
        SUPPORT_MUST(setenv("VITRINE_MODULE_DIR", modules, 1) == 0);
    if (policy != NULL)
        SUPPORT_MUST(setenv("VITRINE_POLICY_DIR", policy, 1) == 0);
    SUPPORT_MUST(config_load(config, &why) == VT_OK);
}

void support_read_file(const char *path, struct buf *out)
{
    char chunk[4096];
    size_t got;
    FILE *file = fopen(path, "rb");

    SUPPORT_MUST(file != NULL);
    *out = BUF_INIT;
    while ((got = fread(chunk, 1, sizeof chunk, file)) > 0)
        buf_append(out, chunk, got);
    SUPPORT_MUST(ferror(file) == 0);
    SUPPORT_MUST(fclose(file) == 0);
    SUPPORT_MUST(buf_ok(out));
}

void support_write_file(const char *path, const void *data, size_t len)
{
    FILE *file = fopen(path, "wb");

    SUPPORT_MUST(file != NULL);
    SUPPORT_MUST(fwrite(data, 1, len, file) == len);
    SUPPORT_MUST(fclose(file) == 0);
}

static unsigned files;

static int count_entry(const char *path, const struct stat *status, int kind, struct FTW *where)
{
    (void)path;
    (void)where;
    files += kind == FTW_F && S_ISREG(status->st_mode);
    return 0;
}

unsigned support_count_files(const char *parent)
{
    files = 0;
    SUPPORT_MUST(nftw(parent, count_entry, 16, FTW_PHYS) == 0);
    return files;
}

const char *support_subfolder(const char *parent, const char *name)
{
    const char *path = support_path(parent, name);

    SUPPORT_MUST(mkdir(path, 0700) == 0);
    return path;
}

void support_age_file(const char *path, long seconds)
{
    struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, {.tv_sec = time(NULL) - seconds}};

    SUPPORT_MUST(utimensat(AT_FDCWD, path, times, AT_SYMLINK_NOFOLLOW) == 0);
}

/* ---- processes and rows ---- */

int support_wait(pid_t child)
{
    int status = 0;

    SUPPORT_MUST(child > 0);
    SUPPORT_MUST(waitpid(child, &status, 0) == child);
    SUPPORT_MUST(WIFEXITED(status));
    return WEXITSTATUS(status);
}

struct record support_record(unsigned number)
{
    struct record record = {.type = IMAGE_PNG,
                            .width = 64,
                            .height = 48,
                            .bytes = 1000 + number,
                            .created = 1700000000000 + number};

    (void)snprintf(record.id, sizeof record.id, "%032x", number);
    (void)snprintf(record.name, sizeof record.name, "picture %u.png", number);
    record.token_hash[0] = (unsigned char)number;
    record.photo = PHOTO_INIT;
    return record;
}

struct photo support_photo(void)
{
    return (struct photo){.taken_from = PHOTO_TAKEN_BY_FILE,
                          .taken = {1715508671345, 120},
                          .camera = "Nikon P6000",
                          .lens = "6-24mm f/2.7-5.9",
                          .focal_length = 6,
                          .focal_length_35 = 28,
                          .aperture = 5.9,
                          .exposure = 1.0 / 75,
                          .iso = 64,
                          .flash = PHOTO_FLASH_OFF,
                          .has_place = true,
                          .latitude = 43.467448,
                          .longitude = 11.885126,
                          .has_altitude = true,
                          .altitude = -3.5,
                          .rating = 4,
                          .description = "\"Arezzo\", by day; \xe4\xba\xac"};
}

void support_photos_equal(const struct photo *a, const struct photo *b)
{
    ck_assert_int_eq(a->taken_from, b->taken_from);
    ck_assert_int_eq(a->taken.local, b->taken.local);
    ck_assert_int_eq(a->taken.offset, b->taken.offset);
    ck_assert_str_eq(a->camera, b->camera);
    ck_assert_str_eq(a->lens, b->lens);
    ck_assert_double_eq(a->focal_length, b->focal_length);
    ck_assert_double_eq(a->focal_length_35, b->focal_length_35);
    ck_assert_double_eq(a->aperture, b->aperture);
    ck_assert_double_eq(a->exposure, b->exposure);
    ck_assert_uint_eq(a->iso, b->iso);
    ck_assert_int_eq(a->flash, b->flash);
    ck_assert(a->has_place == b->has_place);
    ck_assert_double_eq(a->latitude, b->latitude);
    ck_assert_double_eq(a->longitude, b->longitude);
    ck_assert(a->has_altitude == b->has_altitude);
    ck_assert_double_eq(a->altitude, b->altitude);
    ck_assert_uint_eq(a->rating, b->rating);
    ck_assert_str_eq(a->description, b->description);
    ck_assert_str_eq(a->title, b->title);
    ck_assert_str_eq(a->keywords, b->keywords);
}

/* ---- requests ---- */

static enum vt_error read_body(void *source, void *data, size_t size, size_t *got,
                               struct vt_reason *why)
{
    struct support_request *self = source;
    size_t count = self->len - self->at;

    (void)why;
    if (count > size)
        count = size;
    if (count > self->piece)
        count = self->piece;
    if (count > 0)
        memcpy(data, self->body + self->at, count);
    self->at += count;
    *got = count;
    return VT_OK;
}

void support_request(struct support_request *self, enum http_method method, const char *path,
                     const void *body, size_t len)
{
    *self = (struct support_request){
        .request = {.method = method,
                    .path = path,
                    .query = "",
                    .content_type = "",
                    .content_disposition = "",
                    .accept = "",
                    .authorization = "",
                    .if_none_match = "",
                    .address = "192.0.2.1",
                    .read_body = read_body,
                    .body_source = self},
        .body = body,
        .len = len,
        .piece = 4096,
    };
}
