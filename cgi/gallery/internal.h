/* Shared by gallery.c and the gallery_*.c files, and by nothing else but bench/, which measures
 * them from inside. */
#ifndef VITRINE_GALLERY_INTERNAL_H
#define VITRINE_GALLERY_INTERNAL_H

#include <sys/types.h>

#include "decoder/decoder.h"
#include "gallery/decode_budget.h"
#include "gallery/gallery.h"
#include "store/blobs.h"
#include "store/catalogue.h"
#include "store/first_page.h"

/* A part of the data folder, as a process that was limited to it knows it. */
struct gallery_part {
    dev_t device;
    ino_t inode;
};

#define GALLERY_PARTS 5

struct gallery {
    const struct config *config;
    struct catalogue *catalogue;              /* NULL until the store is open */
    struct blobs *blobs;                      /* NULL until the store is open */
    struct first_page *first_page;            /* NULL until the store is open */
    gallery_confiner confine;                 /* NULL where there is none, or it is done */
    gallery_confiner narrow;                  /* the same */
    bool is_narrowed;                         /* narrow was called */
    struct gallery_part parts[GALLERY_PARTS]; /* what the process can change; gallery_confine.c's */
    bool failed_to_publish;                   /* since gallery_is_cut_off() has last looked */
    gallery_page_writer write_page;           /* NULL where nothing is published */
    bool is_in_doubt;                         /* a crash may bring the last transaction back */
    bool keeps_page;                          /* what was published before is left at the opening */
    struct decoder *decoder;      /* NULL until gallery_start_decoder(), or an image is decoded */
    struct decode_budget *budget; /* NULL until then, too */
    const struct gallery_client *client; /* NULL where nobody waits */
    bool has_unfinished;      /* a deletion may have left blobs: gallery_finish_deletions() */
    unsigned finish_attempts; /* of it, since then */
    struct webp_variants_left *webp_variants_left; /* gallery_twins.c's; NULL until one is left */
};

#define GALLERY_GRACE_SECONDS 3600 /* what is younger may belong to an upload under way */
#define FULL_SIZE 8192 /* of a picture that stands for an original which browsers do not show */
#define FIRST_THUMBNAIL_SIZE 640 /* the larger of the two that an upload makes */
#define GALLERY_SIDE_LIMIT 65535 /* pixels of a side: the most that a JPEG can have */

/* A file's bytes in memory, read-only. */
struct mapping {
    void *data;
    size_t len;
};

/* Maps all of an open file; the caller unmaps. An empty file is mapped as no bytes. */
enum vt_error gallery_map(int fd, struct mapping *mapping) VT_MUST_CHECK;
void gallery_unmap(struct mapping *mapping);

/* Reads all of an open file into memory of its own; the caller unmaps. For files that the disk may
 * fail to read: that ends this with an error (vt_is_unreadable()), but the process of a mapping
 * with a signal. */
enum vt_error gallery_read(int fd, struct mapping *mapping) VT_MUST_CHECK;

/* Reads all of an open file and keeps nothing: a disk that fails to give it says so here, by an
 * error (vt_is_unreadable()), before the file is mapped. Logs it. */
enum vt_error gallery_read_through(int fd) VT_MUST_CHECK;

/* Remembers a decode for that size that ended in err, where the next one would end so, too:
 * decode_budget_note_failure(). */
void gallery_note_failure(struct gallery *gallery, enum vt_error err, const char *id,
                          unsigned size);

/* Waits for the lock on an open file, for three seconds at most, and for a fifth of one while
 * others wait for this process: VT_ERR_BUSY after that, VT_ERR_STOPPED where the client has gone
 * meanwhile. The file's close ends the lock. */
enum vt_error gallery_lock_file(struct gallery *gallery, int file) VT_MUST_CHECK;

/* Reads and checks the header of an open file, then has it decoded, as soon as the budget of all
 * decodes has room for it: the only way to pixels, through which every decode of the gallery's
 * goes. *header and *result are of that file; the caller frees *result, after a failure too. Fails
 * as image_header_read(), image_header_check(), decode_budget_take() and decoder_run() do. */
enum vt_error gallery_decode(struct gallery *gallery, enum decode_purpose purpose, int file,
                             const struct decoder_output *outputs, size_t count,
                             struct image_header *header, struct decoder_result *result,
                             struct vt_reason *why) VT_MUST_CHECK;

/* The sizes of the thumbnails that an upload makes at once, the largest first; static. Sets *count.
 */
const unsigned *gallery_first_sizes(size_t *count);

/* Stages an encoded thumbnail, durably. The caller frees the stage. */
enum vt_error gallery_stage_thumbnail(struct gallery *gallery, const struct buf *bytes,
                                      struct blob_stage *stage) VT_MUST_CHECK;

/* Publishes a thumbnail of an image that still has its row: one removed meanwhile gets none. */
enum vt_error gallery_publish_thumbnail(struct gallery *gallery, struct blob_stage *stage,
                                        const struct blob_key *key) VT_MUST_CHECK;

/* Commits the catalogue's transaction, with the published page gone before and written anew after
 * it. After a failure the transaction is rolled back, and gallery_collect() knows that a crash may
 * bring it back. */
enum vt_error gallery_commit(struct gallery *gallery) VT_MUST_CHECK;

/* Writes the path of a file of the data folder. VT_ERR_INTERNAL where it is too long. */
enum vt_error gallery_path(const struct gallery *gallery, const char *name,
                           char path[PATH_MAX]) VT_MUST_CHECK;

/* The first step of gallery_confine_by(), where it is still to be done. */
enum vt_error gallery_confine(struct gallery *gallery, struct vt_reason *why) VT_MUST_CHECK;

/* The step of gallery_narrow_by(), where it is still to be done. */
enum vt_error gallery_narrow(struct gallery *gallery, struct vt_reason *why) VT_MUST_CHECK;

/* Opens blobs and the published page's place, but not the catalogue. */
enum vt_error gallery_open_files(struct gallery *gallery, struct vt_reason *why) VT_MUST_CHECK;

/* Makes a row of what an original alone tells, its bytes being those of its id: named by the id, of
 * the time when the file came, with a token that nobody has. VT_ERR_INVALID_IMAGE or
 * VT_ERR_UNSUPPORTED, and *why, where it is no image, or not the one of its id. A file that cannot
 * be read (vt_is_unreadable()) is logged. Limits are not looked at: what is here was taken once. */
enum vt_error gallery_describe(struct gallery *gallery, const struct blob_key *key,
                               struct record *record, struct vt_reason *why) VT_MUST_CHECK;

/* Whether the open file's bytes have that id; *same tells. Logs a file that cannot be read. */
enum vt_error gallery_hash(int fd, const char *id, bool *same) VT_MUST_CHECK;

/* Gives the record the name and the tags of a change, cleaned, as gallery_change() says. */
enum vt_error gallery_apply(const struct change *change, struct record *record,
                            struct vt_reason *why) VT_MUST_CHECK;

/* Gives the JPEG of that size a second name, GALLERY_SAME, as gallery_publish_thumbnail()
 * publishes. VT_ERR_UNSUPPORTED where the file system has no hard links. */
enum vt_error gallery_link_thumbnail(struct gallery *gallery, const char *id,
                                     unsigned size) VT_MUST_CHECK;

/* Whether VITRINE_QUOTA leaves room for an upload of so many bytes with thumbnails of so many,
 * beside what is stored and what uploads that began before it have staged, and the disk has more
 * than the reserve. VT_ERR_QUOTA or VT_ERR_NO_SPACE and *why where not; the quota is exact under
 * the write lock. */
enum vt_error gallery_has_room(struct gallery *gallery, struct blob_stage *original, uint64_t bytes,
                               uint64_t derived, struct vt_reason *why) VT_MUST_CHECK;

/* What is made of images later. A twin only saves transfer, so that it ends at the quota; a
 * thumbnail is needed to see what was taken, and may go a quarter past it. */
enum room { ROOM_THUMBNAIL, ROOM_WEBP_VARIANT };

/* Whether there is room for one more of it: VT_ERR_QUOTA or VT_ERR_NO_SPACE where not. */
enum vt_error gallery_has_room_for(struct gallery *gallery, enum room what) VT_MUST_CHECK;

/* Bytes of the disk that are left free: VITRINE_RESERVE, or its default for a disk of that size. */
uint64_t gallery_reserve(const struct gallery *gallery, const struct blobs_space *space);

/* VT_ERR_NO_SPACE and *why where the disk has no more than the reserve, in bytes or in files. Only
 * uploads and new thumbnails keep off it: what else is written needs it. */
enum vt_error gallery_check_reserve(struct gallery *gallery, struct vt_reason *why) VT_MUST_CHECK;

/* Under the write lock: counts what thumbnails and twins of the image are there, and notes it. */
enum vt_error gallery_note_derived(struct gallery *gallery,
                                   const struct record *record) VT_MUST_CHECK;

/* Counts those of each image, and notes what is not as noted: after a crash, or of an older
 * catalogue. */
enum vt_error gallery_recount(struct gallery *gallery, bool (*is_stopped)(void)) VT_MUST_CHECK;

/* What a blob without a row is. */
enum orphan_kind {
    ORPHAN_NONE,    /* it is none: its image has a row */
    ORPHAN_DELETED, /* what the deletion of its image has left */
    ORPHAN_SPARE,   /* a thumbnail without an original: it could be made again */
    ORPHAN_UNKNOWN  /* an original that nobody has deleted, or a thumbnail of one */
};

struct orphan {
    enum orphan_kind kind;
    int64_t deleted; /* when, in seconds since 1970, where it was */
};

/* Decides what a blob is, for the sweep and for fsck: deleted and spare ones may be removed, an
 * unknown one never. Final only under the catalogue's write lock. */
enum vt_error gallery_judge(struct gallery *gallery, const struct blob_key *key,
                            struct orphan *orphan) VT_MUST_CHECK;

/* Whether there is a blob of that key. One that cannot be opened is there. */
bool gallery_has_blob(struct gallery *gallery, const struct blob_key *key) VT_MUST_CHECK;

/* Whether there is an original of that id, of any type. One that cannot be opened is there. */
bool gallery_has_original(struct gallery *gallery, const char *id) VT_MUST_CHECK;

/* Removes what the newest deletions have left. Where somebody has the write lock, it waits a tenth
 * of a second and leaves has_unfinished set, for a minute of such calls; the sweep does the rest.
 */
void gallery_finish_deletions(struct gallery *gallery);

/* Removes the blobs of an image that has no row, and will have none after a crash; does nothing
 * where it has one. A failure leaves blobs for the sweep. */
enum vt_error gallery_collect(struct gallery *gallery, const struct record *record) VT_MUST_CHECK;

#endif
