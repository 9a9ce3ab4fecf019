/* What an operator does with a store: looking for faults and mending them, making the catalogue
 * anew, copying it, counting what is on the disk. Beside a running gallery, but for the rebuilding.
 */
#ifndef VITRINE_UPKEEP_UPKEEP_H
#define VITRINE_UPKEEP_UPKEEP_H

#include "gallery/gallery.h"
#include "store/catalogue.h"

/* tick is called every now and then with what is done of how much (0 where that is not known).
 * Where it gives false, the work ends with VT_ERR_STOPPED and leaves nothing half-done. */
struct upkeep_watch {
    bool (*tick)(void *context, uint64_t done, uint64_t total);
    void *context;
};

/* ---- fsck ---- */

enum finding_kind {
    FINDING_CATALOGUE,           /* a table or an index is damaged */
    FINDING_SEARCH,              /* the search index is not that of the rows */
    FINDING_COUNTERS,            /* nor are the counters */
    FINDING_NAMES,               /* nor is the order by name */
    FINDING_MADE_ANEW,           /* the catalogue was made beside originals */
    FINDING_PAGE,                /* the published page is not that of the catalogue */
    FINDING_ORIGINAL_MISSING,    /* a row without its original */
    FINDING_ORIGINAL_DAMAGED,    /* an original whose bytes are not those of its id */
    FINDING_ORIGINAL_UNREADABLE, /* an original that the disk does not give */
    FINDING_ORIGINAL_UNKNOWN,    /* an original without a row */
    FINDING_ORIGINAL_DELETED,    /* an original whose image was deleted */
    FINDING_THUMBNAIL_UNKNOWN,   /* a thumbnail without a row, or of a size or form that its row has
                                  * not
                                  */
    FINDING_THUMBNAIL_DAMAGED,   /* a thumbnail or twin that is not one */
    FINDING_UNFINISHED,          /* what a killed upload has left */
    FINDING_STRAY,               /* a file that is none of the store's */
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
    bool repair;      /* without losing anything: see vitrine(1) */
    bool accept_loss; /* removes rows even where most originals are missing */
    bool accept;      /* a catalogue that was made beside originals is the right one */
    bool quick; /* leaves out what reads all bytes: hashes, thumbnails' content, the indexes */
    void (*tell)(void *context, const struct finding *find); /* of each find */
    void *context;
    struct upkeep_watch watch;
};

struct fsck_result {
    uint64_t images;          /* rows that were looked at */
    unsigned found, repaired; /* finds */
};

/* Looks for whatever contradicts itself in the store. A file that cannot be read is told and left,
 * and the others are looked at. Nothing is locked where nothing is found: a find is looked at again
 * under the catalogue's write lock before it is told, and the search index is compared in a copy of
 * the catalogue (where there is no room for one, in the catalogue itself, while changes wait). What
 * an upload under way may have made is no find.
 * With a damaged catalogue, its rows are not held against the files. The gallery keeps its page
 * (gallery_keep_page()) and has a page writer. */
enum vt_error upkeep_fsck(struct gallery *gallery, const struct fsck *fsck,
                          struct fsck_result *result) VT_MUST_CHECK;

/* ---- rebuild ---- */

struct rebuild_result {
    uint64_t kept;       /* rows of the old catalogue that are in the new one */
    uint64_t made;       /* rows that were made of originals alone */
    uint64_t lost;       /* rows of the old catalogue without a good original */
    uint64_t refused;    /* originals that are none: set aside in lost+found */
    uint64_t unreadable; /* originals that cannot be read: told, and left where they are */
    uint64_t deleted;    /* originals whose deletion is noted: the next sweep removes them */
    bool whole;          /* the old catalogue could be read to its end */
    char old[PATH_MAX];  /* where the old catalogue is now; empty where there was none */
};

/* What is told of each original that cannot be read; path is the one below the data folder. */
typedef void (*upkeep_tell_unreadable)(void *context, const char *path);

/* Makes a new catalogue of the originals, with what can still be read of the old one, and puts it
 * in the old one's place. An original that cannot be read keeps its row where it has one, and is
 * told by tell, which may be NULL and is given the watch's context. VT_ERR_UNAVAILABLE, and *why,
 * where anybody has the catalogue open: the gallery must be stopped, and cannot be started
 * meanwhile. */
enum vt_error upkeep_rebuild(struct gallery *gallery, const struct upkeep_watch *watch,
                             upkeep_tell_unreadable tell, struct rebuild_result *result,
                             struct vt_reason *why) VT_MUST_CHECK;

/* ---- counting ---- */

struct usage {
    uint64_t files, bytes;
};

struct store_usage {
    struct usage originals, thumbnails, twins, stages, strays, set_aside; /* what is on the disk */
    struct usage types[IMAGE_TYPE_COUNT];                                 /* what the rows have */
};

/* Adds up files and rows; what comes or goes meanwhile may be in it or not. */
enum vt_error upkeep_usage(struct gallery *gallery, struct store_usage *usage) VT_MUST_CHECK;

/* ---- copying ---- */

/* What became of the opening of an image's original. */
enum original_state {
    ORIGINAL_OPEN,
    ORIGINAL_REMOVED,   /* with its image */
    ORIGINAL_MISSING,   /* though the image is there */
    ORIGINAL_UNREADABLE /* logged, with its path */
};

/* Opens an image's original for reading; the caller closes *fd, which is -1 unless *state is
 * ORIGINAL_OPEN. Fails as the catalogue does. */
enum vt_error upkeep_open_original(struct gallery *gallery, const struct record *record,
                                   enum original_state *state, int *fd) VT_MUST_CHECK;

/* A copy of the catalogue as it is at one moment, and the originals that its rows name. Originals
 * never change, so these need no copy; of those that are removed while they are visited, the row is
 * taken out of the copy. */
struct snapshot;

/* Copies the catalogue into tmp/, where the sweep finds it should the process be killed. The caller
 * frees *snapshot. */
enum vt_error upkeep_snapshot_begin(struct gallery *gallery,
                                    struct snapshot **snapshot) VT_MUST_CHECK;

/* How many images it has. */
uint64_t upkeep_snapshot_count(const struct snapshot *snapshot);

/* What an image's original is: path is the one below the data folder. state is ORIGINAL_OPEN, with
 * fd open for reading, or ORIGINAL_MISSING or ORIGINAL_UNREADABLE: then the row is taken out, too.
 */
typedef enum vt_error (*upkeep_snapshot_visit)(void *context, const struct record *record,
                                               const char *path, enum original_state state, int fd);

/* Calls visit for each of its images, in order of arrival; ends with what visit returns if not
 * VT_OK. */
enum vt_error upkeep_snapshot_each(struct snapshot *snapshot, upkeep_snapshot_visit visit,
                                   void *context) VT_MUST_CHECK;

/* Ends the copy's changes and opens its file for reading, which is all that there is of it; the
 * caller closes *fd. Not to be followed by upkeep_snapshot_each(). */
enum vt_error upkeep_snapshot_open(struct snapshot *snapshot, int *fd) VT_MUST_CHECK;

/* Compares the search index with the rows, in the copy, so that no change of the gallery waits. */
enum vt_error upkeep_snapshot_verify_search(struct snapshot *snapshot, catalogue_fault fault,
                                            void *context) VT_MUST_CHECK;

/* Removes the copy and gives everything back. NULL is allowed. */
void upkeep_snapshot_free(struct snapshot *snapshot);

#endif
