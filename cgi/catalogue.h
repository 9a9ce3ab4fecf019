/* The catalogue: metadata of the images, behind an interface that SQLite implements first.
 *
 * Every call is one statement of its own unless it stands between catalogue_lock() and
 * catalogue_commit() or catalogue_rollback(). VT_ERR_UNAVAILABLE means that the catalogue is locked
 * by others for too long, unreadable or read-only; VT_ERR_NO_SPACE that its disk is full. After any
 * failure the catalogue is as it was before the call, and still usable. */
#ifndef VITRINE_CATALOGUE_H
#define VITRINE_CATALOGUE_H

#include "error.h"
#include "listing.h"
#include "record.h"

struct catalogue;

/* Called for each row of a listing, in order; a result other than VT_OK ends the listing with it.
 * The record is the catalogue's and valid during the call. */
typedef enum vt_error (*catalogue_visit)(void *context, const struct record *record);

struct catalogue_ops {
    enum vt_error (*lock)(struct catalogue *);
    enum vt_error (*try_lock)(struct catalogue *);
    enum vt_error (*commit)(struct catalogue *);
    void (*rollback)(struct catalogue *);
    enum vt_error (*find)(struct catalogue *, const char *id, struct record *);
    enum vt_error (*add)(struct catalogue *, struct record *);
    enum vt_error (*change)(struct catalogue *, const struct record *);
    enum vt_error (*remove)(struct catalogue *, const char *id);
    enum vt_error (*list)(struct catalogue *, const struct listing_query *, catalogue_visit, void *,
                          struct listing_page *);
    enum vt_error (*totals)(struct catalogue *, struct totals *);
    void (*close)(struct catalogue *);
};

/* The head of every implementation's own struct. */
struct catalogue {
    const struct catalogue_ops *ops;
};

/* Opens the SQLite catalogue in the file at path, makes or migrates its schema. The caller closes
 * *catalogue, which is NULL after a failure. A schema newer than this program's gives
 * VT_ERR_UNAVAILABLE and is left alone. */
enum vt_error catalogue_sqlite_open(const char *path, struct catalogue **catalogue,
                                    struct vt_reason *why) VT_MUST_CHECK;

/* Takes the catalogue's one write lock and begins a transaction; waits up to five seconds. */
VT_MUST_CHECK static inline enum vt_error catalogue_lock(struct catalogue *catalogue)
{
    return catalogue->ops->lock(catalogue);
}

/* The same without waiting: VT_ERR_UNAVAILABLE where somebody has the lock. */
VT_MUST_CHECK static inline enum vt_error catalogue_try_lock(struct catalogue *catalogue)
{
    return catalogue->ops->try_lock(catalogue);
}

/* Makes the transaction durable and gives the lock back; after a failure it is rolled back. */
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

/* Gives everything back. NULL is allowed. */
static inline void catalogue_close(struct catalogue *catalogue)
{
    if (catalogue != NULL)
        catalogue->ops->close(catalogue);
}

#endif
