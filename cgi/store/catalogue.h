/* The catalogue: metadata of the images, behind an interface that SQLite implements first.
 *
 * Every call is one statement of its own unless it stands between catalogue_lock() and
 * catalogue_commit() or catalogue_rollback(). VT_ERR_UNAVAILABLE means that the catalogue is locked
 * by others for too long, unreadable or read-only; VT_ERR_NO_SPACE that its disk is full;
 * VT_ERR_DAMAGED that what is in the file is no catalogue any more. After any failure the catalogue
 * is as it was before the call, and still usable. */
#ifndef VITRINE_STORE_CATALOGUE_H
#define VITRINE_STORE_CATALOGUE_H

#include <stdbool.h>

#include "base/error.h"
#include "store/listing.h"
#include "store/record.h"

struct catalogue;

/* What a damaged catalogue is told as. */
#define CATALOGUE_DAMAGED "the catalogue is damaged: stop the gallery and run: vitrine rebuild"

/* What one is told as that the disk fails to read or write: it may be whole on a disk that works.
 */
#define CATALOGUE_DISK_FAULT                                                                       \
    "the disk fails to read or write the catalogue (input/output error): copy it to another disk"

/* What the failure of an opening is told as; static. */
const char *catalogue_open_words(enum vt_error err);

/* Called for each row of a listing, in order; a result other than VT_OK ends the listing with it.
 * The record is the catalogue's and valid during the call. */
typedef enum vt_error (*catalogue_visit)(void *context, const struct record *record);

/* What of the catalogue a fault is in, and how it is mended. */
enum catalogue_part {
    CATALOGUE_FILE,     /* tables or their indexes: indexes are made again; rows may be lost */
    CATALOGUE_SEARCH,   /* the search index: made again from the rows */
    CATALOGUE_COUNTERS, /* the maintained counters: counted again */
    CATALOGUE_NAMES,    /* the keys that order names: computed again */
    CATALOGUE_PART_COUNT
};

/* Called for each fault that is found, with SQLite's words for it or ours. */
typedef void (*catalogue_fault)(void *context, enum catalogue_part part, const char *text);

/* Called for each deletion that is noted; at is in seconds since 1970. A result other than VT_OK
 * ends the visits with it. */
typedef enum vt_error (*catalogue_visit_deletion)(void *context, const char *id, int64_t at);

/* How the catalogue came to be. */
enum catalogue_origin {
    CATALOGUE_UNSETTLED,       /* it is new, and nobody has looked for originals yet */
    CATALOGUE_SETTLED,         /* the originals are its own */
    CATALOGUE_BESIDE_ORIGINALS /* it was made while there were originals, of which it knew nothing
                                */
};

struct catalogue_ops {
    enum vt_error (*lock)(struct catalogue *);
    enum vt_error (*try_lock)(struct catalogue *);
    enum vt_error (*commit)(struct catalogue *);
    void (*rollback)(struct catalogue *);
    enum vt_error (*find)(struct catalogue *, const char *id, struct record *);
    enum vt_error (*add)(struct catalogue *, struct record *);
    enum vt_error (*change)(struct catalogue *, const struct record *);
    enum vt_error (*remove)(struct catalogue *, const char *id);
    enum vt_error (*note_deletion)(struct catalogue *, const char *id, int64_t at);
    enum vt_error (*find_deletion)(struct catalogue *, const char *id, int64_t *at);
    enum vt_error (*each_deletion)(struct catalogue *, unsigned limit, catalogue_visit_deletion,
                                   void *);
    enum vt_error (*derived)(struct catalogue *, const char *id, uint64_t *bytes);
    enum vt_error (*note_derived)(struct catalogue *, const char *id, uint64_t bytes);
    enum vt_error (*origin)(struct catalogue *, enum catalogue_origin *);
    enum vt_error (*settle)(struct catalogue *, enum catalogue_origin);
    enum vt_error (*renew)(struct catalogue *);
    enum vt_error (*list)(struct catalogue *, const struct listing_query *, catalogue_visit, void *,
                          struct listing_page *);
    enum vt_error (*totals)(struct catalogue *, struct totals *);
    bool (*has_moved)(struct catalogue *);
    enum vt_error (*verify)(struct catalogue *, bool thorough, catalogue_fault, void *);
    enum vt_error (*verify_search)(struct catalogue *, catalogue_fault, void *);
    enum vt_error (*mend)(struct catalogue *, enum catalogue_part);
    enum vt_error (*copy)(struct catalogue *, const char *path);
    void (*close)(struct catalogue *);
};

/* The head of every implementation's own struct. */
struct catalogue {
    const struct catalogue_ops *ops;
};

/* Opens the SQLite catalogue in the file at path, makes or migrates its schema. The caller closes
 * *catalogue, which is NULL after a failure. A schema newer than this program's gives
 * VT_ERR_UNAVAILABLE and is left alone; so does a folder that somebody has claimed. */
enum vt_error catalogue_sqlite_open(const char *path, struct catalogue **catalogue,
                                    struct vt_reason *why) VT_MUST_CHECK;

/* Keeps everybody from opening a catalogue in that folder, by a lock on the folder that each open
 * catalogue shares. VT_ERR_UNAVAILABLE where one is open. The caller gives the claim back by
 * closing the descriptor. */
enum vt_error catalogue_sqlite_claim(const char *folder, int *claim) VT_MUST_CHECK;

/* Visits, in order of arrival, each row that can still be read of a catalogue that may be damaged,
 * of this schema or an older one, and then each deletion that it has noted; *whole tells whether
 * that was all of it. A file that is no database has no rows, and is not whole. Ends with what a
 * visit returns if not VT_OK. A newer schema gives VT_ERR_UNAVAILABLE and *why: it may keep what
 * this program knows nothing of. Only under a claim. */
enum vt_error catalogue_sqlite_salvage(const char *path, catalogue_visit visit,
                                       catalogue_visit_deletion visit_deletion, void *context,
                                       bool *whole, struct vt_reason *why) VT_MUST_CHECK;
#define CATALOGUE_NEWER "the catalogue has schema %d, which is newer than this program's %d"

/* Takes the catalogue's one write lock and begins a transaction; waits up to five seconds.
 * VT_ERR_UNAVAILABLE also where the file at the catalogue's path is not the one that is open. */
VT_MUST_CHECK static inline enum vt_error catalogue_lock(struct catalogue *catalogue)
{
    return catalogue->ops->lock(catalogue);
}

/* The same without waiting: VT_ERR_UNAVAILABLE where somebody has the lock. */
VT_MUST_CHECK static inline enum vt_error catalogue_try_lock(struct catalogue *catalogue)
{
    return catalogue->ops->try_lock(catalogue);
}

/* Makes the transaction durable and gives the lock back; after a failure it is rolled back. The
 * disk may hold all of it nevertheless, and a crash may bring it back until another commit
 * succeeds. */
VT_MUST_CHECK static inline enum vt_error catalogue_commit(struct catalogue *catalogue)
{
    return catalogue->ops->commit(catalogue);
}

/* Undoes the transaction and gives the lock back. Safe where none is open. */
static inline void catalogue_rollback(struct catalogue *catalogue)
{
    catalogue->ops->rollback(catalogue);
}

/* Reads one image; VT_ERR_NOT_FOUND where there is none of that id. */
VT_MUST_CHECK static inline enum vt_error catalogue_find(struct catalogue *catalogue,
                                                         const char *id, struct record *record)
{
    return catalogue->ops->find(catalogue, id, record);
}

/* Adds one image and fills its sequence. The id must not be there yet. */
VT_MUST_CHECK static inline enum vt_error catalogue_add(struct catalogue *catalogue,
                                                        struct record *record)
{
    return catalogue->ops->add(catalogue, record);
}

/* Writes name and tags of the image with the record's id; VT_ERR_NOT_FOUND where there is none. */
VT_MUST_CHECK static inline enum vt_error catalogue_change(struct catalogue *catalogue,
                                                           const struct record *record)
{
    return catalogue->ops->change(catalogue, record);
}

/* Removes one image's row; VT_ERR_NOT_FOUND where there is none. */
VT_MUST_CHECK static inline enum vt_error catalogue_remove(struct catalogue *catalogue,
                                                           const char *id)
{
    return catalogue->ops->remove(catalogue, id);
}

/* Notes that the image was deleted, at a time in seconds since 1970, until it is added again. */
VT_MUST_CHECK static inline enum vt_error catalogue_note_deletion(struct catalogue *catalogue,
                                                                  const char *id, int64_t at)
{
    return catalogue->ops->note_deletion(catalogue, id, at);
}

/* When the image was deleted; VT_ERR_NOT_FOUND where no deletion of it is noted. */
VT_MUST_CHECK static inline enum vt_error catalogue_find_deletion(struct catalogue *catalogue,
                                                                  const char *id, int64_t *at)
{
    return catalogue->ops->find_deletion(catalogue, id, at);
}

/* Visits the newest deletions, limit of them at most, the oldest of these first. */
VT_MUST_CHECK static inline enum vt_error catalogue_each_deletion(struct catalogue *catalogue,
                                                                  unsigned limit,
                                                                  catalogue_visit_deletion visit,
                                                                  void *context)
{
    return catalogue->ops->each_deletion(catalogue, limit, visit, context);
}

/* The bytes that the image's thumbnails and twins were last noted to have; VT_ERR_NOT_FOUND where
 * there is no such image. */
VT_MUST_CHECK static inline enum vt_error catalogue_derived(struct catalogue *catalogue,
                                                            const char *id, uint64_t *bytes)
{
    return catalogue->ops->derived(catalogue, id, bytes);
}

/* Notes these bytes, and has the totals count them instead of those noted before. Listings do not
 * change by it. Does nothing where there is no such image. */
VT_MUST_CHECK static inline enum vt_error catalogue_note_derived(struct catalogue *catalogue,
                                                                 const char *id, uint64_t bytes)
{
    return catalogue->ops->note_derived(catalogue, id, bytes);
}

/* Reads how the catalogue came to be. */
VT_MUST_CHECK static inline enum vt_error catalogue_origin(struct catalogue *catalogue,
                                                           enum catalogue_origin *origin)
{
    return catalogue->ops->origin(catalogue, origin);
}

/* Writes how the catalogue came to be: CATALOGUE_SETTLED or CATALOGUE_BESIDE_ORIGINALS. */
VT_MUST_CHECK static inline enum vt_error catalogue_settle(struct catalogue *catalogue,
                                                           enum catalogue_origin origin)
{
    return catalogue->ops->settle(catalogue, origin);
}

/* Gives the catalogue a new epoch, so that none of its versions is one that it, or a copy of it,
 * has had before. */
VT_MUST_CHECK static inline enum vt_error catalogue_renew(struct catalogue *catalogue)
{
    return catalogue->ops->renew(catalogue);
}

/* Lists one page. Without a search its cost does not grow with the number of images; with one, it
 * is bounded by LISTING_SEARCH_DEPTH. */
VT_MUST_CHECK static inline enum vt_error catalogue_list(struct catalogue *catalogue,
                                                         const struct listing_query *query,
                                                         catalogue_visit visit, void *context,
                                                         struct listing_page *page)
{
    return catalogue->ops->list(catalogue, query, visit, context, page);
}

/* Reads the maintained counters. */
VT_MUST_CHECK static inline enum vt_error catalogue_totals(struct catalogue *catalogue,
                                                           struct totals *totals)
{
    return catalogue->ops->totals(catalogue, totals);
}

/* Whether the file at the catalogue's path is not the open one any more: it was removed, or another
 * was put in its place. What is written to the open one then is lost, so it is to be closed and
 * opened anew. Always false within a transaction. */
static inline bool catalogue_has_moved(struct catalogue *catalogue)
{
    return catalogue->ops->has_moved(catalogue);
}

/* Looks for faults in the file, the counters and the keys of names and, where thorough, compares
 * indexes with the rows. Faults are no failure. */
VT_MUST_CHECK static inline enum vt_error catalogue_verify(struct catalogue *catalogue,
                                                           bool thorough, catalogue_fault fault,
                                                           void *context)
{
    return catalogue->ops->verify(catalogue, thorough, fault, context);
}

/* Compares the search index with the rows. All changes wait meanwhile, so a catalogue in use is to
 * be copied first, and its copy to be asked: upkeep_snapshot_verify_search(). Faults are no
 * failure. */
VT_MUST_CHECK static inline enum vt_error catalogue_verify_search(struct catalogue *catalogue,
                                                                  catalogue_fault fault,
                                                                  void *context)
{
    return catalogue->ops->verify_search(catalogue, fault, context);
}

/* Makes a part again from the rows, between lock and commit. Whether that has helped, another
 * catalogue_verify() tells. */
VT_MUST_CHECK static inline enum vt_error catalogue_mend(struct catalogue *catalogue,
                                                         enum catalogue_part part)
{
    return catalogue->ops->mend(catalogue, part);
}

/* Writes the catalogue as it is at this moment to a new file at path, durably, while others read
 * and write it. After a failure the file is of no use. */
VT_MUST_CHECK static inline enum vt_error catalogue_copy(struct catalogue *catalogue,
                                                         const char *path)
{
    return catalogue->ops->copy(catalogue, path);
}

/* Gives everything back. NULL is allowed. */
static inline void catalogue_close(struct catalogue *catalogue)
{
    if (catalogue != NULL)
        catalogue->ops->close(catalogue);
}

#endif
