/* The catalogue: metadata of the images, behind an interface. Its first implementation is SQLite.
 *
 * Every call is a transaction of its own unless it stands between catalogue_lock() and
 * catalogue_commit() or catalogue_rollback(). VT_ERR_UNAVAILABLE means that others have locked the
 * catalogue for too long, or that it is unreadable or read-only; VT_ERR_NO_SPACE that its disk is
 * full; VT_ERR_DAMAGED that the file no longer holds a valid catalogue. After any failure the
 * catalogue is as it was before the call, and still usable. */
#ifndef VITRINE_STORE_CATALOGUE_H
#define VITRINE_STORE_CATALOGUE_H

#include <stdbool.h>

#include "base/error.h"
#include "store/listing.h"
#include "store/record.h"

struct catalogue;

/* The message for a damaged catalogue. */
#define CATALOGUE_DAMAGED "the catalogue is damaged: stop the gallery and run: vitrine rebuild"

/* The message if the disk fails to read or write the catalogue, which may be intact on a disk that
 * works. */
#define CATALOGUE_DISK_FAULT                                                                       \
    "the disk fails to read or write the catalogue (input/output error): copy it to another disk"

/* The message for a failure to open the catalogue; static. */
const char *catalogue_open_words(enum vt_error err);

/* Called for each row of a listing, in order; a result other than VT_OK ends the listing with it.
 * The catalogue owns the record, which is valid during the call. */
typedef enum vt_error (*catalogue_visit)(void *context, const struct record *record);

/* The part of the catalogue that has a fault, and how it is repaired. */
enum catalogue_part {
    CATALOGUE_FILE,     /* tables or their indexes: indexes are rebuilt; rows may be lost */
    CATALOGUE_SEARCH,   /* the search index: rebuilt from the rows */
    CATALOGUE_COUNTERS, /* the maintained counters: counted again */
    CATALOGUE_NAMES,    /* the keys that order names: recomputed */
    CATALOGUE_PART_COUNT
};

/* Called for each fault that is found, with SQLite's description of it or ours. */
typedef void (*catalogue_fault)(void *context, enum catalogue_part part, const char *text);

/* Called for each recorded deletion; at is in seconds since 1970. A result other than VT_OK ends
 * the visits with it. */
typedef enum vt_error (*catalogue_visit_deletion)(void *context, const char *id, int64_t at);

/* Called for each month that has images, the newest first; month is as "2024-05", and the
 * catalogue owns it. A result other than VT_OK ends the visits with it. */
typedef enum vt_error (*catalogue_visit_month)(void *context, const char *month, uint64_t images);

/* The same for tags, the most used first. */
typedef enum vt_error (*catalogue_visit_tag)(void *context, const char *tag, uint64_t images);

/* The origin of the catalogue. */
enum catalogue_origin {
    CATALOGUE_UNSETTLED,       /* it is new, and nobody has looked for originals yet */
    CATALOGUE_SETTLED,         /* the originals are its own */
    CATALOGUE_BESIDE_ORIGINALS /* it was made while there were originals that it did not know */
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
    enum vt_error (*count)(struct catalogue *, int64_t after, int64_t to, uint64_t *images);
    enum vt_error (*months)(struct catalogue *, catalogue_visit_month, void *, struct totals *);
    enum vt_error (*tags)(struct catalogue *, const char *prefix, unsigned limit,
                          catalogue_visit_tag, void *, struct totals *);
    bool (*has_moved)(struct catalogue *);
    enum vt_error (*verify)(struct catalogue *, bool thorough, catalogue_fault, void *);
    enum vt_error (*verify_search)(struct catalogue *, catalogue_fault, void *);
    enum vt_error (*mend)(struct catalogue *, enum catalogue_part);
    enum vt_error (*copy)(struct catalogue *, const char *path);
    void (*close)(struct catalogue *);
};

/* The first member of every implementation's own struct. */
struct catalogue {
    const struct catalogue_ops *ops;
};

/* Opens the SQLite catalogue in the file at path, and creates or migrates its schema. The caller
 * closes *catalogue, which is NULL after a failure. VT_ERR_UNAVAILABLE if the schema is newer than
 * this program's, which leaves it unchanged, or if the folder is claimed. */
enum vt_error catalogue_sqlite_open(const char *path, struct catalogue **catalogue,
                                    struct vt_reason *why) VT_MUST_CHECK;

/* Prevents every process from opening a catalogue in that folder, by an exclusive lock on the
 * folder, on which each open catalogue has a shared lock. VT_ERR_UNAVAILABLE if one is open. The
 * caller releases the claim by closing the descriptor. */
enum vt_error catalogue_sqlite_claim(const char *folder, int *claim) VT_MUST_CHECK;

/* Reads a catalogue that may be damaged, of this schema or an older one: visits, in order of
 * arrival, each row that can still be read, and then each recorded deletion; *whole says whether
 * that was all of it. A file that is not a database has no rows, and is not whole. Ends with what a
 * visit returns if not VT_OK. A newer schema gives VT_ERR_UNAVAILABLE and *why: it may hold data
 * that this program does not know. Only under a claim. */
enum vt_error catalogue_sqlite_salvage(const char *path, catalogue_visit visit,
                                       catalogue_visit_deletion visit_deletion, void *context,
                                       bool *whole, struct vt_reason *why) VT_MUST_CHECK;
#define CATALOGUE_NEWER "the catalogue has schema %d, which is newer than this program's %d"

/* Takes the catalogue's one write lock and begins a transaction; waits up to five seconds.
 * VT_ERR_UNAVAILABLE also if the file at the catalogue's path is no longer the open one. */
VT_MUST_CHECK static inline enum vt_error catalogue_lock(struct catalogue *catalogue)
{
    return catalogue->ops->lock(catalogue);
}

/* The same without waiting: VT_ERR_UNAVAILABLE if the lock is taken. */
VT_MUST_CHECK static inline enum vt_error catalogue_try_lock(struct catalogue *catalogue)
{
    return catalogue->ops->try_lock(catalogue);
}

/* Makes the transaction durable and releases the lock; after a failure it is rolled back. The disk
 * may hold all of it nevertheless, and until another commit succeeds a crash may bring it back. */
VT_MUST_CHECK static inline enum vt_error catalogue_commit(struct catalogue *catalogue)
{
    return catalogue->ops->commit(catalogue);
}

/* Undoes the transaction and releases the lock. Safe if none is open. */
static inline void catalogue_rollback(struct catalogue *catalogue)
{
    catalogue->ops->rollback(catalogue);
}

/* Reads one image; VT_ERR_NOT_FOUND if there is none with that id. */
VT_MUST_CHECK static inline enum vt_error catalogue_find(struct catalogue *catalogue,
                                                         const char *id, struct record *record)
{
    return catalogue->ops->find(catalogue, id, record);
}

/* Adds one image and fills its sequence. Its id must be new. */
VT_MUST_CHECK static inline enum vt_error catalogue_add(struct catalogue *catalogue,
                                                        struct record *record)
{
    return catalogue->ops->add(catalogue, record);
}

/* Writes name and tags of the image with the record's id; VT_ERR_NOT_FOUND if there is none. */
VT_MUST_CHECK static inline enum vt_error catalogue_change(struct catalogue *catalogue,
                                                           const struct record *record)
{
    return catalogue->ops->change(catalogue, record);
}

/* Removes one image's row; VT_ERR_NOT_FOUND if there is none. */
VT_MUST_CHECK static inline enum vt_error catalogue_remove(struct catalogue *catalogue,
                                                           const char *id)
{
    return catalogue->ops->remove(catalogue, id);
}

/* Records that the image was deleted, at a time in seconds since 1970, until it is added again. */
VT_MUST_CHECK static inline enum vt_error catalogue_note_deletion(struct catalogue *catalogue,
                                                                  const char *id, int64_t at)
{
    return catalogue->ops->note_deletion(catalogue, id, at);
}

/* Tells when the image was deleted; VT_ERR_NOT_FOUND if no deletion of it is recorded. */
VT_MUST_CHECK static inline enum vt_error catalogue_find_deletion(struct catalogue *catalogue,
                                                                  const char *id, int64_t *at)
{
    return catalogue->ops->find_deletion(catalogue, id, at);
}

/* Visits the newest deletions, at most limit of them, the oldest of these first. */
VT_MUST_CHECK static inline enum vt_error catalogue_each_deletion(struct catalogue *catalogue,
                                                                  unsigned limit,
                                                                  catalogue_visit_deletion visit,
                                                                  void *context)
{
    return catalogue->ops->each_deletion(catalogue, limit, visit, context);
}

/* Reads the size that was last recorded for the image's thumbnails and WebP variants, in bytes;
 * VT_ERR_NOT_FOUND if there is no such image. */
VT_MUST_CHECK static inline enum vt_error catalogue_derived(struct catalogue *catalogue,
                                                            const char *id, uint64_t *bytes)
{
    return catalogue->ops->derived(catalogue, id, bytes);
}

/* Records that size, and replaces the previous one in the totals. Listings do not change. Does
 * nothing if there is no such image. */
VT_MUST_CHECK static inline enum vt_error catalogue_note_derived(struct catalogue *catalogue,
                                                                 const char *id, uint64_t bytes)
{
    return catalogue->ops->note_derived(catalogue, id, bytes);
}

/* Reads the origin of the catalogue. */
VT_MUST_CHECK static inline enum vt_error catalogue_origin(struct catalogue *catalogue,
                                                           enum catalogue_origin *origin)
{
    return catalogue->ops->origin(catalogue, origin);
}

/* Writes the origin of the catalogue: CATALOGUE_SETTLED or CATALOGUE_BESIDE_ORIGINALS. */
VT_MUST_CHECK static inline enum vt_error catalogue_settle(struct catalogue *catalogue,
                                                           enum catalogue_origin origin)
{
    return catalogue->ops->settle(catalogue, origin);
}

/* Gives the catalogue a new epoch, so that none of its future versions equals one that it, or a
 * copy of it, had before. */
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

/* Counts the images whose sequence is above `after` and at most `to`. Takes time linear in the
 * number of all images: a twentieth of a second for a million. */
VT_MUST_CHECK static inline enum vt_error catalogue_count(struct catalogue *catalogue,
                                                          int64_t after, int64_t to,
                                                          uint64_t *images)
{
    return catalogue->ops->count(catalogue, after, to, images);
}

/* Reads the maintained counters: those of the months, by the times of record_time(), and, from the
 * same moment, the totals. */
VT_MUST_CHECK static inline enum vt_error catalogue_months(struct catalogue *catalogue,
                                                           catalogue_visit_month visit,
                                                           void *context, struct totals *totals)
{
    return catalogue->ops->months(catalogue, visit, context, totals);
}

/* Reads the maintained counters of the tags that begin with prefix, which may be empty, regardless
 * of the case of ASCII; at most limit of them. Of more than CATALOGUE_TAGS_DEPTH such tags, only
 * the first of the alphabet are looked at. */
#define CATALOGUE_TAGS_DEPTH 10000
VT_MUST_CHECK static inline enum vt_error catalogue_tags(struct catalogue *catalogue,
                                                         const char *prefix, unsigned limit,
                                                         catalogue_visit_tag visit, void *context,
                                                         struct totals *totals)
{
    return catalogue->ops->tags(catalogue, prefix, limit, visit, context, totals);
}

/* Whether the file at the catalogue's path is no longer the open one: it was removed or replaced.
 * Anything written to the open one is then lost, so close the catalogue and open it again. Always
 * false within a transaction. */
static inline bool catalogue_has_moved(struct catalogue *catalogue)
{
    return catalogue->ops->has_moved(catalogue);
}

/* Looks for faults in the file, the counters and the keys of names and, if thorough, compares
 * indexes with the rows. Finding faults is not a failure. */
VT_MUST_CHECK static inline enum vt_error catalogue_verify(struct catalogue *catalogue,
                                                           bool thorough, catalogue_fault fault,
                                                           void *context)
{
    return catalogue->ops->verify(catalogue, thorough, fault, context);
}

/* Compares the search index with the rows. All changes wait meanwhile, so copy a catalogue in use
 * first and check the copy: upkeep_snapshot_verify_search(). Finding faults is not a failure. */
VT_MUST_CHECK static inline enum vt_error catalogue_verify_search(struct catalogue *catalogue,
                                                                  catalogue_fault fault,
                                                                  void *context)
{
    return catalogue->ops->verify_search(catalogue, fault, context);
}

/* Rebuilds a part from the rows, between lock and commit. Another catalogue_verify() tells whether
 * that has helped. */
VT_MUST_CHECK static inline enum vt_error catalogue_mend(struct catalogue *catalogue,
                                                         enum catalogue_part part)
{
    return catalogue->ops->mend(catalogue, part);
}

/* Writes the catalogue as it is at this moment to a new file at path, durably, while others read
 * and write it. After a failure the file is unusable. */
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
