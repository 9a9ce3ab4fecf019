/* The product without HTTP: add, get, list, change, remove, sweep.
 *
 * The only place that knows in which order catalogue and blobs change:
 *   adding    bytes durable, then the blob in its place, then the row, then the answer;
 *   removing  the row, then the blobs.
 * A crash in between can leave a blob without a row, and never a row without its blob. Deletions
 * are noted with the row's removal: what one has left is removed by the next worker or the sweep.
 * What an upload has left is taken by the same upload again, or by vitrine fsck. Blobs move only
 * while the catalogue's write lock is held and the row was looked at under it, so an upload, a
 * removal and a sweep of the same image cannot cross.
 *
 * Every call may also fail with VT_ERR_UNAVAILABLE, VT_ERR_NO_SPACE, VT_ERR_MEMORY or
 * VT_ERR_INTERNAL; nothing is half-done then. A store that cannot be opened is tried again by the
 * next call. */
#ifndef VITRINE_GALLERY_GALLERY_H
#define VITRINE_GALLERY_GALLERY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/config.h"
#include "base/error.h"
#include "base/token.h"
#include "store/listing.h"
#include "store/record.h"

struct gallery;
struct upload;

/* Makes a gallery on the config, which must outlive it. The store is opened at first use. */
enum vt_error gallery_new(const struct config *config, struct gallery **gallery) VT_MUST_CHECK;

/* Closes everything. NULL is allowed. */
void gallery_free(struct gallery *gallery);

/* Opens the store now, where it is not open: for who wants to know early. */
enum vt_error gallery_open(struct gallery *gallery, struct vt_reason *why) VT_MUST_CHECK;

/* Limits this process to the data folder of its config, for good. */
typedef enum vt_error (*gallery_confiner)(const struct config *config);

/* From here on, the first call that finds the data folder calls confine before it opens the
 * catalogue or anything of an image's; it fails, and the next one tries again, until that has given
 * VT_OK. For a process that starts before its data folder is there. */
void gallery_confine_by(struct gallery *gallery, gallery_confiner confine);

/* The same with a second step: narrow is called once folders and catalogue are there and open, and
 * limits what can be changed to these (sandbox.h). Until it has given VT_OK, each call fails. */
void gallery_narrow_by(struct gallery *gallery, gallery_confiner narrow);

/* Whether a narrowed process is cut off from its store: a folder or the catalogue is not the one
 * any more that it was when the process was limited to it, though the data folder is there. Only a
 * new process can use those that are there now. It looks where `failed` is true, or a page could
 * not be published. */
bool gallery_is_cut_off(struct gallery *gallery, bool failed) VT_MUST_CHECK;

/* Has the opening leave the published page where it is: for who looks at the store and serves
 * nothing. To be called before anything else. */
void gallery_keep_page(struct gallery *gallery);

/* Starts the program that decodes (decoder.h), where it does not run, and joins the accounts of
 * what all decodes take (decode_budget.h): for a process that will be confined and could not then.
 * is_worker says that this process answers requests. Fails as decoder_new() and decode_budget_new()
 * do. */
enum vt_error gallery_start_decoder(struct gallery *gallery, bool is_worker) VT_MUST_CHECK;

/* Who waits for what the gallery does. */
struct gallery_client {
    const char *address; /* as nginx tells it; "" where nobody knows */
    int connection;      /* to nginx, which closes it once the client has gone; -1 for none */
    /* Whether somebody else waits for a worker; NULL where nobody ever does. */
    bool (*others_wait)(void *source);
    void *source;
};

/* From here on decodes are this client's: his time is charged, and thumbnails are not made any more
 * once he has gone. NULL: nobody's. The client is the caller's, and stays until the next call. */
void gallery_serve(struct gallery *gallery, const struct gallery_client *client);

/* Whether that program has ended. Nothing is decoded any more then, and another process has to take
 * over. */
bool gallery_has_lost_decoder(const struct gallery *gallery);

/* The socket to the decoder, on which poll(2) tells that it has ended; -1 where there is none. It
 * stays the gallery's. */
int gallery_decoder_socket(const struct gallery *gallery);

/* ---- adding ---- */

/* What became of an upload that was taken. */
struct added {
    struct record record;
    bool known;             /* the same bytes were there before */
    char token[TOKEN_SIZE]; /* to change or remove it; empty where known */
};

/* Begins an upload: bytes go to a temporary file and through SHA-256 as they come, so memory stays
 * flat. The caller frees *upload. */
enum vt_error gallery_upload_begin(struct gallery *gallery, struct upload **upload) VT_MUST_CHECK;

/* Adds bytes of the file. */
enum vt_error gallery_upload_write(struct upload *upload, const void *data,
                                   size_t len) VT_MUST_CHECK;

/* Verifies the file, makes its first thumbnails and stores it under a cleaned name. After VT_OK it
 * is durable. Of an image that is known, an original that is missing or cut off is put back.
 * VT_ERR_UNSUPPORTED, VT_ERR_INVALID_IMAGE or VT_ERR_IMAGE_LIMIT where the file is refused,
 * VT_ERR_QUOTA where the store may not hold it; *why says why. */
enum vt_error gallery_upload_finish(struct upload *upload, const char *file_name,
                                    struct added *added, struct vt_reason *why) VT_MUST_CHECK;

struct change;

/* Has the image be of that time, in milliseconds since 1970, and have that name and those tags,
 * rather than be of now, have the file's name and none: for what another gallery has known. Fails
 * as gallery_change() does. */
enum vt_error gallery_upload_keep(struct upload *upload, int64_t created,
                                  const struct change *change, struct vt_reason *why) VT_MUST_CHECK;

/* Gives everything back; an upload that was not finished leaves nothing. NULL is allowed. */
void gallery_upload_free(struct upload *upload);

/* Whether the image's original is there, with all its bytes; one that cannot be looked at is. */
bool gallery_is_whole(struct gallery *gallery, const struct record *record) VT_MUST_CHECK;

/* ---- reading ---- */

/* VT_ERR_NOT_FOUND where there is no such image. */
enum vt_error gallery_get(struct gallery *gallery, const char *id,
                          struct record *record) VT_MUST_CHECK;

/* Calls visit for each image of the page, in order; ends with what visit returns if not VT_OK. */
enum vt_error gallery_list(struct gallery *gallery, const struct listing_query *query,
                           enum vt_error (*visit)(void *context, const struct record *record),
                           void *context, struct listing_page *page) VT_MUST_CHECK;

/* Calls visit for every image in order of arrival, a page at a time, so that no transaction lasts
 * and visit may change the store; ends with what visit returns if not VT_OK. */
enum vt_error gallery_each(struct gallery *gallery,
                           enum vt_error (*visit)(void *context, const struct record *record),
                           void *context) VT_MUST_CHECK;

enum vt_error gallery_totals(struct gallery *gallery, struct totals *totals) VT_MUST_CHECK;

/* The extension of the image's thumbnails: "webp" where it has transparency, "jpg" elsewhere. */
const char *gallery_thumbnail_extension(const struct record *record);

/* The sizes of thumbnails: pixels of the longer side. The last one, which has all pixels of nearly
 * every photograph, is for images alone whose originals browsers do not show. */
#define GALLERY_THUMBNAIL_SIZES 5
extern const unsigned gallery_thumbnail_sizes[GALLERY_THUMBNAIL_SIZES];

/* Whether the image has thumbnails of this size. */
bool gallery_has_size(const struct record *record, unsigned size) VT_MUST_CHECK;

/* Makes a thumbnail that is not there yet. VT_ERR_NOT_FOUND where the image is not, or has
 * thumbnails of another extension, or the size is none. */
enum vt_error gallery_make_thumbnail(struct gallery *gallery, const char *id, unsigned size,
                                     const char *extension) VT_MUST_CHECK;

/* What a client that takes WebP is given in place of a JPEG thumbnail, by the blob's extension. */
#define GALLERY_WEBP_VARIANT "twin" /* the same picture as WebP: at least a fifth smaller */
#define GALLERY_SAME "same"         /* the JPEG by a second name, where WebP saves less */

/* Sets *extension to that of the blob to serve: one of these two, or "jpg" while there is neither.
 * Makes what is missing: the JPEG, then, where there is time for it, the twin. One that takes a
 * large decode, or comes without time, is left to gallery_catch_up(). VT_ERR_NOT_FOUND as
 * gallery_make_thumbnail() has it; a twin that cannot be made is no error. */
enum vt_error gallery_find_webp_variant(struct gallery *gallery, const char *id, unsigned size,
                                        bool has_time, const char **extension) VT_MUST_CHECK;

/* Whether there is work that was left for when nobody waits: deletions to finish, twins to make. */
bool gallery_is_behind(const struct gallery *gallery);

/* Removes the files that the newest deletions could not, or were killed before; else makes one of
 * the twins, where it still can be. At most 64 twins are remembered; others, and one that fails,
 * are left again when somebody asks for them. */
void gallery_catch_up(struct gallery *gallery);

/* ---- changing ---- */

struct change {
    const char *name;        /* uncleaned; NULL to leave it */
    const char *const *tags; /* uncleaned; NULL to leave them */
    size_t tag_count;
};

/* Changes name, tags or both; *record is the image afterwards. VT_ERR_MALFORMED and *why where a
 * name or tag is empty once cleaned or there are too many tags. Equal tags become one. */
enum vt_error gallery_change(struct gallery *gallery, const char *id, const struct change *change,
                             struct record *record, struct vt_reason *why) VT_MUST_CHECK;

enum vt_error gallery_remove(struct gallery *gallery, const char *id) VT_MUST_CHECK;

/* ---- the published page ---- */

/* Writes the listing's first page in its default order, as it is answered, to *page. */
typedef enum vt_error (*gallery_page_writer)(struct gallery *gallery, struct buf *page);

/* From here on every change publishes the page that write gives: see published.h. Without this,
 * changes remove the page and whoever has a writer publishes the next one. */
void gallery_publish_by(struct gallery *gallery, gallery_page_writer write);

/* Publishes the page unless it is there, the gallery has no writer, or somebody is changing the
 * catalogue. Never fails: without the page the workers answer. */
void gallery_publish(struct gallery *gallery);

/* ---- upkeep ---- */

struct sweep {
    unsigned stages, blobs; /* removed */
    unsigned left;          /* originals without a row, which are left where they are */
    bool made_anew;         /* as gallery_is_made_anew() tells it */
};

/* Removes what killed processes have left in tmp/: what no process holds, see blobs_sweep_stages().
 * That takes a fraction of a millisecond. *removed is how many files these were. */
enum vt_error gallery_sweep_stages(struct gallery *gallery, unsigned *removed) VT_MUST_CHECK;

/* The same, and removes thumbnails without a row and without an original that are at least an hour
 * old, as what is younger may belong to an upload under way; and what deletions have left. An
 * original is never removed for want of a row: its row may have been lost. is_stopped, which may
 * be NULL, is asked before each file and each row; where it is true, the sweep ends with
 * VT_ERR_STOPPED, and what it has removed until then is gone. */
enum vt_error gallery_sweep(struct gallery *gallery, bool (*is_stopped)(void),
                            struct sweep *sweep) VT_MUST_CHECK;

/* Whether the catalogue was made while there were originals, of which it knew nothing: the one that
 * they had was lost, or is elsewhere. Until it is rebuilt, or an operator accepts it. */
enum vt_error gallery_is_made_anew(struct gallery *gallery, bool *made_anew) VT_MUST_CHECK;

/* What is told of such a catalogue. */
#define GALLERY_MADE_ANEW                                                                          \
    "the catalogue was made anew beside originals that it does not know: stop the gallery and "    \
    "run: vitrine rebuild; or accept it: vitrine fsck --accept"

/* Takes such a catalogue for the right one. */
enum vt_error gallery_accept(struct gallery *gallery) VT_MUST_CHECK;

/* Gives the listing's entity tags a new epoch: what a restored catalogue has next must not be told
 * by a tag that a browser holds for something else. For whoever starts a gallery. */
enum vt_error gallery_renew(struct gallery *gallery) VT_MUST_CHECK;

struct health {
    enum vt_error catalogue, disk;
    bool made_anew;          /* as gallery_is_made_anew() tells it */
    struct vt_reason notice; /* what an operator should know although it serves; or "" */
    uint64_t free_bytes;
    uint64_t reserve; /* bytes: with fewer left, no uploads are taken and no thumbnails made */
};

/* Looks at catalogue and disk; never fails itself. */
void gallery_check(struct gallery *gallery, struct health *health);

#endif
