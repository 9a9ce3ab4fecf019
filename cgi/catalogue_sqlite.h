/* Shared by catalogue_sqlite.c and catalogue_upkeep.c, and by nothing else. */
#ifndef VITRINE_CATALOGUE_SQLITE_H
#define VITRINE_CATALOGUE_SQLITE_H

#include <sqlite3.h>

#include "catalogue.h"

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
    SEARCH_TOTAL,
    LIST,                            /* + enum listing_sort */
    LIST_SEARCH = LIST + SORT_COUNT, /* + enum listing_sort */
    STATEMENT_COUNT = LIST_SEARCH + SORT_COUNT
};

struct catalogue_sqlite {
    struct catalogue base;
    sqlite3 *db;
    sqlite3_stmt *statements[STATEMENT_COUNT]; /* prepared at first use */
    int folder; /* with the shared lock that keeps claims away; -1 where there is none */
};

#define CATALOGUE_COLUMNS                                                                          \
    "sequence, id, name, tags, type, width, height, bytes, created, alpha, token_hash"

static inline struct catalogue_sqlite *self_of(struct catalogue *catalogue)
{
    return (struct catalogue_sqlite *)catalogue; /* base is the first member */
}

/* Logs what the client is not told, and maps SQLite's code. db may be NULL. */
enum vt_error catalogue_sqlite_fail(struct catalogue_sqlite *self, int code);

/* Reads a row of CATALOGUE_COLUMNS; false where it cannot be one of ours. */
bool catalogue_sqlite_read(sqlite3_stmt *row, struct record *record) VT_MUST_CHECK;

/* Takes the shared lock on the folder of the file at path: VT_ERR_UNAVAILABLE where it is claimed.
 * The caller closes *folder, which is -1 after a failure and where folders cannot be locked. */
enum vt_error catalogue_sqlite_share(const char *path, int *folder) VT_MUST_CHECK;

/* The operations of the same names. */
enum vt_error catalogue_sqlite_verify(struct catalogue *catalogue, bool thorough,
                                      catalogue_fault fault, void *context) VT_MUST_CHECK;
enum vt_error catalogue_sqlite_mend(struct catalogue *catalogue,
                                    enum catalogue_part part) VT_MUST_CHECK;
enum vt_error catalogue_sqlite_copy(struct catalogue *catalogue, const char *path) VT_MUST_CHECK;

#endif
