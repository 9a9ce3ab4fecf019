/* Shared by the files of the SQLite catalogue, and by nothing else: catalogue_sqlite.c, which opens
 * it and has its operations, catalogue_sql.c, catalogue_statement.c, catalogue_listing.c,
 * catalogue_counts.c, catalogue_names.c, catalogue_notes.c, catalogue_search.c,
 * catalogue_upkeep.c. */
#ifndef VITRINE_STORE_CATALOGUE_SQLITE_H
#define VITRINE_STORE_CATALOGUE_SQLITE_H

#include <sqlite3.h>

#include "store/catalogue.h"

enum statement {
    BEGIN_READ,
    BEGIN_WRITE,
    COMMIT,
    ROLLBACK,
    SAVEPOINT,
    RELEASE,
    UNDO,
    FIND,
    ADD,
    CHANGE,
    REMOVE,
    TOTALS,
    COUNT,
    MONTHS,
    TAGS,
    TAGS_OF_PREFIX,
    NOTE_DELETION,
    FIND_DELETION,
    EACH_DELETION,
    DERIVED,
    NOTE_DERIVED,
    ORIGIN,
    SETTLE,
    RENEW,
    INDEX_IMAGE,
    NOTE_INDEXED,
    SEARCH_TOTAL,
    NEAR_TOTAL,
    MONTHS_TOTAL,
    TIME_TOTAL,
    EACH,
    /* Of these there is one for each order, + enum listing_sort; some are not used. */
    LIST,                                /* the first page, or any in order of arrival */
    LIST_SAME = LIST + SORT_COUNT,       /* the rest of the rows with the cursor's key */
    LIST_AFTER = LIST_SAME + SORT_COUNT, /* the rows with later keys */
    LIST_TIME = LIST_AFTER + SORT_COUNT, /* of a range of times: the first page */
    LIST_TIME_AFTER = LIST_TIME + SORT_COUNT,
    LIST_SEARCH = LIST_TIME_AFTER + SORT_COUNT,
    LIST_NEAR = LIST_SEARCH + SORT_COUNT,
    STATEMENT_COUNT = LIST_NEAR + SORT_COUNT
};

struct catalogue_sqlite {
    struct catalogue base;
    sqlite3 *db;
    bool is_set_up; /* a catalogue of ours, whose log may be emptied when it is closed */
    sqlite3_stmt *statements[STATEMENT_COUNT]; /* prepared at first use */
    int folder; /* with the shared lock that prevents claims; -1 if there is none */
};

/* Recomputes the key of each name whose key differs from the one that this program makes. */
#define CATALOGUE_REMAKE_NAME_KEYS                                                                 \
    "UPDATE image SET name_key = key_of_name(name) WHERE name_key <> key_of_name(name);"           \
    "UPDATE total SET name_keys = name_keys_version(), version = version + 1"

/* The texts of the search index: its columns, and what they are computed from. */
#define CATALOGUE_SEARCH_COLUMNS(COLUMN)                                                           \
    COLUMN(shown, "search_shown(name, tags, description, set_by_person)")                          \
    COLUMN(parts, "search_parts(name, tags)")                                                      \
    COLUMN(known, "search_known(camera, lens, description, set_by_person)")                        \
    COLUMN(marks, "search_marks(type, tags, camera, shown_time, latitude, longitude)")

/* Puts images into the search index; a condition may follow. */
#define CATALOGUE_SEARCH_NAME(name, text) ", " #name
#define CATALOGUE_SEARCH_TEXT(name, text) ", " text
#define CATALOGUE_INDEX_ROWS                                                                       \
    "INSERT OR REPLACE INTO image_search (rowid" CATALOGUE_SEARCH_COLUMNS(                         \
        CATALOGUE_SEARCH_NAME) ") SELECT sequence" CATALOGUE_SEARCH_COLUMNS(CATALOGUE_SEARCH_TEXT) " FROM image"

static inline struct catalogue_sqlite *self_of(struct catalogue *catalogue)
{
    return (struct catalogue_sqlite *)catalogue; /* base is the first member */
}

/* ---- statements ---- */

/* The SQL of each, in catalogue_sql.c. */
extern const char *const catalogue_sql[STATEMENT_COUNT];

/* Logs the details, which the client is not told, and maps SQLite's code. db may be NULL. Apparent
 * damage that is due to disk faults is VT_ERR_IO, not VT_ERR_DAMAGED. */
enum vt_error catalogue_sqlite_fail(struct catalogue_sqlite *self, int code);

/* Whether a disk fault made SQLite fail on the catalogue's file or log, in the last call or an
 * earlier one: then what looks like damage may not be any. db may be NULL. */
bool catalogue_sqlite_is_disk_fault(sqlite3 *db) VT_MUST_CHECK;

/* Gives the statement, ready for binding; the catalogue owns it. */
enum vt_error catalogue_sqlite_prepare(struct catalogue_sqlite *self, enum statement which,
                                       sqlite3_stmt **out) VT_MUST_CHECK;

/* Ends the use of a statement: resetting it releases its read lock. */
void catalogue_sqlite_release(sqlite3_stmt *statement);

/* Runs a bound statement that gives no rows, and ends its use. */
enum vt_error catalogue_sqlite_run(struct catalogue_sqlite *self,
                                   sqlite3_stmt *statement) VT_MUST_CHECK;

/* The same for a statement with nothing to bind. */
enum vt_error catalogue_sqlite_run_plain(struct catalogue_sqlite *self,
                                         enum statement which) VT_MUST_CHECK;

/* Asks for one number that is true unless it is 0. Returns a code of SQLite's; *answer is set if
 * that is SQLITE_OK and there was a row. */
int catalogue_sqlite_ask(sqlite3 *db, const char *sql, bool *answer) VT_MUST_CHECK;

/* Binds text, which must live as long as the binding; returns SQLite's code. */
int catalogue_sqlite_bind_text(sqlite3_stmt *statement, int at, const char *text);

/* Copies a column's text, as much as fits; size is at least 1. */
void catalogue_sqlite_copy_text(sqlite3_stmt *row, int column, char *out, size_t size);

/* Bind all values of an image in ADD, or in CHANGE. The record must live as long as the binding.
 * Return SQLite's code. */
int catalogue_sqlite_bind_add(sqlite3_stmt *statement, const struct record *record);
int catalogue_sqlite_bind_change(sqlite3_stmt *statement, const struct record *record);

/* Reads a row of CATALOGUE_SELECTED; false if Vitrine cannot have written it. */
bool catalogue_sqlite_read(sqlite3_stmt *row, struct record *record) VT_MUST_CHECK;

/* The same, but logs such a row and returns VT_ERR_DAMAGED. */
enum vt_error catalogue_sqlite_read_row(sqlite3_stmt *row, struct record *record) VT_MUST_CHECK;

/* The same for a row of CATALOGUE_LISTED. Of what only CATALOGUE_SELECTED has, nothing is known. */
enum vt_error catalogue_sqlite_read_listed(sqlite3_stmt *row, struct record *record) VT_MUST_CHECK;

/* ---- opening ---- */

/* Takes the shared lock on the folder of the file at path: VT_ERR_UNAVAILABLE if it is claimed. The
 * caller closes *folder, which is -1 after a failure and if folders cannot be locked. */
enum vt_error catalogue_sqlite_share(const char *path, int *folder) VT_MUST_CHECK;

/* Gives the connection the SQL functions key_of_name(name) and name_keys_version(), which the
 * schema's migrations and the statements use. Returns SQLite's code. */
int catalogue_sqlite_set_up_names(sqlite3 *db);

/* Computes the missing keys of names, or all keys if they are of another version. A failure, for
 * instance on a full disk, is logged: names are then out of order, and nothing else is wrong. */
void catalogue_sqlite_refresh_names(sqlite3 *db);

/* Gives the connection the SQL functions of CATALOGUE_SEARCH_COLUMNS, and is_near(). Returns
 * SQLite's code. */
int catalogue_sqlite_set_up_search(sqlite3 *db);

/* Puts all images that are not in the search index into it, some at a time, so that others can
 * write meanwhile. A failure is logged: a search may not find all images then, and the next opening
 * continues. */
void catalogue_sqlite_refresh_search(sqlite3 *db);

/* ---- the search index ---- */

/* Puts an image that was added or changed into the search index. */
enum vt_error catalogue_sqlite_index(struct catalogue_sqlite *self, const char *id) VT_MUST_CHECK;

/* ---- the operations of the same names ---- */

enum vt_error catalogue_sqlite_totals(struct catalogue *catalogue,
                                      struct totals *totals) VT_MUST_CHECK;
enum vt_error catalogue_sqlite_count(struct catalogue *catalogue, int64_t after, int64_t to,
                                     uint64_t *images) VT_MUST_CHECK;
enum vt_error catalogue_sqlite_months(struct catalogue *catalogue, catalogue_visit_month visit,
                                      void *context, struct totals *totals) VT_MUST_CHECK;
enum vt_error catalogue_sqlite_tags(struct catalogue *catalogue, const char *prefix, unsigned limit,
                                    catalogue_visit_tag visit, void *context,
                                    struct totals *totals) VT_MUST_CHECK;
void catalogue_sqlite_rollback(struct catalogue *catalogue);
enum vt_error catalogue_sqlite_note_deletion(struct catalogue *catalogue, const char *id,
                                             int64_t at) VT_MUST_CHECK;
enum vt_error catalogue_sqlite_find_deletion(struct catalogue *catalogue, const char *id,
                                             int64_t *at) VT_MUST_CHECK;
enum vt_error catalogue_sqlite_each_deletion(struct catalogue *catalogue, unsigned limit,
                                             catalogue_visit_deletion visit,
                                             void *context) VT_MUST_CHECK;
enum vt_error catalogue_sqlite_derived(struct catalogue *catalogue, const char *id,
                                       uint64_t *bytes) VT_MUST_CHECK;
enum vt_error catalogue_sqlite_note_derived(struct catalogue *catalogue, const char *id,
                                            uint64_t bytes) VT_MUST_CHECK;
enum vt_error catalogue_sqlite_origin(struct catalogue *catalogue,
                                      enum catalogue_origin *origin) VT_MUST_CHECK;
enum vt_error catalogue_sqlite_settle(struct catalogue *catalogue,
                                      enum catalogue_origin origin) VT_MUST_CHECK;
enum vt_error catalogue_sqlite_renew(struct catalogue *catalogue) VT_MUST_CHECK;
enum vt_error catalogue_sqlite_list(struct catalogue *catalogue, const struct listing_query *query,
                                    catalogue_visit visit, void *context,
                                    struct listing_page *page) VT_MUST_CHECK;
enum vt_error catalogue_sqlite_verify(struct catalogue *catalogue, bool thorough,
                                      catalogue_fault fault, void *context) VT_MUST_CHECK;
enum vt_error catalogue_sqlite_verify_search(struct catalogue *catalogue, catalogue_fault fault,
                                             void *context) VT_MUST_CHECK;
enum vt_error catalogue_sqlite_mend(struct catalogue *catalogue,
                                    enum catalogue_part part) VT_MUST_CHECK;
enum vt_error catalogue_sqlite_copy(struct catalogue *catalogue, const char *path) VT_MUST_CHECK;

#endif
