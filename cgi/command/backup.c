/* vitrine backup: a program of its own, because of libarchive, which nothing else needs. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <libgen.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/log.h"
#include "base/outfile.h"
#include "command/archive_out.h"
#include "command/command.h"

#define PIECE 65536
#define FOLDER_MODE 0750
#define ORIGINAL_MODE 0640
#define CATALOGUE_MODE 0600 /* it contains the hashes of tokens */
#define FIRST_LEVELS 256    /* folders of originals, by the first two hex digits of the id */

struct backup {
    struct command admin; /* the first member */
    bool force;
    char *name;   /* of the file in its folder */
    int folder;   /* of the file */
    int standard; /* the archive's descriptor if it goes to standard output; otherwise -1 */
    struct outfile out;
    struct archive_out *archive;
    bool has_folder[FIRST_LEVELS];
    uint64_t total, seen;
    uint64_t images, bytes, damaged, missing, unreadable;
};

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct backup *self = state->input;

    if (key != 'f')
        return command_parse_path(key, argument, state);
    self->force = true;
    return 0;
}

/* ---- the target ---- */

/* From here on messages go to standard error, as the archive uses standard output. */
static enum vt_error take_standard_output(struct backup *self, struct vt_reason *why)
{
    if (isatty(STDOUT_FILENO) == 1)
        return vt_fail(why, VT_ERR_MALFORMED, "an archive is not for a terminal");
    self->standard = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
    if (self->standard < 0 || dup2(STDERR_FILENO, STDOUT_FILENO) < 0)
        return VT_ERR_INTERNAL;
    return VT_OK;
}

static enum vt_error open_target(struct backup *self, struct vt_reason *why)
{
    char copy[PATH_MAX], partial[NAME_MAX + 1];
    struct stat status;

    if (strcmp(self->admin.path, "-") == 0)
        return take_standard_output(self, why);
    if ((size_t)snprintf(copy, sizeof copy, "%s", self->admin.path) >= sizeof copy)
        return vt_fail(why, VT_ERR_MALFORMED, "the path is too long");
    self->name = strdup(basename(copy));
    (void)snprintf(copy, sizeof copy, "%s", self->admin.path); /* basename() may have changed it */
    self->folder = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (self->name == NULL)
        return VT_ERR_MEMORY;
    if (self->folder < 0)
        return vt_fail(why, vt_error_from_errno(errno), "the folder of the file: %s",
                       strerror(errno));
    if (fstatat(self->folder, self->name, &status, 0) == 0 &&
        (!self->force || !S_ISREG(status.st_mode)))
        return vt_fail(why, VT_ERR_NO_SPACE, "%s",
                       S_ISREG(status.st_mode)
                           ? "the file exists already, and is kept; --force replaces it"
                           : "the path exists, and is not a regular file");
    if (snprintf(partial, sizeof partial, "%s.partial", self->name) > NAME_MAX)
        return vt_fail(why, VT_ERR_MALFORMED, "the name is too long");
    return outfile_open(self->folder, partial, CATALOGUE_MODE, &self->out, why);
}

static enum vt_error place(struct backup *self, struct vt_reason *why)
{
    bool taken = false;
    enum vt_error err;

    if (self->standard >= 0)
        return VT_OK;
    err = outfile_place(&self->out, self->name, self->force, &taken);
    if (err == VT_OK && taken)
        return vt_fail(why, VT_ERR_NO_SPACE, "another process has made the file meanwhile");
    return err == VT_OK ? outfile_sync_folder(self->folder) : err;
}

/* ---- the content ---- */

/* Copies as many bytes as were announced to the archive. If the rest cannot be read, it writes
 * zeros, logs that, and sets *whole to false. */
static enum vt_error copy(struct backup *self, const char *path, int fd, uint64_t size,
                          struct digest *digest, bool *whole)
{
    char piece[PIECE];
    enum vt_error err = VT_OK;

    *whole = true;
    while (err == VT_OK && size > 0) {
        size_t len = size < sizeof piece ? (size_t)size : sizeof piece;
        ssize_t got = *whole ? read(fd, piece, len) : 0;

        if (got > 0) {
            len = (size_t)got;
        } else {
            if (*whole)
                log_error("backup: %s cannot be read: %s", path,
                          got < 0 ? strerror(errno) : "it has become shorter");
            *whole = false;
            memset(piece, 0, len);
        }
        if (digest != NULL)
            digest_update(digest, piece, len);
        err = archive_out_write(self->archive, piece, len);
        size -= len;
        if (err == VT_OK && !command_tick(&self->admin, self->seen, self->total))
            err = VT_ERR_STOPPED;
    }
    return err;
}

static enum vt_error add_folder(struct backup *self, const char *path, const struct stat *status)
{
    char folder[] = "uploads/ab";
    char *end = NULL;
    unsigned long level;

    memcpy(folder, path, sizeof folder - 1);
    level = strtoul(folder + strlen("uploads/"), &end, 16);
    if (end == NULL || *end != '\0' || level >= FIRST_LEVELS)
        return VT_ERR_INTERNAL;
    if (self->has_folder[level])
        return VT_OK;
    self->has_folder[level] = true;
    return archive_out_folder(self->archive, folder, FOLDER_MODE, status);
}

static void tell_unreadable(struct backup *self, const struct record *record)
{
    self->unreadable++;
    command_tell_record(&self->admin, "original-unreadable", record);
}

static enum vt_error add_original(void *context, const struct record *record, const char *path,
                                  enum original_state state, int fd)
{
    struct backup *self = context;
    char id[ID_LENGTH + 1] = "";
    uint8_t hash[DIGEST_SIZE];
    struct digest *digest = NULL;
    struct stat status;
    bool whole = true;
    enum vt_error err;

    self->seen++;
    if (state == ORIGINAL_UNREADABLE) {
        tell_unreadable(self, record);
        return VT_OK;
    }
    if (fd < 0) {
        self->missing++;
        command_tell_record(&self->admin, "original-missing", record);
        return VT_OK;
    }
    if (fstat(fd, &status) != 0)
        return VT_ERR_UNAVAILABLE;
    err = add_folder(self, path, &status);
    if (err == VT_OK)
        err = digest_new(&digest);
    if (err == VT_OK)
        err = archive_out_file(self->archive, path, ORIGINAL_MODE, &status);
    if (err == VT_OK)
        err = copy(self, path, fd, (uint64_t)status.st_size, digest, &whole);
    if (err == VT_OK) {
        digest_finish(digest, hash);
        record_write_id(hash, id);
        self->images++;
        self->bytes += (uint64_t)status.st_size;
    }
    if (err == VT_OK && !whole) {
        tell_unreadable(self, record);
    } else if (err == VT_OK && strcmp(id, record->id) != 0) {
        self->damaged++;
        command_tell_record(&self->admin, "original-damaged", record);
    }
    digest_free(digest);
    return err;
}

static enum vt_error add_catalogue(struct backup *self, struct snapshot *snapshot)
{
    static const char path[] = "catalogue.sqlite";
    struct stat status;
    bool whole = true;
    int fd;
    enum vt_error err = upkeep_snapshot_open(snapshot, &fd);

    if (err != VT_OK)
        return err;
    if (fstat(fd, &status) != 0)
        err = VT_ERR_UNAVAILABLE;
    if (err == VT_OK)
        err = archive_out_file(self->archive, path, CATALOGUE_MODE, &status);
    if (err == VT_OK)
        err = copy(self, path, fd, (uint64_t)status.st_size, NULL, &whole);
    (void)close(fd);
    return err == VT_OK && !whole ? VT_ERR_IO : err;
}

static enum vt_error back_up(struct backup *self, struct vt_reason *why)
{
    struct snapshot *snapshot = NULL;
    struct stat status;
    enum vt_error err = open_target(self, why);

    if (err == VT_OK)
        err = gallery_open(self->admin.gallery, why);
    if (err == VT_OK && stat(self->admin.config.data, &status) != 0)
        err = VT_ERR_UNAVAILABLE;
    if (err == VT_OK)
        err = upkeep_snapshot_begin(self->admin.gallery, &snapshot);
    if (err == VT_OK)
        err = archive_out_new(self->standard >= 0 ? self->standard : self->out.fd,
                              command_is_stopped, &self->archive);
    if (err == VT_OK) {
        self->total = upkeep_snapshot_count(snapshot);
        err = archive_out_folder(self->archive, "uploads", FOLDER_MODE, &status);
    }
    if (err == VT_OK)
        err = upkeep_snapshot_each(snapshot, add_original, self);
    if (err == VT_OK)
        err = add_catalogue(self, snapshot);
    if (err == VT_OK)
        err = archive_out_finish(self->archive);
    upkeep_snapshot_free(snapshot);
    return err == VT_OK ? place(self, why) : err;
}

static void clear(struct backup *self)
{
    archive_out_free(self->archive);
    outfile_discard(&self->out);
    free(self->name);
    if (self->folder >= 0)
        (void)close(self->folder);
    if (self->standard >= 0)
        (void)close(self->standard);
}

static void tell_result(struct backup *self)
{
    if (self->admin.json) {
        command_print(&self->admin,
                      json_pack("{s:I, s:I, s:I, s:I, s:I}", "images", (json_int_t)self->images,
                                "bytes", (json_int_t)self->bytes, "damaged",
                                (json_int_t)self->damaged, "missing", (json_int_t)self->missing,
                                "unreadable", (json_int_t)self->unreadable));
    } else if (!self->admin.quiet) {
        command_wipe(&self->admin);
        (void)printf("%" PRIu64 " images, %" PRIu64 " bytes\n", self->images, self->bytes);
    }
}

/* The reader of the archive may stop reading: a signal must end the wait for it. The reader may
 * also end: then the write must fail. */
static void set_signals(void)
{
    static const int ending[] = {SIGINT, SIGTERM};
    struct sigaction action = {.sa_handler = SIG_IGN};

    (void)sigaction(SIGPIPE, &action, NULL); /* none of these can fail */
    for (size_t i = 0; i < sizeof ending / sizeof ending[0]; i++) {
        (void)sigaction(ending[i], NULL, &action);
        action.sa_flags &= ~SA_RESTART;
        (void)sigaction(ending[i], &action, NULL);
    }
}

int main(int argc, char **argv)
{
    static const struct argp_option options[] = {
        {"force", 'f', NULL, 0, "Replace an existing file", 0},
        {"quiet", 'q', NULL, 0, "Print only problems, and no progress", 0},
        {NULL, 0, NULL, 0, NULL, 0}};
    static const struct argp argp = {
        .options = options,
        .parser = parse,
        .children = command_children,
        .args_doc = "FILE",
        .doc = "Writes originals and catalogue, as they are at one moment, to a tar archive, "
               "beside a running gallery. With - the archive goes to standard output.\v"
               "To restore it, extract it into an empty data folder.\n"
               "Exit status: 0 everything is in it, 1 some originals are missing, damaged or "
               "cannot be "
               "read.",
    };
    struct backup self = {.admin = {.noun = "images", .path_is = "file"},
                          .folder = -1,
                          .standard = -1,
                          .out = OUTFILE_INIT};
    struct vt_reason why = {""};
    enum vt_error err;
    int status = command_begin(&self.admin, "backup", &argp, argc, argv);

    if (status != COMMAND_OK)
        return command_end(&self.admin, status);
    gallery_keep_page(self.admin.gallery);
    set_signals();
    err = back_up(&self, &why);
    if (err == VT_OK)
        tell_result(&self);
    else
        status = command_fail(&self.admin, err, &why);
    if (err == VT_OK && self.damaged + self.missing + self.unreadable > 0)
        status = COMMAND_PARTLY;
    clear(&self);
    return command_end(&self.admin, status);
}
