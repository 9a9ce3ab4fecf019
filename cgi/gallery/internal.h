/* Shared by the files of gallery/ and upkeep/, and by nothing else but bench/, which measures them
 * from inside. */
#ifndef VITRINE_GALLERY_INTERNAL_H
#define VITRINE_GALLERY_INTERNAL_H

#include <sys/types.h>

#include "decoder/decoder.h"
#include "gallery/decode_budget.h"
#include "gallery/gallery.h"
#include "store/blobs.h"
#include "store/catalogue.h"
#include "store/first_page.h"

/* The identity of a part of the data folder, noted when the process was limited to it. */
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
    gallery_confiner confine;                 /* NULL if there is none or it is done */
    gallery_confiner narrow;                  /* the same */
    bool is_narrowed;                         /* narrow was called */
    struct gallery_part parts[GALLERY_PARTS]; /* what the process can change; for confine.c */
    bool failed_to_publish;                   /* since the last call of gallery_is_cut_off() */
    gallery_page_writer write_page;           /* NULL if nothing is published */
    bool is_in_doubt;                         /* a crash may bring the last transaction back */
    bool keeps_page;                          /* opening keeps an existing first page */
    struct decoder *decoder;      /* NULL until gallery_start_decoder() or the first decode */
    struct decode_budget *budget; /* NULL until then */
    const struct gallery_client *client; /* NULL if nobody waits */
    int64_t asked_ms;                    /* when the only worker last looked whether others wait */
    int64_t crowded_ms;       /* its time for thumbnails since nobody waited, or since an upload */
    bool has_unfinished;      /* a deletion may have left blobs: gallery_finish_deletions() */
    unsigned finish_attempts; /* calls of it since then */
    struct webp_variants_left *webp_variants_left; /* for webp_variants.c; NULL until one is left */
};

#define GALLERY_CATALOGUE "catalogue.sqlite" /* in the data folder */
#define GALLERY_GRACE_SECONDS 3600           /* younger files may belong to an upload in progress */
#define FULL_SIZE 8192 /* of a thumbnail that replaces an original which browsers do not show */
#define FIRST_THUMBNAIL_SIZE 640 /* the larger of the two that an upload makes */
#define GALLERY_SIDE_LIMIT 65535 /* the longest side that a JPEG can have, in pixels */

/* A file's bytes in memory, read-only. */
struct mapping {
    void *data;
    size_t len;
};

/* Maps all of an open file; the caller unmaps. An empty file is mapped as no bytes. */
enum vt_error gallery_map(int fd, struct mapping *mapping) VT_MUST_CHECK;
void gallery_unmap(struct mapping *mapping);

/* Reads all of an open file into memory of its own; the caller unmaps. For files that the disk may
 * fail to read: here that gives an error (vt_is_unreadable()), whereas reading a mapped file would
 * end the process by a signal. */
enum vt_error gallery_read(int fd, struct mapping *mapping) VT_MUST_CHECK;

/* Reads all of an open file and keeps nothing, so that a read error (vt_is_unreadable()) of the
 * disk shows here, before the file is mapped. Logs it. */
enum vt_error gallery_read_through(int fd) VT_MUST_CHECK;

/* Remembers a decode for that size that failed with err, if the next one would fail the same way:
 * decode_budget_note_failure(). */
void gallery_note_failure(struct gallery *gallery, enum vt_error err, const char *id,
                          unsigned size);

/* Waits for the lock on an open file, for three seconds at most, and for a fifth of a second while
 * others wait for this process: VT_ERR_BUSY after that, VT_ERR_STOPPED if the client has
 * disconnected meanwhile. Closing the file releases the lock. */
enum vt_error gallery_lock_file(struct gallery *gallery, int file) VT_MUST_CHECK;

/* Reads and checks the header of an open file, then has it decoded as soon as the budget of all
 * decodes has room for it; that of an upload has its metadata read, too. Every decode of the
 * gallery goes through this function. *header and *result describe that file; the caller frees
 * *result, after a failure too. Fails as image_header_read(), image_header_check(),
 * decode_budget_take() and decoder_run() do; but for a thumbnail, a camera's raw file is a TIFF
 * like others. */
enum vt_error gallery_decode(struct gallery *gallery, enum decode_purpose purpose, int file,
                             const struct decoder_output *outputs, size_t count,
                             struct image_header *header, struct decoder_result *result,
                             struct vt_reason *why) VT_MUST_CHECK;

/* The same for a job that makes the plan of a redacted copy, which is the only file of *result. No
 * limit of images is checked, as nothing is decoded. VT_ERR_UNSUPPORTED if there can be no such
 * copy, as of a camera's raw file. */
enum vt_error gallery_redact(struct gallery *gallery, enum image_redact_level level, int file,
                             struct image_header *header,
                             struct decoder_result *result) VT_MUST_CHECK;

/* The extension of an empty file in the place of a copy that cannot be made. */
#define GALLERY_NO_COPY "none"

/* Whether the key is that of a copy, whose size is its level, or of the mark that there is none. */
bool gallery_is_copy(const struct blob_key *key) VT_MUST_CHECK;

/* The keys of all files that an image of any type can have beside its original, by an index from 0
 * on. Returns false behind the last one. */
bool gallery_derived_key(const char *id, size_t index, struct blob_key *key) VT_MUST_CHECK;

/* The sizes of the thumbnails that an upload makes at once, the largest first; static. Sets *count.
 */
const unsigned *gallery_first_sizes(size_t *count);

/* Stages an encoded thumbnail, durably. The caller frees the stage. */
enum vt_error gallery_stage_thumbnail(struct gallery *gallery, const struct buf *bytes,
                                      struct blob_stage *stage) VT_MUST_CHECK;

/* Publishes a thumbnail if its image still has its row; an image removed meanwhile gets none. */
enum vt_error gallery_publish_thumbnail(struct gallery *gallery, struct blob_stage *stage,
                                        const struct blob_key *key) VT_MUST_CHECK;

/* Removes the first page, commits the catalogue's transaction, and writes the page anew. After a
 * failure the transaction is rolled back, and gallery_collect() knows that a crash may bring it
 * back. */
enum vt_error gallery_commit(struct gallery *gallery) VT_MUST_CHECK;

/* Writes the path of a file of the data folder. VT_ERR_INTERNAL if it is too long. */
enum vt_error gallery_path(const struct gallery *gallery, const char *name,
                           char path[PATH_MAX]) VT_MUST_CHECK;

/* Does the step of gallery_confine_by() unless it is done. */
enum vt_error gallery_confine(struct gallery *gallery, struct vt_reason *why) VT_MUST_CHECK;

/* Does the step of gallery_narrow_by() unless it is done. */
enum vt_error gallery_narrow(struct gallery *gallery, struct vt_reason *why) VT_MUST_CHECK;

/* Opens blobs and the folder of the first page, but not the catalogue. */
enum vt_error gallery_open_files(struct gallery *gallery, struct vt_reason *why) VT_MUST_CHECK;

/* Makes a row from an original alone, whose bytes must match its id: its name is the id, its time
 * that of the file, and nobody has its token. VT_ERR_INVALID_IMAGE or VT_ERR_UNSUPPORTED, and *why,
 * if it is not an image or does not match its id. A file that cannot be read (vt_is_unreadable())
 * is logged. Limits are not checked: the file was accepted once. */
enum vt_error gallery_describe(struct gallery *gallery, const struct blob_key *key,
                               struct record *record, struct vt_reason *why) VT_MUST_CHECK;

/* Sets *same to whether the open file's bytes have that id. Logs a file that cannot be read. */
enum vt_error gallery_hash(int fd, const char *id, bool *same) VT_MUST_CHECK;

/* Whether the tag is one of the lines of tags. */
bool gallery_has_tag(const char *tags, const char *tag) VT_MUST_CHECK;

/* metadata.c: gives the record what the file's metadata says, and a time that is guessed from its
 * name if the metadata has none. Title and keywords become name and tags, but not if metadata is
 * hidden as a whole, since everybody is told these. What a person has set stays. The time is added
 * to *photo. */
void gallery_set_metadata(const struct config *config, struct record *record, const char *file_name,
                          struct photo *photo);

/* metadata.c: does a job that only reads metadata once there is room for it. Errors are those of
 * decode_budget_take() and decoder_run(). */
enum vt_error gallery_run_metadata(struct gallery *gallery, enum decode_purpose purpose,
                                   const struct decoder_job *job, struct photo *photo,
                                   struct vt_reason *why) VT_MUST_CHECK;

#define GALLERY_METADATA_SECONDS 30 /* for a job that only reads metadata */

/* metadata.c: has the metadata of an image's original read, in a process of its own, while nothing
 * is decoded. It waits three seconds for that, then gives VT_ERR_BUSY; VT_ERR_STOPPED once
 * is_wanted, which may be NULL, returns false. VT_ERR_NOT_FOUND if the original is missing,
 * VT_ERR_IO if it cannot be opened, VT_ERR_INVALID_IMAGE and *why if its metadata crashes the
 * reader or takes more than thirty seconds, VT_ERR_IMAGE_LIMIT if it takes too much memory,
 * VT_ERR_UNAVAILABLE if the decoder is lost or cannot work. */
enum vt_error gallery_read_metadata(struct gallery *gallery, const struct record *record,
                                    bool (*is_wanted)(void *context), void *context,
                                    struct photo *photo, struct vt_reason *why) VT_MUST_CHECK;

/* metadata.c: gives the record of a stored image what its file was found to say. What a person has
 * set stays, and so do the name, which is that of the upload, and tags, unless there are none; what
 * the file does not say is unknown afterwards, but a time that was guessed from the file's name
 * stays, as the image may be called otherwise by now. Returns whether anything has changed. */
bool gallery_renew_metadata(const struct config *config, struct record *record,
                            const struct photo *found);

/* beside.c: the same as gallery_set_metadata() for a file beside which something was. */
void gallery_set_beside(const struct config *config, const struct gallery_beside *beside,
                        struct record *record, const char *file_name, struct photo *photo);

/* Makes the changes to the record, as gallery_change() does. */
enum vt_error gallery_apply(const struct change *change, struct record *record,
                            struct vt_reason *why) VT_MUST_CHECK;

/* Gives a blob of an image a second name, as gallery_publish_thumbnail() publishes.
 * VT_ERR_UNSUPPORTED if the file system has no hard links. */
enum vt_error gallery_link(struct gallery *gallery, const struct blob_key *blob,
                           const struct blob_key *name) VT_MUST_CHECK;

/* Checks that VITRINE_QUOTA leaves room for an upload of `bytes` bytes with `derived` bytes of
 * thumbnails, beside what is stored and what earlier uploads have staged, and that the disk has
 * more than the reserve. VT_ERR_QUOTA or VT_ERR_NO_SPACE and *why if not; the quota is exact under
 * the write lock. */
enum vt_error gallery_has_room(struct gallery *gallery, struct blob_stage *original, uint64_t bytes,
                               uint64_t derived, struct vt_reason *why) VT_MUST_CHECK;

/* What is made from images later. A WebP variant only saves transfer, so the quota limits it; a
 * thumbnail is needed to see an accepted image, and may exceed the quota by a quarter. */
enum room { ROOM_THUMBNAIL, ROOM_WEBP_VARIANT };

/* Checks that there is room for one more of these: VT_ERR_QUOTA or VT_ERR_NO_SPACE if not. */
enum vt_error gallery_has_room_for(struct gallery *gallery, enum room what) VT_MUST_CHECK;

/* The bytes of the disk that are kept free: VITRINE_RESERVE, or its default for a disk of that
 * size. */
uint64_t gallery_reserve(const struct gallery *gallery, const struct blobs_space *space);

/* VT_ERR_NO_SPACE and *why if the disk has no more than the reserve left, in bytes or in files.
 * Only uploads and new thumbnails respect the reserve: all other writes need it. */
enum vt_error gallery_check_reserve(struct gallery *gallery, struct vt_reason *why) VT_MUST_CHECK;

/* Under the write lock: adds up the image's existing thumbnails and WebP variants, and records the
 * sum. */
enum vt_error gallery_note_derived(struct gallery *gallery,
                                   const struct record *record) VT_MUST_CHECK;

/* Adds up those of each image and corrects what was recorded: after a crash, or for an older
 * catalogue. */
enum vt_error gallery_recount(struct gallery *gallery, bool (*is_stopped)(void)) VT_MUST_CHECK;

/* Kinds of blobs without a row. */
enum orphan_kind {
    ORPHAN_NONE,    /* not an orphan: its image has a row */
    ORPHAN_DELETED, /* left by the deletion of its image */
    ORPHAN_SPARE,   /* a thumbnail without an original: it could be made again */
    ORPHAN_UNKNOWN  /* an original that nobody has deleted, or a thumbnail of one */
};

struct orphan {
    enum orphan_kind kind;
    int64_t deleted; /* when it was deleted, in seconds since 1970, if it was */
};

/* Decides which kind a blob is, for the sweep and for fsck: deleted and spare blobs may be removed,
 * unknown ones never. The result is final only under the catalogue's write lock. */
enum vt_error gallery_judge(struct gallery *gallery, const struct blob_key *key,
                            struct orphan *orphan) VT_MUST_CHECK;

/* Whether there is a blob of that key. One that cannot be opened counts as existing. */
bool gallery_has_blob(struct gallery *gallery, const struct blob_key *key) VT_MUST_CHECK;

/* Whether there is an original of that id, of any type. One that cannot be opened counts as
 * existing. */
bool gallery_has_original(struct gallery *gallery, const char *id) VT_MUST_CHECK;

/* Removes what the newest deletions have left. If the write lock is taken, it waits a tenth of a
 * second and leaves has_unfinished set, for a minute of such calls; the sweep does the rest. */
void gallery_finish_deletions(struct gallery *gallery);

/* Removes the blobs of an image that has no row, and will have none after a crash; does nothing if
 * it has one. After a failure, blobs are left for the sweep. */
enum vt_error gallery_collect(struct gallery *gallery, const struct record *record) VT_MUST_CHECK;

/* Removes all thumbnails and copies of an image. The caller holds the write lock. */
enum vt_error gallery_remove_thumbnails(struct gallery *gallery, const char *id) VT_MUST_CHECK;

#endif
