/* Blobs: originals and thumbnails, behind an interface. Its first implementation is a folder.
 *
 * A blob is immutable and named by its key. New bytes are staged in a temporary file on the same
 * file system and become a blob by one rename, so a reader sees all of a blob or none of it. */
#ifndef VITRINE_STORE_BLOBS_H
#define VITRINE_STORE_BLOBS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "base/error.h"

#define BLOB_PATH_SIZE 128

struct blobs;

/* The name of a blob. The strings come from Vitrine's own tables and checked ids, never from a
 * client's file name. */
struct blob_key {
    unsigned size;         /* of a thumbnail: its longest side in pixels; 0 for an original */
    const char *id;        /* record_is_id() */
    const char *extension; /* without the dot */
};

/* Bytes that are to become a blob. The caller that stages them frees the stage; freeing discards
 * what was not published. If a process ends without freeing its stage, the next sweep removes it.
 */
struct blob_stage {
    struct blobs *blobs;
    int fd; /* open for reading and writing */
    char path[BLOB_PATH_SIZE];
};

#define BLOB_STAGE_INIT ((struct blob_stage){NULL, -1, ""})

/* What is known of a blob without reading it. */
struct blob_status {
    time_t modified;
    uint64_t bytes;
    bool held;       /* a stage that a running process is working on */
    bool is_shared;  /* its bytes have another name (a hard link) */
    bool unreadable; /* nothing more is known: modified is now, bytes is 0 */
};

/* The free space of the disk, and its size. Both numbers of files are 0 if the file system creates
 * inodes on demand. */
struct blobs_space {
    uint64_t free_bytes, bytes;
    uint64_t free_files, files;
};

/* Called for each blob found; the key's strings are valid during the call. */
typedef enum vt_error (*blobs_visit)(void *context, const struct blob_key *key,
                                     const struct blob_status *status);

/* Called for each file that is not a blob, and for each entry of a folder that does not belong
 * there; path is relative to the store. is_stage is true for the stage of an upload, in progress or
 * left behind. */
typedef enum vt_error (*blobs_visit_stray)(void *context, const char *path, bool is_stage,
                                           const struct blob_status *status);

struct blobs_ops {
    enum vt_error (*stage)(struct blobs *, struct blob_stage *);
    enum vt_error (*write)(struct blob_stage *, const void *, size_t);
    enum vt_error (*sync)(struct blob_stage *);
    enum vt_error (*publish)(struct blob_stage *, const struct blob_key *);
    enum vt_error (*link)(struct blobs *, const struct blob_key *, const struct blob_key *);
    void (*discard)(struct blob_stage *);
    enum vt_error (*open)(struct blobs *, const struct blob_key *, int *);
    enum vt_error (*look)(struct blobs *, const struct blob_key *, struct blob_status *);
    enum vt_error (*remove)(struct blobs *, const struct blob_key *);
    enum vt_error (*walk)(struct blobs *, blobs_visit, void *);
    enum vt_error (*walk_strays)(struct blobs *, blobs_visit_stray, void *);
    enum vt_error (*staged)(struct blob_stage *, uint64_t *);
    enum vt_error (*sweep_stages)(struct blobs *, time_t, unsigned *);
    enum vt_error (*name)(const struct blob_key *, char[BLOB_PATH_SIZE]);
    enum vt_error (*set_aside)(struct blobs *, const char *path);
    enum vt_error (*space)(struct blobs *, struct blobs_space *);
    enum vt_error (*check)(struct blobs *, uint64_t *);
    void (*close)(struct blobs *);
};

/* The first member of every implementation's own struct. */
struct blobs {
    const struct blobs_ops *ops;
};

/* Opens the store in a data folder, which must exist, and makes its subfolders. The caller closes
 * *blobs, which is NULL after a failure. */
enum vt_error blobs_dir_open(const char *data, struct blobs **blobs,
                             struct vt_reason *why) VT_MUST_CHECK;

/* Begins a stage. The caller frees it with blobs_stage_free() in every case. */
VT_MUST_CHECK static inline enum vt_error blobs_stage(struct blobs *blobs, struct blob_stage *stage)
{
    return blobs->ops->stage(blobs, stage);
}

/* Appends all len bytes. VT_ERR_NO_SPACE on a full disk. */
VT_MUST_CHECK static inline enum vt_error blobs_stage_write(struct blob_stage *stage,
                                                            const void *data, size_t len)
{
    return stage->blobs->ops->write(stage, data, len);
}

/* Makes the staged bytes durable. Call it before blobs_stage_publish() and outside any lock: this
 * is the slow part. */
VT_MUST_CHECK static inline enum vt_error blobs_stage_sync(struct blob_stage *stage)
{
    return stage->blobs->ops->sync(stage);
}

/* Makes the stage the blob of that key, durably, and replaces an existing one. The descriptor stays
 * open until the stage is freed. */
VT_MUST_CHECK static inline enum vt_error blobs_stage_publish(struct blob_stage *stage,
                                                              const struct blob_key *key)
{
    return stage->blobs->ops->publish(stage, key);
}

/* Gives a blob a second name, durably, which takes no space; an existing blob of that name is left.
 * Both are of the same image. VT_ERR_UNSUPPORTED if the file system has no hard
 * links; VT_ERR_NOT_FOUND if the blob does not exist. */
VT_MUST_CHECK static inline enum vt_error blobs_link(struct blobs *blobs,
                                                     const struct blob_key *blob,
                                                     const struct blob_key *name)
{
    return blobs->ops->link(blobs, blob, name);
}

/* Adds up the bytes of all stages that were begun before this one and still exist. */
VT_MUST_CHECK static inline enum vt_error blobs_stage_before(struct blob_stage *stage,
                                                             uint64_t *bytes)
{
    return stage->blobs->ops->staged(stage, bytes);
}

/* Closes the stage and discards what was not published. Safe on BLOB_STAGE_INIT. */
static inline void blobs_stage_free(struct blob_stage *stage)
{
    if (stage->blobs != NULL)
        stage->blobs->ops->discard(stage);
    *stage = BLOB_STAGE_INIT;
}

/* Opens a blob for reading; the caller closes *fd. VT_ERR_NOT_FOUND if there is none. */
VT_MUST_CHECK static inline enum vt_error blobs_open(struct blobs *blobs,
                                                     const struct blob_key *key, int *fd)
{
    return blobs->ops->open(blobs, key, fd);
}

/* Reports what is known of a blob without opening it. VT_ERR_NOT_FOUND if there is none. */
VT_MUST_CHECK static inline enum vt_error blobs_look(struct blobs *blobs,
                                                     const struct blob_key *key,
                                                     struct blob_status *status)
{
    return blobs->ops->look(blobs, key, status);
}

/* Removes a blob. It is no error if there is none. */
VT_MUST_CHECK static inline enum vt_error blobs_remove(struct blobs *blobs,
                                                       const struct blob_key *key)
{
    return blobs->ops->remove(blobs, key);
}

/* Visits every blob in no particular order and skips files that do not belong to the store. A file
 * whose status cannot be read is logged and visited as unreadable. A folder that cannot be read is
 * logged and skipped; the walk visits the others and then ends with that error. */
VT_MUST_CHECK static inline enum vt_error blobs_walk(struct blobs *blobs, blobs_visit visit,
                                                     void *context)
{
    return blobs->ops->walk(blobs, visit, context);
}

/* Visits what blobs_walk() skips in the store's folders, in no particular order. */
VT_MUST_CHECK static inline enum vt_error blobs_walk_strays(struct blobs *blobs,
                                                            blobs_visit_stray visit, void *context)
{
    return blobs->ops->walk_strays(blobs, visit, context);
}

/* Writes the path of a blob, relative to the store: for people, and for blobs_set_aside(). */
VT_MUST_CHECK static inline enum vt_error blobs_name(struct blobs *blobs,
                                                     const struct blob_key *key,
                                                     char path[BLOB_PATH_SIZE])
{
    return blobs->ops->name(key, path);
}

/* Moves what is at the path, given by blobs_name() or blobs_walk_strays(), to the folder
 * lost+found, under an unused name made from its path. It is no error if nothing is there. */
VT_MUST_CHECK static inline enum vt_error blobs_set_aside(struct blobs *blobs, const char *path)
{
    return blobs->ops->set_aside(blobs, path);
}

/* Removes the stages that no process holds, which killed processes have left, and adds the number
 * of those with content to *removed. An empty stage may belong to a running process that has
 * created but not yet locked it; that process then makes another one, see blobs_stage(). On a file
 * system without locks, where this cannot be told, stages last written before that time are
 * removed. */
VT_MUST_CHECK static inline enum vt_error blobs_sweep_stages(struct blobs *blobs, time_t before,
                                                             unsigned *removed)
{
    return blobs->ops->sweep_stages(blobs, before, removed);
}

/* Asks how full the disk is, by one system call. */
VT_MUST_CHECK static inline enum vt_error blobs_space(struct blobs *blobs,
                                                      struct blobs_space *space)
{
    return blobs->ops->space(blobs, space);
}

/* Checks whether blobs can be added now, by writing a file, once a second at most:
 * VT_ERR_UNAVAILABLE on a read-only store, VT_ERR_NO_SPACE if the disk has no space or no inodes
 * left. *free_bytes is the space that is left. */
VT_MUST_CHECK static inline enum vt_error blobs_check(struct blobs *blobs, uint64_t *free_bytes)
{
    return blobs->ops->check(blobs, free_bytes);
}

/* Gives everything back. NULL is allowed. */
static inline void blobs_close(struct blobs *blobs)
{
    if (blobs != NULL)
        blobs->ops->close(blobs);
}

#endif
