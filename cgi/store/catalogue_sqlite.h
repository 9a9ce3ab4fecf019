/* Shared by the files of the SQLite catalogue, and by nothing else: catalogue_sqlite.c, which opens
 * it and has its operations, catalogue_statement.c, catalogue_listing.c, catalogue_names.c,
 * catalogue_notes.c, catalogue_upkeep.c. */
#ifndef VITRINE_STORE_CATALOGUE_SQLITE_H
#define VITRINE_STORE_CATALOGUE_SQLITE_H

#include <sqlite3.h>

#include "store/catalogue.h"

enum statement {
    BEGIN_READ,
    BEGIN_WRITE,
    COMMIT,
    ROLLBACK,
    FIND,
    ADD,
    CHANGE,
    REMOVE,
    TOTALS,
    NOTE_DELETION,
    FIND_DELETION,
    EACH_DELETION,
    DERIVED,
    NOTE_DERIVED,
    ORIGIN,
    SETTLE,
    RENEW,
    SEARCH_TOTAL,
    LIST,                            /* + enum listing_sort */
    LIST_SEARCH = LIST + SORT_COUNT, /* + enum listing_sort */
    STATEMENT_COUNT = LIST_SEARCH + SORT_COUNT
};

struct catalogue_sqlite {
    struct catalogue base;
    sqlite3 *db;
    bool is_set_up; /* a catalogue of ours, whose log may be emptied at the end */
    sqlite3_stmt *statements[STATEMENT_COUNT]; /* prepared at first use */
    int folder; /* with the shared lock that keeps claims away; -1 where there is none */
};

/* Computes the key of each name that has another one than this program would make. */
#define CATALOGUE_REMAKE_NAME_KEYS                                                                 \
    "UPDATE image SET name_key = key_of_name(name) WHERE name_key <> key_of_name(name);"           \
    "UPDATE total SET name_keys = name_keys_version(), version = version + 1"

static inline struct catalogue_sqlite *self_of(struct catalogue *catalogue)
{
    return (struct catalogue_sqlite *)catalogue; /* base is the first member */
}

/* ---- statements ---- */

/* Logs what the client is not told, and maps SQLite's code. db may be NULL. Damage that the disk's
 * faults have made up is VT_ERR_IO, not VT_ERR_DAMAGED. */
enum vt_error catalogue_sqlite_fail(struct catalogue_sqlite *self, int code);

/* Whether a call of SQLite's for the catalogue's file or log has failed by the disk's fault, in the
 * last call or an earlier one: what looks like damage then need not be any. db may be NULL. */
bool catalogue_sqlite_is_disk_fault(sqlite3 *db) VT_MUST_CHECK;

/* Gives the statement, ready to be bound; the catalogue keeps it. */
enum vt_error catalogue_sqlite_prepare(struct catalogue_sqlite *self, enum statement which,
                                       sqlite3_stmt **out) VT_MUST_CHECK;

/* Ends the use of a statement: resetting gives its read lock back. */
void catalogue_sqlite_release(sqlite3_stmt *statement);

/* Runs a bound statement that gives no rows, and ends its use. */
enum vt_error catalogue_sqlite_run(struct catalogue_sqlite *self,
                                   sqlite3_stmt *statement) VT_MUST_CHECK;

/* The same of one that has nothing to bind. */
enum vt_error catalogue_sqlite_run_plain(struct catalogue_sqlite *self,
                                         enum statement which) VT_MUST_CHECK;

/* Binds text, which must live as long; SQLite's code. */
int catalogue_sqlite_bind_text(sqlite3_stmt *statement, int at, const char *text);

/* Copies a column's text, as much as there is room for; size is at least 1. */
void catalogue_sqlite_copy_text(sqlite3_stmt *row, int column, char *out, size_t size);

/* Bind all that ADD, or CHANGE, has of an image, whose record must live as long; SQLite's code. */
int catalogue_sqlite_bind_add(sqlite3_stmt *statement, const struct record *record);
int catalogue_sqlite_bind_change(sqlite3_stmt *statement, const struct record *record);

/* Reads a row of CATALOGUE_SELECTED; false where it cannot be one of ours. */
bool catalogue_sqlite_read(sqlite3_stmt *row, struct record *record) VT_MUST_CHECK;

/* The same; logs a row that cannot be, which is VT_ERR_DAMAGED. */
enum vt_error catalogue_sqlite_read_row(sqlite3_stmt *row, struct record *record) VT_MUST_CHECK;

/* ---- opening ---- */

/* Takes the shared lock on the folder of the file at path: VT_ERR_UNAVAILABLE where it is claimed.
 * The caller closes *folder, which is -1 after a failure and where folders cannot be locked. */
enum vt_error catalogue_sqlite_share(const char *path, int *folder) VT_MUST_CHECK;

/* Gives the connection the SQL functions key_of_name(name) and name_keys_version(), of which the
 * schema's migrations and the statements make use. SQLite's code. */
int catalogue_sqlite_set_up_names(sqlite3 *db);

/* Computes the keys of names that have none, or all where they are of another version. Where that
 * fails, on a full disk for instance, it is logged: names are out of order then, and nothing else
 * is wrong. */
void catalogue_sqlite_refresh_names(sqlite3 *db);

/* ---- the operations of the same names ---- */

enum vt_error catalogue_sqlite_totals(struct catalogue *catalogue,
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
