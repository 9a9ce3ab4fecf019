/* Limits a process to the parts of the data folder that it works with. The kernel identifies these
 * parts as they were at that time: if one of them is replaced, only a new process can use the new
 * one. */
#include <sys/stat.h>

#include "gallery/internal.h"

static const char *const names[GALLERY_PARTS] = {"uploads", "thumbs", "tmp", "listing",
                                                 "catalogue.sqlite"};

void gallery_confine_by(struct gallery *gallery, gallery_confiner confine)
{
    gallery->confine = confine;
}

void gallery_narrow_by(struct gallery *gallery, gallery_confiner narrow)
{
    gallery->narrow = narrow;
}

enum vt_error gallery_confine(struct gallery *gallery, struct vt_reason *why)
{
    enum vt_error err;

    if (gallery->confine == NULL)
        return VT_OK;
    err = gallery->confine(gallery->config);
    if (err != VT_OK)
        return vt_fail(why, err, "the process cannot be confined to the data folder");
    gallery->confine = NULL;
    return VT_OK;
}

/* The current identity of the part; zeros if it does not exist. */
static struct gallery_part look_at(const struct gallery *gallery, const char *name)
{
    char path[PATH_MAX];
    struct stat status;

    if (gallery_path(gallery, name, path) != VT_OK || stat(path, &status) != 0)
        return (struct gallery_part){0, 0};
    return (struct gallery_part){status.st_dev, status.st_ino};
}

enum vt_error gallery_narrow(struct gallery *gallery, struct vt_reason *why)
{
    enum vt_error err;

    if (gallery->narrow == NULL)
        return VT_OK;
    err = first_page_make_folder(gallery->first_page);
    if (err == VT_OK)
        err = gallery->narrow(gallery->config);
    if (err != VT_OK)
        return vt_fail(why, err, "the process cannot be confined to its part of the data folder");
    for (size_t i = 0; i < GALLERY_PARTS; i++)
        gallery->parts[i] = look_at(gallery, names[i]);
    gallery->narrow = NULL;
    gallery->is_narrowed = true;
    return VT_OK;
}

bool gallery_is_cut_off(struct gallery *gallery, bool failed)
{
    struct stat status;

    failed |= gallery->failed_to_publish;
    gallery->failed_to_publish = false;
    if (!failed || !gallery->is_narrowed || stat(gallery->config->data, &status) != 0)
        return false;
    for (size_t i = 0; i < GALLERY_PARTS; i++) {
        struct gallery_part now = look_at(gallery, names[i]);

        if (now.device != gallery->parts[i].device || now.inode != gallery->parts[i].inode)
            return true;
    }
    return false;
}
