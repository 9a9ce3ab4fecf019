/* vitrine import: a program of its own, because of the decoders, which no other part of the command
 * needs. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "command/command.h"
#include "command/confined.h"
#include "command/import_beside.h"
#include "command/import_list.h"
#include "command/import_worker.h"
#include "command/manifest.h"

struct importing {
    struct command admin; /* the first member */
    int folder;
    struct manifest *manifest;
    struct import_list list;
    struct import_beside beside;
};

static const char *kind(enum vt_error err)
{
    switch (err) {
    case VT_ERR_UNSUPPORTED:
        return "unsupported-type";
    case VT_ERR_IMAGE_LIMIT:
        return "image-limit";
    case VT_ERR_TOO_LARGE:
        return "too-large";
    case VT_ERR_QUOTA:
        return "quota";
    case VT_ERR_NOT_FOUND:
        return "unreadable";
    case VT_ERR_MEMORY:
        return "memory";
    case VT_ERR_MALFORMED:
        return "bad-description"; /* from the manifest's line */
    default:
        return "invalid-image";
    }
}

static void tell(struct command *admin, const char *path, enum vt_error err, const char *reason)
{
    json_t *subject = command_text(path);

    if (admin->json) {
        command_print(admin, json_pack("{s:s, s:O, s:s}", "kind", kind(err), "subject", subject,
                                       "detail", reason));
    } else if (subject != NULL) {
        command_wipe(admin);
        (void)printf("%s %s: %s\n", kind(err), json_string_value(subject), reason);
    }
    (void)fflush(stdout); /* the process may crash on the next file */
    json_decref(subject);
}

static enum vt_error read_manifest(struct importing *self, struct vt_reason *why)
{
    int fd = openat(self->folder, MANIFEST_FILE, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    struct stat status;
    enum vt_error err = VT_OK;

    if (fd < 0)
        return errno == ENOENT
                   ? VT_OK
                   : vt_fail(why, VT_ERR_UNAVAILABLE, MANIFEST_FILE ": %s", strerror(errno));
    if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode))
        err = vt_fail(why, VT_ERR_MALFORMED, MANIFEST_FILE " is no file");
    if (err == VT_OK)
        err = manifest_read(fd, &self->manifest, why);
    (void)close(fd);
    return err;
}

static enum vt_error import_all(struct importing *self, struct import_counts *counts,
                                struct vt_reason *why)
{
    struct import import = {.admin = &self->admin, .path = self->admin.path, .tell = tell};
    enum vt_error err = confined_check_user(&self->admin.config, why);

    if (err == VT_OK) {
        self->folder = open(self->admin.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (self->folder < 0)
            err = vt_fail(why, errno == ENOENT ? VT_ERR_NOT_FOUND : VT_ERR_UNAVAILABLE,
                          "the folder: %s", strerror(errno));
    }
    if (err == VT_OK)
        err = read_manifest(self, why);
    if (err == VT_OK)
        err = import_list_make(self->folder, self->admin.config.data, self->manifest, &self->list,
                               why);
    if (err == VT_OK)
        err = import_beside_take(&self->list, &self->beside);
    if (err != VT_OK)
        return err;
    import.beside = &self->beside;
    import.folder = self->folder;
    import.list = &self->list;
    import.manifest = self->manifest;
    return import_worker_run(&import, counts, why);
}

static void tell_result(struct importing *self, const struct import_counts *counts)
{
    if (self->admin.json) {
        command_print(&self->admin,
                      json_pack("{s:I, s:I, s:I, s:I}", "imported", (json_int_t)counts->imported,
                                "known", (json_int_t)counts->known, "refused",
                                (json_int_t)counts->refused, "passed_over",
                                (json_int_t)self->list.passed_over));
    } else if (!self->admin.quiet) {
        command_wipe(&self->admin);
        (void)printf("%" PRIu64 " images imported, %" PRIu64 " known already, %" PRIu64
                     " files refused\n",
                     counts->imported, counts->known, counts->refused);
    }
}

int main(int argc, char **argv)
{
    static const struct argp_option options[] = {
        {"quiet", 'q', NULL, 0, "Print only refused files, and no progress", 0},
        {NULL, 0, NULL, 0, NULL, 0}};
    static const struct argp argp = {
        .options = options,
        .parser = command_parse_path,
        .children = command_children,
        .args_doc = "DIR",
        .doc =
            "Adds each file below the folder as an upload does, beside a running gallery. If the "
            "folder contains " MANIFEST_FILE " of vitrine export, names, tags and times come "
            "from it. What other programs have written beside pictures is read: XMP, and the JSON "
            "of Google Takeout.\v"
            "Known files are skipped; the same command continues after an interruption.\n"
            "Exit status: 0 every file is in the gallery, 1 some files were refused.",
    };
    struct importing self = {.admin = {.noun = "files", .path_is = "folder"},
                             .folder = -1,
                             .list = IMPORT_LIST_INIT,
                             .beside = IMPORT_BESIDE_INIT};
    struct import_counts counts = {0, 0, 0};
    struct vt_reason why = {""};
    enum vt_error err;
    int status = command_begin(&self.admin, "import", &argp, argc, argv);

    if (status != COMMAND_OK)
        return command_end(&self.admin, status);
    self.admin.config.pool = POOL_IMAGE; /* it does that pool's work, in that pool's sandbox */
    gallery_keep_page(self.admin.gallery);
    err = import_all(&self, &counts, &why);
    if (err == VT_OK || err == VT_ERR_STOPPED)
        tell_result(&self, &counts);
    if (err != VT_OK)
        status = command_fail(&self.admin, err, &why);
    else if (counts.refused > 0)
        status = COMMAND_PARTLY;
    import_list_free(&self.list);
    import_beside_free(&self.beside);
    manifest_free(self.manifest);
    if (self.folder >= 0)
        (void)close(self.folder);
    return command_end(&self.admin, status);
}
