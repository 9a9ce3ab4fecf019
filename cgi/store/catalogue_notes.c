/* What the SQLite catalogue records beside the images: which were deleted, the size of their
 * thumbnails, and its own origin; and how many images there are. */
#include "store/catalogue_sqlite.h"

enum vt_error catalogue_sqlite_note_deletion(struct catalogue *catalogue, const char *id,
                                             int64_t at)
{
    struct catalogue_sqlite *self = self_of(catalogue);
    sqlite3_stmt *statement = NULL;
    enum vt_error err = catalogue_sqlite_prepare(self, NOTE_DELETION, &statement);

    if (err != VT_OK)
        return err;
    if (catalogue_sqlite_bind_text(statement, 1, id) != SQLITE_OK ||
        sqlite3_bind_int64(statement, 2, at) != SQLITE_OK) {
        catalogue_sqlite_release(statement);
        return VT_ERR_MEMORY;
    }
    return catalogue_sqlite_run(self, statement);
}

/* Finishes a statement whose step should have given one row. */
static enum vt_error end_row(struct catalogue_sqlite *self, sqlite3_stmt *statement, int code)
{
    enum vt_error err = VT_OK;

    if (code == SQLITE_DONE)
        err = VT_ERR_NOT_FOUND;
    else if (code != SQLITE_ROW)
        err = catalogue_sqlite_fail(self, code);
    catalogue_sqlite_release(statement);
    return err;
}

/* Runs a statement that gives one number for an image. */
static enum vt_error find_number(struct catalogue *catalogue, enum statement which, const char *id,
                                 int64_t *number)
{
    struct catalogue_sqlite *self = self_of(catalogue);
    sqlite3_stmt *statement = NULL;
    enum vt_error err = catalogue_sqlite_prepare(self, which, &statement);
    int code;

    if (err != VT_OK)
        return err;
    code = catalogue_sqlite_bind_text(statement, 1, id);
    if (code == SQLITE_OK)
        code = sqlite3_step(statement);
    if (code == SQLITE_ROW)
        *number = sqlite3_column_int64(statement, 0);
    return end_row(self, statement, code);
}

enum vt_error catalogue_sqlite_find_deletion(struct catalogue *catalogue, const char *id,
                                             int64_t *at)
{
    return find_number(catalogue, FIND_DELETION, id, at);
}

enum vt_error catalogue_sqlite_each_deletion(struct catalogue *catalogue, unsigned limit,
                                             catalogue_visit_deletion visit, void *context)
{
    struct catalogue_sqlite *self = self_of(catalogue);
    sqlite3_stmt *statement = NULL;
    enum vt_error err = catalogue_sqlite_prepare(self, EACH_DELETION, &statement);
    char id[ID_LENGTH + 1];
    int code;

    if (err != VT_OK)
        return err;
    code = sqlite3_bind_int64(statement, 1, limit);
    while (err == VT_OK && code == SQLITE_OK && (code = sqlite3_step(statement)) == SQLITE_ROW) {
        catalogue_sqlite_copy_text(statement, 0, id, sizeof id);
        err = visit(context, id, sqlite3_column_int64(statement, 1));
        code = SQLITE_OK;
    }
    if (err == VT_OK && code != SQLITE_DONE)
        err = catalogue_sqlite_fail(self, code);
    catalogue_sqlite_release(statement);
    return err;
}

enum vt_error catalogue_sqlite_derived(struct catalogue *catalogue, const char *id, uint64_t *bytes)
{
    int64_t number = 0;
    enum vt_error err = find_number(catalogue, DERIVED, id, &number);

    if (err == VT_OK)
        *bytes = (uint64_t)number;
    return err;
}

enum vt_error catalogue_sqlite_note_derived(struct catalogue *catalogue, const char *id,
                                            uint64_t bytes)
{
    struct catalogue_sqlite *self = self_of(catalogue);
    sqlite3_stmt *statement = NULL;
    enum vt_error err = catalogue_sqlite_prepare(self, NOTE_DERIVED, &statement);

    if (err != VT_OK)
        return err;
    if (catalogue_sqlite_bind_text(statement, 1, id) != SQLITE_OK ||
        sqlite3_bind_int64(statement, 2, (sqlite3_int64)bytes) != SQLITE_OK) {
        catalogue_sqlite_release(statement);
        return VT_ERR_MEMORY;
    }
    return catalogue_sqlite_run(self, statement);
}

enum vt_error catalogue_sqlite_count(struct catalogue *catalogue, int64_t after, int64_t to,
                                     uint64_t *images)
{
    struct catalogue_sqlite *self = self_of(catalogue);
    sqlite3_stmt *statement = NULL;
    enum vt_error err = catalogue_sqlite_prepare(self, COUNT, &statement);
    int code;

    if (err != VT_OK)
        return err;
    code = sqlite3_bind_int64(statement, 1, after) | sqlite3_bind_int64(statement, 2, to);
    if (code == SQLITE_OK)
        code = sqlite3_step(statement);
    if (code == SQLITE_ROW)
        *images = (uint64_t)sqlite3_column_int64(statement, 0);
    return end_row(self, statement, code);
}

enum vt_error catalogue_sqlite_origin(struct catalogue *catalogue, enum catalogue_origin *origin)
{
    struct catalogue_sqlite *self = self_of(catalogue);
    sqlite3_stmt *statement = NULL;
    enum vt_error err = catalogue_sqlite_prepare(self, ORIGIN, &statement);
    int code;

    if (err != VT_OK)
        return err;
    code = sqlite3_step(statement);
    if (code == SQLITE_ROW && sqlite3_column_type(statement, 0) == SQLITE_NULL)
        *origin = CATALOGUE_UNSETTLED;
    else if (code == SQLITE_ROW)
        *origin =
            sqlite3_column_int(statement, 0) == 0 ? CATALOGUE_SETTLED : CATALOGUE_BESIDE_ORIGINALS;
    err = end_row(self, statement, code);
    return err == VT_ERR_NOT_FOUND ? VT_ERR_INTERNAL : err; /* the schema has made the row */
}

enum vt_error catalogue_sqlite_settle(struct catalogue *catalogue, enum catalogue_origin origin)
{
    struct catalogue_sqlite *self = self_of(catalogue);
    sqlite3_stmt *statement = NULL;
    enum vt_error err = catalogue_sqlite_prepare(self, SETTLE, &statement);

    if (err != VT_OK)
        return err;
    if (sqlite3_bind_int(statement, 1, origin == CATALOGUE_BESIDE_ORIGINALS) != SQLITE_OK) {
        catalogue_sqlite_release(statement);
        return VT_ERR_MEMORY;
    }
    return catalogue_sqlite_run(self, statement);
}

enum vt_error catalogue_sqlite_renew(struct catalogue *catalogue)
{
    return catalogue_sqlite_run_plain(self_of(catalogue), RENEW);
}
