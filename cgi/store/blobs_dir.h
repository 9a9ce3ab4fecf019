/* Shared by the blobs_dir*.c files, and by nothing else. */
#ifndef VITRINE_STORE_BLOBS_DIR_H
#define VITRINE_STORE_BLOBS_DIR_H

#include <sys/stat.h>
#include <time.h>

#include "store/blobs.h"

struct blobs_dir {
    struct blobs base;
    int data;      /* the data folder */
    time_t probed; /* when the disk was last tried, in seconds of the monotonic clock; 0 if never */
    enum vt_error probe_result;
};

static inline struct blobs_dir *blobs_dir_of(struct blobs *blobs)
{
    return (struct blobs_dir *)blobs; /* base is the first member */
}

/* The status of a blob, from the status of its file. */
static inline struct blob_status blobs_dir_status(const struct stat *file)
{
    return (struct blob_status){.modified = file->st_mtime,
                                .bytes = (uint64_t)file->st_size,
                                .is_shared = file->st_nlink > 1};
}

/* Logs the details, which the client is not told, and maps errno. */
enum vt_error blobs_dir_fail(const char *what, const char *path);

/* Called for each entry of a folder. */
typedef enum vt_error (*blobs_dir_step)(void *context, const char *folder, const char *name);

/* Calls step for each entry of a folder except the dot ones; a missing folder counts as empty. */
enum vt_error blobs_dir_each(struct blobs_dir *self, const char *path, blobs_dir_step step,
                             void *context) VT_MUST_CHECK;

/* Whether a process holds that file of tmp/. */
bool blobs_dir_is_held(struct blobs_dir *self, const char *name) VT_MUST_CHECK;

/* Whether text is one to eight lower-case letters and digits. */
bool blobs_dir_is_extension(const char *text) VT_MUST_CHECK;

/* The folder of a key's blob: "uploads/ab" or "thumbs/320/ab". */
void blobs_dir_folder(const struct blob_key *key, char out[BLOB_PATH_SIZE]);

/* Syncs the folder; makes a folder and those above it, durably. */
enum vt_error blobs_dir_sync_folder(struct blobs_dir *self, const char *path) VT_MUST_CHECK;
enum vt_error blobs_dir_make_folders(struct blobs_dir *self, const char *path) VT_MUST_CHECK;

/* The operations of the same names; blobs_dir_path() is name. */
enum vt_error blobs_dir_path(const struct blob_key *key, char out[BLOB_PATH_SIZE]) VT_MUST_CHECK;
enum vt_error blobs_dir_stage(struct blobs *blobs, struct blob_stage *stage) VT_MUST_CHECK;
enum vt_error blobs_dir_staged(struct blob_stage *stage, uint64_t *bytes) VT_MUST_CHECK;
enum vt_error blobs_dir_walk(struct blobs *blobs, blobs_visit visit, void *context) VT_MUST_CHECK;
enum vt_error blobs_dir_walk_strays(struct blobs *blobs, blobs_visit_stray visit,
                                    void *context) VT_MUST_CHECK;
enum vt_error blobs_dir_sweep_stages(struct blobs *blobs, time_t before,
                                     unsigned *removed) VT_MUST_CHECK;
enum vt_error blobs_dir_set_aside(struct blobs *blobs, const char *path) VT_MUST_CHECK;

#endif
