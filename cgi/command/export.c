/* vitrine export */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/log.h"
#include "base/outfile.h"
#include "command/command.h"
#include "command/commands.h"
#include "command/export_name.h"
#include "command/manifest.h"

#define PIECE 65536
#define FOLDER_MODE 0777
#define FILE_MODE 0666
/* A hidden file: no image's name begins with a dot. */
#define PARTIAL ".vitrine-export.partial"
#define MANIFEST_PARTIAL ".vitrine-manifest.partial"

struct exporting {
    struct command admin; /* the first member */
    int folder;
    struct outfile manifest;
    uint64_t total, seen;
    uint64_t written, there, damaged, missing, unreadable;
};

static enum vt_error open_folder(struct exporting *self, struct vt_reason *why)
{
    if (mkdir(self->admin.path, FOLDER_MODE) == 0 || errno == EEXIST)
        self->folder = open(self->admin.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (self->folder >= 0)
        return VT_OK;
    return vt_fail(why, vt_error_from_errno(errno), "the folder: %s", strerror(errno));
}

/* ---- one file ---- */

/* What exists in the folder under a name. */
enum presence {
    FREE,   /* nothing */
    SAME,   /* a file with the image's bytes */
    OTHER,  /* anything else: it is left unchanged */
    UNFIT,  /* the file system does not allow the name */
    FAILED, /* it cannot be determined */
};

static enum presence look(const struct exporting *self, const struct record *record,
                          const char *name)
{
    char id[ID_LENGTH + 1];
    struct stat status;
    enum presence presence = OTHER;
    int fd;

    if (strcasecmp(name, MANIFEST_FILE) == 0)
        return OTHER;
    fd = openat(self->folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0) {
        if (errno == ENOENT)
            return FREE;
        if (errno == ENAMETOOLONG || errno == EINVAL || errno == EILSEQ)
            return UNFIT;
        return errno == ELOOP || errno == ENXIO || errno == EACCES ? OTHER : FAILED;
    }
    if (fstat(fd, &status) != 0)
        presence = FAILED;
    else if (S_ISREG(status.st_mode) && (uint64_t)status.st_size == record->bytes)
        presence = record_read_id(fd, id) == VT_OK && strcmp(id, record->id) == 0 ? SAME : OTHER;
    (void)close(fd);
    return presence;
}

/* The result of copying an original. */
enum copied { COPIED, COPIED_DAMAGED, COPY_UNREADABLE };

/* Copies the original; one that cannot be read is logged. */
static enum vt_error copy(struct exporting *self, const struct record *record, int original,
                          struct outfile *out, enum copied *copied)
{
    char piece[PIECE], id[ID_LENGTH + 1] = "";
    const struct timespec created = {record->created / 1000, record->created % 1000 * 1000000};
    const struct timespec times[2] = {created, created};
    uint8_t hash[DIGEST_SIZE];
    struct digest *digest = NULL;
    ssize_t got = 0;
    enum vt_error err = digest_new(&digest);

    while (err == VT_OK && (got = read(original, piece, sizeof piece)) > 0) {
        digest_update(digest, piece, (size_t)got);
        err = outfile_write(out, piece, (size_t)got);
        if (err == VT_OK && !command_tick(&self->admin, self->seen, self->total))
            err = VT_ERR_STOPPED;
    }
    *copied = COPY_UNREADABLE;
    if (err == VT_OK && got < 0)
        log_error("export: the original %s cannot be read: %s", record->id, strerror(errno));
    if (err == VT_OK && got == 0) {
        digest_finish(digest, hash);
        record_write_id(hash, id);
        (void)futimens(out->fd, times); /* some file systems keep no times, which is no loss */
        *copied = strcmp(id, record->id) == 0 ? COPIED : COPIED_DAMAGED;
    }
    digest_free(digest);
    return err;
}

/* Gives the file the best of its names that is free. A file that has a name with the image's id but
 * other bytes is a damaged copy. */
static enum vt_error place(struct exporting *self, const struct record *record, struct outfile *out,
                           char name[EXPORT_NAME_SIZE])
{
    for (int which = 0; which < EXPORT_NAME_COUNT; which++) {
        bool taken = false;
        enum presence presence;
        enum vt_error err;

        export_name(record, (enum export_name)which, name);
        presence = look(self, record, name);
        if (presence == FAILED)
            return VT_ERR_UNAVAILABLE;
        if (presence == UNFIT || (presence == OTHER && which == EXPORT_NAME_OWN))
            continue;
        err = outfile_place(out, name, which != EXPORT_NAME_OWN, &taken);
        if (err == VT_ERR_MALFORMED || taken)
            continue;
        return err;
    }
    return VT_ERR_UNAVAILABLE;
}

static enum vt_error write_file(struct exporting *self, const struct record *record, int original,
                                char name[EXPORT_NAME_SIZE], enum copied *copied)
{
    struct outfile out = OUTFILE_INIT;
    enum vt_error err = outfile_open(self->folder, PARTIAL, FILE_MODE, &out, NULL);

    *copied = COPY_UNREADABLE;
    if (err == VT_OK)
        err = copy(self, record, original, &out, copied);
    if (err == VT_OK && *copied == COPIED)
        err = place(self, record, &out, name);
    outfile_discard(&out);
    return err;
}

/* Whether the image is in the folder already, under one of its names. */
static bool is_there(const struct exporting *self, const struct record *record,
                     char name[EXPORT_NAME_SIZE])
{
    for (int which = 0; which < EXPORT_NAME_COUNT; which++) {
        export_name(record, (enum export_name)which, name);
        if (look(self, record, name) == SAME)
            return true;
    }
    return false;
}

static enum vt_error add_line(struct exporting *self, const struct record *record, const char *name)
{
    struct buf line = BUF_INIT;
    enum vt_error err;

    manifest_write(&line, record, name);
    err = buf_ok(&line) ? outfile_write(&self->manifest, line.data, line.len) : VT_ERR_MEMORY;
    buf_free(&line);
    return err;
}

/* Counts and reports an original that is left out. */
static void leave_out(struct exporting *self, const struct record *record, const char *kind,
                      uint64_t *count)
{
    (*count)++;
    command_tell_record(&self->admin, kind, record);
}

/* Writes the image's file and its line. */
static enum vt_error export_original(struct exporting *self, const struct record *record,
                                     int original)
{
    char name[EXPORT_NAME_SIZE];
    enum copied copied;
    enum vt_error err = write_file(self, record, original, name, &copied);

    if (err != VT_OK)
        return err;
    if (copied == COPY_UNREADABLE)
        leave_out(self, record, "original-unreadable", &self->unreadable);
    else if (copied == COPIED_DAMAGED)
        leave_out(self, record, "original-damaged", &self->damaged);
    if (copied != COPIED)
        return VT_OK;
    self->written++;
    return add_line(self, record, name);
}

static enum vt_error export_image(void *context, const struct record *record)
{
    struct exporting *self = context;
    char name[EXPORT_NAME_SIZE];
    enum original_state state;
    int original;
    enum vt_error err;

    if (!command_tick(&self->admin, self->seen++, self->total))
        return VT_ERR_STOPPED;
    if (is_there(self, record, name)) {
        self->there++;
        return add_line(self, record, name);
    }
    err = upkeep_open_original(self->admin.gallery, record, &state, &original);
    if (err != VT_OK)
        return err;
    if (state == ORIGINAL_MISSING)
        leave_out(self, record, "original-missing", &self->missing);
    else if (state == ORIGINAL_UNREADABLE)
        leave_out(self, record, "original-unreadable", &self->unreadable);
    if (state != ORIGINAL_OPEN)
        return VT_OK; /* reported, or removed meanwhile */
    err = export_original(self, record, original);
    (void)close(original);
    return err;
}

/* ---- all of them ---- */

static enum vt_error export_all(struct exporting *self, struct vt_reason *why)
{
    struct totals totals;
    bool taken;
    enum vt_error err = gallery_open(self->admin.gallery, why);

    if (err == VT_OK)
        err = gallery_totals(self->admin.gallery, &totals);
    if (err == VT_OK)
        err = open_folder(self, why);
    /* The process that has this file open owns the folder: one export at a time. */
    if (err == VT_OK)
        err = outfile_open(self->folder, MANIFEST_PARTIAL, FILE_MODE, &self->manifest, why);
    if (err == VT_OK) {
        self->total = totals.images;
        err = gallery_each(self->admin.gallery, export_image, self);
    }
    if (err == VT_OK)
        err = outfile_place(&self->manifest, MANIFEST_FILE, true, &taken);
    return err == VT_OK ? outfile_sync_folder(self->folder) : err;
}

static void tell_result(struct exporting *self)
{
    if (self->admin.json) {
        command_print(&self->admin,
                      json_pack("{s:I, s:I, s:I, s:I, s:I}", "written", (json_int_t)self->written,
                                "there", (json_int_t)self->there, "damaged",
                                (json_int_t)self->damaged, "missing", (json_int_t)self->missing,
                                "unreadable", (json_int_t)self->unreadable));
    } else if (!self->admin.quiet) {
        command_wipe(&self->admin);
        (void)printf("%" PRIu64 " images written, %" PRIu64 " were there\n", self->written,
                     self->there);
    }
}

int command_export(int argc, char **argv)
{
    static const struct argp_option options[] = {
        {"quiet", 'q', NULL, 0, "Print only problems, and no progress", 0},
        {NULL, 0, NULL, 0, NULL, 0}};
    static const struct argp argp = {
        .options = options,
        .parser = command_parse_path,
        .children = command_children,
        .args_doc = "DIR",
        .doc = "Writes each original to the folder, under its image's name; and names, tags and "
               "times to " MANIFEST_FILE " beside them, for vitrine import.\v"
               "Existing files that are right are kept; the same command continues after an "
               "interruption.\n"
               "Exit status: 0 everything is there, 1 some originals are missing, damaged or "
               "cannot be "
               "read.",
    };
    struct exporting self = {
        .admin = {.noun = "images", .path_is = "folder"}, .folder = -1, .manifest = OUTFILE_INIT};
    struct vt_reason why = {""};
    enum vt_error err;
    int status = command_begin(&self.admin, "export", &argp, argc, argv);

    if (status != COMMAND_OK)
        return command_end(&self.admin, status);
    gallery_keep_page(self.admin.gallery);
    err = export_all(&self, &why);
    if (err == VT_OK)
        tell_result(&self);
    else
        status = command_fail(&self.admin, err, &why);
    if (err == VT_OK && self.damaged + self.missing + self.unreadable > 0)
        status = COMMAND_PARTLY;
    outfile_discard(&self.manifest);
    if (self.folder >= 0)
        (void)close(self.folder);
    return command_end(&self.admin, status);
}
