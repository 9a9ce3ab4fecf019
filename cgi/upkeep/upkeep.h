/* An operator's tasks on a store: finding and repairing faults, rebuilding the catalogue, reading
 * the metadata of stored images, copying the catalogue, adding up what is on the disk. All but the
 * rebuild work while the gallery runs. */
#ifndef VITRINE_UPKEEP_UPKEEP_H
#define VITRINE_UPKEEP_UPKEEP_H

#include "gallery/gallery.h"
#include "store/catalogue.h"

/* tick is called from time to time with the work done so far and the total (0 if unknown). If it
 * returns false, the work ends with VT_ERR_STOPPED and leaves nothing half-done. */
struct upkeep_watch {
    bool (*tick)(void *context, uint64_t done, uint64_t total);
    void *context;
};

/* ---- fsck ---- */

enum finding_kind {
    FINDING_CATALOGUE,           /* a table or an index is damaged */
    FINDING_SEARCH,              /* the search index does not match the rows */
    FINDING_COUNTERS,            /* nor do the counters */
    FINDING_NAMES,               /* nor does the order by name */
    FINDING_MADE_ANEW,           /* the catalogue was made beside originals */
    FINDING_PAGE,                /* the first page does not match the catalogue */
    FINDING_ORIGINAL_MISSING,    /* a row without its original */
    FINDING_ORIGINAL_DAMAGED,    /* an original whose bytes do not match its id */
    FINDING_ORIGINAL_UNREADABLE, /* an original that cannot be read */
    FINDING_ORIGINAL_UNKNOWN,    /* an original without a row */
    FINDING_ORIGINAL_DELETED,    /* an original whose image was deleted */
    FINDING_THUMBNAIL_UNKNOWN,   /* a thumbnail without a row, or of a size or form that its image
                                    does not have */
    FINDING_THUMBNAIL_DAMAGED,   /* an invalid thumbnail or WebP variant */
    FINDING_UNFINISHED,          /* left by a killed upload */
    FINDING_STRAY,               /* a file that does not belong to the store */
    FINDING_KIND_COUNT
};

/* "original-missing" and so on; static. */
const char *upkeep_finding_name(enum finding_kind kind);

struct finding {
    enum finding_kind kind;
    const char *subject; /* an id, or a path below the data folder, which may hold any bytes */
    const char *detail;  /* in words */
    bool repaired;
};

struct fsck {
    bool repair;      /* repairs that lose nothing: see vitrine(1) */
    bool accept_loss; /* removes rows even if most originals are missing */
    bool accept;      /* accepts a catalogue that was made beside originals */
    bool quick;       /* skips what reads all bytes: hashes, thumbnails' content, the indexes */
    void (*tell)(void *context, const struct finding *finding); /* called for each finding */
    void *context;
    struct upkeep_watch watch;
};

struct fsck_result {
    uint64_t images;          /* rows that were checked */
    unsigned found, repaired; /* findings */
};

/* Looks for inconsistencies in the store. A file that cannot be read is reported and left, and the
 * check goes on. Nothing is locked unless something is found: a finding is checked again under the
 * catalogue's write lock before it is reported, and the search index is compared in a copy of the
 * catalogue (if there is no room for a copy, in the catalogue itself, while changes wait). Files of
 * an upload in progress are not reported. If the catalogue is damaged, its rows are not compared
 * with the files. The caller must have called gallery_keep_page() and set a page writer. */
enum vt_error upkeep_fsck(struct gallery *gallery, const struct fsck *fsck,
                          struct fsck_result *result) VT_MUST_CHECK;

/* ---- rebuild ---- */

struct rebuild_result {
    uint64_t kept;       /* rows of the old catalogue that are in the new one */
    uint64_t made;       /* rows that were made from originals alone */
    uint64_t lost;       /* rows of the old catalogue without a good original */
    uint64_t refused;    /* files that are not valid originals: set aside in lost+found */
    uint64_t unreadable; /* originals that cannot be read: reported, and kept */
    uint64_t deleted;    /* originals whose deletion is recorded: the next sweep removes them */
    bool whole;          /* the old catalogue could be read completely */
    char old[PATH_MAX];  /* where the old catalogue is now; empty if there was none */
};

/* Called for each original that cannot be read; path is relative to the data folder. */
typedef void (*upkeep_tell_unreadable)(void *context, const char *path);

/* Makes a new catalogue from the originals and from what can still be read of the old one, and
 * replaces the old one with it. An original that cannot be read keeps its row if it has one, and is
 * reported to tell, which may be NULL and gets the watch's context. VT_ERR_UNAVAILABLE, and *why,
 * if any process has the catalogue open: the gallery must be stopped, and cannot be started
 * meanwhile. */
enum vt_error upkeep_rebuild(struct gallery *gallery, const struct upkeep_watch *watch,
                             upkeep_tell_unreadable tell, struct rebuild_result *result,
                             struct vt_reason *why) VT_MUST_CHECK;

/* ---- rescan ---- */

/* What can be wrong with one image; the rescan goes on. */
enum rescan_problem {
    RESCAN_MISSING,    /* it has no original */
    RESCAN_UNREADABLE, /* the original cannot be read */
    RESCAN_BROKEN,     /* its metadata cannot be read: that which is known stays */
    RESCAN_PROBLEM_COUNT
};

/* "original-missing" and so on; static. */
const char *upkeep_rescan_problem_name(enum rescan_problem problem);

struct rescan {
    int state;       /* the file of its state: upkeep_rescan_begin() */
    unsigned images; /* at most so many are read by one call */
    void (*tell)(void *context, enum rescan_problem problem, const struct record *record,
                 const char *detail);
    void *context;
    struct upkeep_watch watch;
};

/* What all calls of one rescan have done so far: all 0 at first. The struct may be in memory that
 * processes share, since a process that is lost is replaced by one that goes on. */
struct rescan_result {
    bool is_begun;
    uint64_t left;     /* images, when it began */
    uint64_t read;     /* images */
    uint64_t changed;  /* of which the gallery knows more, or other things, than before */
    uint64_t problems; /* images that were reported to tell */
    int64_t lost_at;   /* the sequence of the image at which a decoder was last lost */
    unsigned lost;     /* how many were lost there, one after another */
};

/* Opens the file of the state, for as long as the rescan lasts; the caller closes *state. With
 * `again`, all images are to be read, even if they have been. *is_done says that there is nothing
 * to do. VT_ERR_UNAVAILABLE and *why if another rescan is at work. */
enum vt_error upkeep_rescan_begin(const struct gallery *gallery, bool again, int *state,
                                  bool *is_done, struct vt_reason *why) VT_MUST_CHECK;

/* Reads what the originals of the images say of themselves which this version's reader has not read
 * yet, in order of arrival, beside a running gallery: each in a process of its own while nothing is
 * decoded. Every fifty images, it writes to the catalogue what has changed, but nothing that a
 * person has set, and then how far it is. *is_done says that none is left. After
 * VT_ERR_UNAVAILABLE, another process may go on: this one may have lost its decoder. */
enum vt_error upkeep_rescan(struct gallery *gallery, const struct rescan *rescan,
                            struct rescan_result *result, bool *is_done,
                            struct vt_reason *why) VT_MUST_CHECK;

/* Releases the lock with which a process that was killed was changing the state, so that no one
 * else waits for it: the file is shared with the parent, which calls this. The rescan still is at
 * work. */
void upkeep_rescan_unlock(int state);

/* Counts the images that are left for a rescan. */
enum vt_error upkeep_rescan_left(struct gallery *gallery, uint64_t *left) VT_MUST_CHECK;

/* ---- counting ---- */

struct usage {
    uint64_t files, bytes;
};

struct store_usage {
    struct usage originals, thumbnails, webp_variants, copies, stages, strays,
        set_aside;                        /* files on the disk */
    struct usage types[IMAGE_TYPE_COUNT]; /* the rows, by type */
};

/* Adds up files and rows; what is added or removed meanwhile may be counted or not. */
enum vt_error upkeep_usage(struct gallery *gallery, struct store_usage *usage) VT_MUST_CHECK;

/* ---- copying ---- */

/* The result of opening an image's original. */
enum original_state {
    ORIGINAL_OPEN,
    ORIGINAL_REMOVED,   /* with its image */
    ORIGINAL_MISSING,   /* though its image exists */
    ORIGINAL_UNREADABLE /* logged, with its path */
};

/* Opens an image's original for reading; the caller closes *fd, which is -1 unless *state is
 * ORIGINAL_OPEN. Fails as the catalogue does. */
enum vt_error upkeep_open_original(struct gallery *gallery, const struct record *record,
                                   enum original_state *state, int *fd) VT_MUST_CHECK;

/* A copy of the catalogue at one moment, and the originals that its rows name. Originals never
 * change, so they need no copy; if one is removed during the visits, its row is removed from the
 * copy. */
struct snapshot;

/* Copies the catalogue into tmp/, where the sweep finds the copy if the process is killed. The
 * caller frees *snapshot. */
enum vt_error upkeep_snapshot_begin(struct gallery *gallery,
                                    struct snapshot **snapshot) VT_MUST_CHECK;

/* The number of its images. */
uint64_t upkeep_snapshot_count(const struct snapshot *snapshot);

/* Called with an image's original: path is relative to the data folder. state is ORIGINAL_OPEN,
 * with fd open for reading, or ORIGINAL_MISSING or ORIGINAL_UNREADABLE: then the row is removed
 * from the copy, too. */
typedef enum vt_error (*upkeep_snapshot_visit)(void *context, const struct record *record,
                                               const char *path, enum original_state state, int fd);

/* Calls visit for each of its images, in order of arrival; ends with what visit returns if not
 * VT_OK. */
enum vt_error upkeep_snapshot_each(struct snapshot *snapshot, upkeep_snapshot_visit visit,
                                   void *context) VT_MUST_CHECK;

/* Ends the changes to the copy and opens its file for reading, which then holds all of it; the
 * caller closes *fd. Do not call upkeep_snapshot_each() afterwards. */
enum vt_error upkeep_snapshot_open(struct snapshot *snapshot, int *fd) VT_MUST_CHECK;

/* Compares the search index with the rows in the copy, so that no change of the gallery waits. */
enum vt_error upkeep_snapshot_verify_search(struct snapshot *snapshot, catalogue_fault fault,
                                            void *context) VT_MUST_CHECK;

/* Removes the copy and gives everything back. NULL is allowed. */
void upkeep_snapshot_free(struct snapshot *snapshot);

#endif
