/* The product without HTTP: add, get, list, change, remove, sweep.
 *
 * Only this room decides the order in which catalogue and blobs change:
 *   adding    bytes durable, then the blob in its place, then the row, then the answer;
 *   removing  the row, then the blobs.
 * A crash in between can leave a blob without a row, but never a row without its blob. Deletions
 * are recorded with the row's removal, so the next worker or the sweep removes the blobs that one
 * has left. Blobs that an upload has left are reused when the same file is uploaded again, or
 * handled by vitrine fsck. Blobs move only while the catalogue's write lock is held and after the
 * row was checked under it, so an upload, a removal and a sweep of the same image cannot interfere.
 *
 * Every call may also fail with VT_ERR_UNAVAILABLE, VT_ERR_NO_SPACE, VT_ERR_MEMORY or
 * VT_ERR_INTERNAL; nothing is half-done then. If the store cannot be opened, the next call tries
 * again. */
#ifndef VITRINE_GALLERY_GALLERY_H
#define VITRINE_GALLERY_GALLERY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/config.h"
#include "base/error.h"
#include "base/token.h"
#include "image/redact/redact.h"
#include "store/listing.h"
#include "store/record.h"

struct gallery;
struct upload;

/* Creates a gallery from the config, which must outlive it. The store is opened at first use. */
enum vt_error gallery_new(const struct config *config, struct gallery **gallery) VT_MUST_CHECK;

/* Closes everything. NULL is allowed. */
void gallery_free(struct gallery *gallery);

/* The config that the gallery was created from. */
const struct config *gallery_config(const struct gallery *gallery);

/* Opens the store now if it is not open, so that errors surface early. */
enum vt_error gallery_open(struct gallery *gallery, struct vt_reason *why) VT_MUST_CHECK;

/* Limits this process to the data folder of its config, permanently. */
typedef enum vt_error (*gallery_confiner)(const struct config *config);

/* From here on, the first call that finds the data folder calls confine before it opens the
 * catalogue or any file of an image. Until confine returns VT_OK, every call fails and retries it.
 * For a process that starts before its data folder exists. */
void gallery_confine_by(struct gallery *gallery, gallery_confiner confine);

/* The same with a second step: narrow is called once folders and catalogue exist and are open, and
 * limits changes to these (sandbox.h). Until it returns VT_OK, every call fails. */
void gallery_narrow_by(struct gallery *gallery, gallery_confiner narrow);

/* Whether a narrowed process is cut off from its store: the data folder exists, but a folder or the
 * catalogue in it is no longer the one that the process was limited to. Only a new process can use
 * the current ones. It checks only if `failed` is true or a page could not be published. */
bool gallery_is_cut_off(struct gallery *gallery, bool failed) VT_MUST_CHECK;

/* Do not delete the first page on open (for read-only tools). Call this before anything else. */
void gallery_keep_page(struct gallery *gallery);

/* Starts the decoder program (decoder.h) unless it runs, and joins the accounts of all decodes
 * (decode_budget.h): for a process that will be confined and cannot do this afterwards. is_worker
 * says that this process answers requests. Fails as decoder_new() and decode_budget_new() do. */
enum vt_error gallery_start_decoder(struct gallery *gallery, bool is_worker) VT_MUST_CHECK;

/* The client that waits for the gallery's work. */
struct gallery_client {
    const char *address; /* as given by nginx; "" if unknown */
    int connection; /* to nginx, which closes it once the client has disconnected; -1 for none */
    /* Whether another client waits for a worker; NULL if none ever does. */
    bool (*others_wait)(void *source);
    void *source;
};

/* From here on decodes are charged to this client's time, and no thumbnails are made once it has
 * disconnected. NULL: to nobody. The caller owns the client and keeps it until the next call. */
void gallery_serve(struct gallery *gallery, const struct gallery_client *client);

/* Whether the decoder program has ended. Then nothing is decoded any more, and another process has
 * to take over. */
bool gallery_has_lost_decoder(const struct gallery *gallery);

/* The socket to the decoder, on which poll(2) tells that it has ended; -1 if there is none. The
 * gallery owns it. */
int gallery_decoder_socket(const struct gallery *gallery);

/* ---- adding ---- */

/* The result of an accepted upload. */
struct added {
    struct record record;
    bool known;             /* the same bytes were stored before */
    char token[TOKEN_SIZE]; /* to change or remove it; empty if known */
};

/* Begins an upload: bytes are written to a temporary file and hashed with SHA-256 as they arrive,
 * so memory use stays constant. The caller frees *upload. */
enum vt_error gallery_upload_begin(struct gallery *gallery, struct upload **upload) VT_MUST_CHECK;

/* Appends bytes of the file. */
enum vt_error gallery_upload_write(struct upload *upload, const void *data,
                                   size_t len) VT_MUST_CHECK;

/* Verifies the file, makes its first thumbnails and stores it under a cleaned name. After VT_OK it
 * is durable. If the image is known and its original is missing or damaged, the original is
 * restored. VT_ERR_UNSUPPORTED, VT_ERR_INVALID_IMAGE or VT_ERR_IMAGE_LIMIT if the file is refused,
 * VT_ERR_QUOTA if it exceeds what the store may hold; *why says why. */
enum vt_error gallery_upload_finish(struct upload *upload, const char *file_name,
                                    struct added *added, struct vt_reason *why) VT_MUST_CHECK;

struct change_place {
    bool is_known, has_altitude;
    double latitude, longitude, altitude; /* as in struct photo */
};

struct change {
    const char *name;        /* uncleaned; NULL to keep it */
    const char *const *tags; /* uncleaned; NULL to keep them */
    size_t tag_count;
    const char *description; /* uncleaned, may be empty; NULL to keep it */
    bool sets_taken;         /* otherwise it is kept */
    struct photo_time taken; /* PHOTO_TIME_NONE if it is not known */
    bool sets_place;         /* otherwise it is kept */
    struct change_place place;
};

/* What another gallery knew of an image. */
struct gallery_kept {
    int64_t created;           /* milliseconds since 1970; replaces the time of the upload */
    struct change change;      /* of the name (the file's) and the tags (none) */
    const struct photo *photo; /* NULL if nothing was known */
    bool says_set;             /* it said what a person has set; otherwise that is the change: */
    uint32_t set_by_person;    /* as in struct record */
};

/* Takes over what another gallery knew. Fails as gallery_change() does. */
enum vt_error gallery_upload_keep(struct upload *upload, const struct gallery_kept *kept,
                                  struct vt_reason *why) VT_MUST_CHECK;

/* What other programs have written beside a file. XMP counts before what the file itself says, and
 * that before Takeout, but for Takeout's description: see docs/import.md. */
struct gallery_beside {
    const struct photo *xmp;     /* sound; NULL if there is none */
    const struct photo *takeout; /* sound, but it has only time, place and description; or NULL */
    const char *album;           /* becomes a tag, uncleaned; NULL or "" for none */
};

/* Has XMP that was beside a picture read from the open file, in a process of its own, as an upload
 * is decoded. VT_ERR_INVALID_IMAGE and *why if it cannot be read; VT_ERR_BUSY, VT_ERR_UNAVAILABLE
 * and the like if that is not its fault. */
enum vt_error gallery_read_xmp(struct gallery *gallery, int file, struct photo *photo,
                               struct vt_reason *why) VT_MUST_CHECK;

/* Has the upload take over what was beside its file, which the caller keeps until the upload is
 * finished; gallery_upload_keep() counts more. */
void gallery_upload_beside(struct upload *upload, const struct gallery_beside *beside);

/* Gives an image that is known already what was beside another copy of its file, but for what a
 * person has set, and name and keywords. Does nothing if that says nothing new. VT_ERR_NOT_FOUND if
 * there is no such image. */
enum vt_error gallery_add_beside(struct gallery *gallery, const char *id,
                                 const struct gallery_beside *beside) VT_MUST_CHECK;

/* Frees the upload; one that was not finished leaves nothing. NULL is allowed. */
void gallery_upload_free(struct upload *upload);

/* Whether the image's original exists with the bytes that its id is made from, which it reads; true
 * also if that cannot be determined. */
bool gallery_is_whole(struct gallery *gallery, const struct record *record) VT_MUST_CHECK;

/* ---- reading ---- */

/* Reads one image. VT_ERR_NOT_FOUND if there is none with that id. */
enum vt_error gallery_get(struct gallery *gallery, const char *id,
                          struct record *record) VT_MUST_CHECK;

/* Calls visit for each image of the page, in order; ends with what visit returns if not VT_OK. */
enum vt_error gallery_list(struct gallery *gallery, const struct listing_query *query,
                           enum vt_error (*visit)(void *context, const struct record *record),
                           void *context, struct listing_page *page) VT_MUST_CHECK;

/* Calls visit for every image in order of arrival, a page at a time, so that transactions stay
 * short and visit may change the store; ends with what visit returns if not VT_OK. */
enum vt_error gallery_each(struct gallery *gallery,
                           enum vt_error (*visit)(void *context, const struct record *record),
                           void *context) VT_MUST_CHECK;

enum vt_error gallery_totals(struct gallery *gallery, struct totals *totals) VT_MUST_CHECK;

/* Calls visit for each month that has images, by the time taken or, where that is not known, by the
 * upload; the newest first, as "2024-05". *totals is from the same moment. Ends with what visit
 * returns if not VT_OK. */
enum vt_error gallery_months(struct gallery *gallery,
                             enum vt_error (*visit)(void *context, const char *month,
                                                    uint64_t images),
                             void *context, struct totals *totals) VT_MUST_CHECK;

/* The same for the tags that begin with prefix, which may be empty: the most used first, at most
 * limit of them; see catalogue_tags(). */
enum vt_error gallery_tags(struct gallery *gallery, const char *prefix, unsigned limit,
                           enum vt_error (*visit)(void *context, const char *tag, uint64_t images),
                           void *context, struct totals *totals) VT_MUST_CHECK;

/* The extension of the image's thumbnails: "webp" if it has transparency, otherwise "jpg". */
const char *gallery_thumbnail_extension(const struct record *record);

/* The sizes of thumbnails: pixels of the longer side. The last one, which keeps all pixels of
 * nearly every photograph, is only for images whose originals browsers do not show. */
#define GALLERY_THUMBNAIL_SIZES 5
extern const unsigned gallery_thumbnail_sizes[GALLERY_THUMBNAIL_SIZES];

/* Whether the image has thumbnails of this size. */
bool gallery_has_size(const struct record *record, unsigned size) VT_MUST_CHECK;

/* Makes a thumbnail that does not exist yet. VT_ERR_NOT_FOUND if the image does not exist, its
 * thumbnails have another extension, or it has none of this size. */
enum vt_error gallery_make_thumbnail(struct gallery *gallery, const char *id, unsigned size,
                                     const char *extension) VT_MUST_CHECK;

/* A file that is to be sent: a thumbnail of that size, or a copy. */
struct gallery_file {
    unsigned size; /* of a copy: its enum image_redact_level */
    const char *extension;
};

/* How much of an original's metadata a copy for everybody leaves out; IMAGE_REDACT_NOTHING if
 * everybody gets the original. */
enum image_redact_level gallery_copy_level(const struct config *config);

/* Finds or makes the copy of an original that everybody may have, and sets *file to it; or to its
 * largest thumbnail, which is made if it is missing, if no such copy can be made of this image.
 * VT_ERR_NOT_FOUND if there is no such image, it is of another type, or everybody gets the
 * original. */
enum vt_error gallery_make_copy(struct gallery *gallery, const char *id, const char *extension,
                                struct gallery_file *file) VT_MUST_CHECK;

/* Whether it was found that no copy can be made of the image, so that a thumbnail stands in. The
 * record comes from gallery_get() or the like. */
bool gallery_has_no_copy(struct gallery *gallery, const struct record *record) VT_MUST_CHECK;

/* What a client that accepts WebP gets instead of a JPEG thumbnail, as extensions of blobs. Data
 * folders and nginx's site contain these two extensions, so they cannot be changed. */
#define GALLERY_WEBP_VARIANT "twin" /* the WebP variant: at least a fifth smaller */
#define GALLERY_SAME "same"         /* the JPEG under a second name, if WebP saves less */

/* Sets *extension to that of the blob to serve: one of these two, or "jpg" while neither exists.
 * Makes what is missing: the JPEG, then, if has_time is true, the WebP variant. A variant that
 * needs a large decode, or for which there is no time, is left to gallery_catch_up().
 * VT_ERR_NOT_FOUND as for gallery_make_thumbnail(); failing to make a variant is no error. */
enum vt_error gallery_find_webp_variant(struct gallery *gallery, const char *id, unsigned size,
                                        bool has_time, const char **extension) VT_MUST_CHECK;

/* Whether there is work left for when no client waits: deletions to finish, WebP variants to make.
 */
bool gallery_is_behind(const struct gallery *gallery);

/* Removes files that the newest deletions could not remove or were killed before removing;
 * otherwise makes one of the WebP variants, if that is still possible. At most 64 variants are
 * remembered; any other, and one that fails, is remembered again when a client asks for it. */
void gallery_catch_up(struct gallery *gallery);

/* ---- changing ---- */

/* Makes the changes and records that a person has made them; *record is the image afterwards.
 * VT_ERR_MALFORMED and *why if a name or tag is empty once cleaned, there are too many tags, the
 * description is too long, or there is no such place. Equal tags are merged; a line break in a
 * description becomes a blank. */
enum vt_error gallery_change(struct gallery *gallery, const char *id, const struct change *change,
                             struct record *record, struct vt_reason *why) VT_MUST_CHECK;

enum vt_error gallery_remove(struct gallery *gallery, const char *id) VT_MUST_CHECK;

/* ---- the first page ---- */

/* Writes the listing's first page in its default order to *page, as the API answers it. */
typedef enum vt_error (*gallery_page_writer)(struct gallery *gallery, struct buf *page);

/* From here on every change publishes the page that write produces: see first_page.h. Without this,
 * changes only remove the page, and the next process that has a writer publishes it. */
void gallery_publish_by(struct gallery *gallery, gallery_page_writer write);

/* Publishes the page unless it exists, the gallery has no writer, or another process is changing
 * the catalogue. Never fails: without the page the workers answer. */
void gallery_publish(struct gallery *gallery);

/* ---- upkeep ---- */

struct sweep {
    unsigned stages, blobs; /* removed */
    unsigned left;          /* originals without a row, which are kept */
    bool made_anew;         /* from gallery_is_made_anew() */
};

/* Removes what killed processes have left in tmp/, that is, what no process holds: see
 * blobs_sweep_stages(). That takes a fraction of a millisecond. *removed is the number of files. */
enum vt_error gallery_sweep_stages(struct gallery *gallery, unsigned *removed) VT_MUST_CHECK;

/* The same, and also removes what deletions have left, and thumbnails without a row and without an
 * original that are at least an hour old, as younger ones may belong to an upload in progress. An
 * original is never removed just because it has no row: its row may have been lost. is_stopped,
 * which may be NULL, is called before each file and each row; if it returns true, the sweep ends
 * with VT_ERR_STOPPED, and what it has removed by then stays removed. */
enum vt_error gallery_sweep(struct gallery *gallery, bool (*is_stopped)(void),
                            struct sweep *sweep) VT_MUST_CHECK;

/* Whether the catalogue was created while there were originals that it did not know: their own
 * catalogue was lost, or is elsewhere. True until the catalogue is rebuilt or an operator accepts
 * it. */
enum vt_error gallery_is_made_anew(struct gallery *gallery, bool *made_anew) VT_MUST_CHECK;

/* The message for such a catalogue. */
#define GALLERY_MADE_ANEW                                                                          \
    "the catalogue was created beside originals that it does not know: stop the gallery and "      \
    "run: vitrine rebuild; or accept it: vitrine fsck --accept"

/* Accepts such a catalogue as the right one. */
enum vt_error gallery_accept(struct gallery *gallery) VT_MUST_CHECK;

/* Gives the listing's entity tags a new epoch: the next state of a restored catalogue must not have
 * a tag that a browser holds for something else. For the process that starts a gallery. */
enum vt_error gallery_renew(struct gallery *gallery) VT_MUST_CHECK;

struct health {
    enum vt_error catalogue, disk;
    bool made_anew;          /* from gallery_is_made_anew() */
    struct vt_reason notice; /* what an operator should know although the gallery works; or "" */
    uint64_t free_bytes;
    uint64_t reserve; /* bytes: with fewer left, uploads are refused and no thumbnails made */
};

/* Checks catalogue and disk; never fails itself. */
void gallery_check(struct gallery *gallery, struct health *health);

#endif
