#include "command/import_worker.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "command/confined.h"
#include "command/import_reader.h"
#include "process/sandbox.h"

#define PIECE 65536
#define FILES_OF_A_PROCESS 1000 /* as for a worker: a new process frees what a decoder leaks */
#define NICE 10                 /* as for the image pool: the gallery's visitors come first */

#define TRIES 5 /* of a file while the store is busy, after pauses of 1, 2, 4, 8 seconds */

/* What a process passes on to the next one and to the parent that waits for it. */
struct shared {
    size_t next;     /* the first file that was not processed */
    bool is_decoded; /* the file before that one is being decoded */
    struct import_counts counts;
    enum vt_error err; /* why the import cannot continue */
    struct vt_reason why;
};

/* A process that imports. */
struct job {
    const struct import *import;
    struct shared *shared;
    struct import_reader reader;
};

/* ---- one file ---- */

static enum vt_error send_bytes(struct upload *upload, int fd, struct vt_reason *why)
{
    char piece[PIECE];
    ssize_t got = 0;
    enum vt_error err = VT_OK;

    while (err == VT_OK && (got = read(fd, piece, sizeof piece)) > 0)
        err = gallery_upload_write(upload, piece, (size_t)got);
    return err == VT_OK && got < 0 ? vt_fail(why, VT_ERR_NOT_FOUND, "it cannot be read") : err;
}

static const char *last_part(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash != NULL ? slash + 1 : path;
}

/* What is known of a file besides its bytes; one of the two or neither. */
struct known {
    const struct manifest_entry *entry;
    const struct import_reading *reading;
};

/* The file's name; Takeout has cut long ones, and knows the whole. */
static const char *name_of(const char *path, const struct import_reading *reading)
{
    const char *name = last_part(path);

    return reading != NULL && import_beside_is_title(name, reading->takeout.title)
               ? reading->takeout.title
               : name;
}

static enum vt_error add_file(const struct import *import, const char *path,
                              const struct known *known, int fd, struct added *added,
                              struct vt_reason *why)
{
    const struct manifest_entry *entry = known->entry;
    struct upload *upload = NULL;
    enum vt_error err = gallery_upload_begin(import->admin->gallery, &upload);

    if (err == VT_OK && known->reading != NULL)
        gallery_upload_beside(upload, &known->reading->beside);
    if (err == VT_OK && entry != NULL) {
        struct photo photo;
        const struct gallery_kept kept = {.created = entry->created,
                                          .change = {.name = entry->name,
                                                     .tags = (const char *const *)entry->tags,
                                                     .tag_count = entry->tag_count},
                                          .photo = manifest_photo(entry, &photo) ? &photo : NULL,
                                          .says_set = entry->says_set,
                                          .set_by_person = entry->set_by_person};

        err = gallery_upload_keep(upload, &kept, why);
    }
    if (err == VT_OK)
        err = send_bytes(upload, fd, why);
    if (err == VT_OK)
        err = gallery_upload_finish(upload, name_of(path, known->reading), added, why);
    explicit_bzero(added->token, sizeof added->token); /* nobody could keep it */
    gallery_upload_free(upload);
    return err;
}

/* Whether the error concerns the file, as opposed to the store. */
static bool is_of_the_file(enum vt_error err)
{
    return err == VT_ERR_UNSUPPORTED || err == VT_ERR_INVALID_IMAGE || err == VT_ERR_IMAGE_LIMIT ||
           err == VT_ERR_TOO_LARGE || err == VT_ERR_QUOTA || err == VT_ERR_MALFORMED ||
           err == VT_ERR_MEMORY || err == VT_ERR_NOT_FOUND;
}

/* Adds the file, or what is beside it to an image that is known. */
static enum vt_error import_image(struct job *job, const char *path, const char *id, int fd,
                                  struct added *added, struct vt_reason *why)
{
    struct gallery *gallery = job->import->admin->gallery;
    struct import_reading reading;
    struct known known = {NULL, NULL};
    /* Before a byte is written: a resumed import has already stored most files. */
    enum vt_error err = gallery_get(gallery, id, &added->record);
    bool is_new =
        err == VT_ERR_NOT_FOUND || (err == VT_OK && !gallery_is_whole(gallery, &added->record));

    added->known = !is_new;
    if (err != VT_OK && err != VT_ERR_NOT_FOUND)
        return err;
    if (job->import->manifest != NULL)
        known.entry = manifest_find(job->import->manifest, id);
    err = known.entry == NULL ? import_reader_read(&job->reader, path, &reading, why) : VT_OK;
    if (err == VT_OK && known.entry == NULL && reading.is_any)
        known.reading = &reading;
    if (err == VT_OK && is_new)
        err = add_file(job->import, path, &known, fd, added, why);
    if (err == VT_OK && added->known && known.reading != NULL)
        err = gallery_add_beside(gallery, id, &reading.beside);
    return err;
}

static enum vt_error import_open_file(struct job *job, const char *path, int fd,
                                      struct vt_reason *why)
{
    const struct config *config = &job->import->admin->config;
    struct import_counts *counts = &job->shared->counts;
    char id[ID_LENGTH + 1];
    struct added added;
    struct stat status;
    enum vt_error err;

    if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode))
        return vt_fail(why, VT_ERR_NOT_FOUND, "it is no file any more");
    if ((uint64_t)status.st_size > config->max_upload)
        return vt_fail(why, VT_ERR_TOO_LARGE, "it is larger than VITRINE_MAX_UPLOAD");
    if (record_read_id(fd, id) != VT_OK)
        return vt_fail(why, VT_ERR_NOT_FOUND, "it cannot be read");
    job->shared->is_decoded = true;
    err = import_image(job, path, id, fd, &added, why);
    job->shared->is_decoded = false;
    if (err == VT_OK)
        *(added.known ? &counts->known : &counts->imported) += 1;
    return err;
}

/* Whether the error may pass: others use the store or all room for decodes, and may soon be done.
 */
static bool may_pass(enum vt_error err)
{
    return err == VT_ERR_BUSY || err == VT_ERR_UNAVAILABLE;
}

static enum vt_error try_open_file(struct job *job, const char *path, int fd, struct vt_reason *why)
{
    enum vt_error err = import_open_file(job, path, fd, why);

    for (unsigned i = 0; i + 1 < TRIES && may_pass(err) && lseek(fd, 0, SEEK_SET) == 0; i++) {
        (void)sleep(1U << i);
        err = import_open_file(job, path, fd, why);
    }
    return err;
}

/* Returns an error only if the import cannot continue. */
static enum vt_error import_file(struct job *job, const char *path)
{
    const struct import *import = job->import;
    struct vt_reason why = {""};
    int fd = import_list_open(import->folder, path);
    enum vt_error err;

    if (fd < 0)
        err = vt_fail(&why, VT_ERR_NOT_FOUND, "%s", strerror(errno));
    else
        err = try_open_file(job, path, fd, &why);
    if (fd >= 0)
        (void)close(fd);
    if (err == VT_OK || !is_of_the_file(err)) {
        job->shared->why = why;
        return err;
    }
    job->shared->counts.refused++;
    import->tell(import->admin, path, err, why.text[0] != '\0' ? why.text : vt_strerror(err));
    return VT_OK;
}

/* ---- the process that imports ---- */

static void work(void *context)
{
    struct job *job = context;
    const struct import *import = job->import;
    struct shared *shared = job->shared;
    size_t left = FILES_OF_A_PROCESS;
    time_t granted = 0;
    enum vt_error err = confined_yield(NICE, false);

    if (err == VT_OK)
        err = gallery_start_decoder(import->admin->gallery, false);
    if (err == VT_OK)
        err = confined_enter(&import->admin->config, import->path, &shared->why);
    if (err == VT_OK) {
        gallery_narrow_by(import->admin->gallery, sandbox_confine_changes);
        err = gallery_open(import->admin->gallery, &shared->why);
    }
    while (err == VT_OK && shared->next < import->list->count && left-- > 0 &&
           sandbox_grant_request(&import->admin->config, &granted)) {
        if (!command_tick(import->admin, shared->next, import->list->count)) {
            err = VT_ERR_STOPPED;
            break;
        }
        shared->next++;
        err = import_file(job, import->list->paths[shared->next - 1]);
        if (err != VT_OK)
            shared->next--; /* it was not the file's fault */
    }
    shared->err = err;
    import_reader_free(&job->reader);
    command_wipe(import->admin);
    gallery_free(import->admin->gallery);
    if (!command_flushed())
        shared->err = VT_ERR_UNAVAILABLE;
}

/* ---- the parent ---- */

/* Handles a process that was killed: either by the file that it was decoding, or by something that
 * would kill the next process as well. */
static enum vt_error settle(const struct import *import, struct shared *shared,
                            struct vt_reason *why)
{
    if (!shared->is_decoded)
        return vt_fail(why, VT_ERR_INTERNAL, "the process that imports was killed");
    shared->is_decoded = false;
    shared->counts.refused++;
    import->admin->progress_is_shown = import->admin->shows_progress;
    import->tell(import->admin, import->list->paths[shared->next - 1], VT_ERR_INVALID_IMAGE,
                 "its decoder has crashed, or did not come back");
    return VT_OK;
}

enum vt_error import_worker_run(const struct import *import, struct import_counts *counts,
                                struct vt_reason *why)
{
    struct shared *shared =
        mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    struct job job = {
        import,
        shared,
        {.gallery = import->admin->gallery, .folder = import->folder, .beside = import->beside}};
    enum vt_error err = VT_OK;

    if (shared == MAP_FAILED)
        return VT_ERR_MEMORY;
    while (err == VT_OK && shared->next < import->list->count) {
        size_t before = shared->next;
        int status = 0;

        err = confined_run(work, &job, &status);
        if (err == VT_OK && !(WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SUCCESS)) {
            err = settle(import, shared, why);
        } else if (err == VT_OK) {
            err = shared->err;
            *why = shared->why;
        }
        if (err == VT_OK && shared->next == before) /* the process could not even begin */
            err = vt_fail(why, VT_ERR_UNAVAILABLE, "a limit of this process leaves it no time");
    }
    *counts = shared->counts;
    (void)munmap(shared, sizeof *shared);
    return err;
}
