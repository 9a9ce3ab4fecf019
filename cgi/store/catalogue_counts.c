/* The counters that the catalogue's triggers maintain beside its totals. */
#include "store/catalogue_sqlite.h"

/* Visits the rows of a bound statement, of a text and a number each, and ends its use. `code` is
 * that of the binding. */
static enum vt_error visit_rows(struct catalogue_sqlite *self, sqlite3_stmt *statement, int code,
                                enum vt_error (*visit)(void *, const char *, uint64_t),
                                void *context)
{
    char text[TAG_SIZE];
    enum vt_error err = VT_OK;

    while (err == VT_OK && code == SQLITE_OK && (code = sqlite3_step(statement)) == SQLITE_ROW) {
        catalogue_sqlite_copy_text(statement, 0, text, sizeof text);
        err = visit(context, text, (uint64_t)sqlite3_column_int64(statement, 1));
        code = SQLITE_OK;
    }
    if (err == VT_OK && code != SQLITE_DONE)
        err = catalogue_sqlite_fail(self, code);
    catalogue_sqlite_release(statement);
    return err;
}

/* Begins a read transaction unless the caller has one, and reads the totals. */
static enum vt_error begin(struct catalogue *catalogue, bool *own, struct totals *totals)
{
    struct catalogue_sqlite *self = self_of(catalogue);
    enum vt_error err;

    *own = sqlite3_get_autocommit(self->db) != 0;
    err = *own ? catalogue_sqlite_run_plain(self, BEGIN_READ) : VT_OK;
    return err == VT_OK ? catalogue_sqlite_totals(catalogue, totals) : err;
}

enum vt_error catalogue_sqlite_months(struct catalogue *catalogue, catalogue_visit_month visit,
                                      void *context, struct totals *totals)
{
    struct catalogue_sqlite *self = self_of(catalogue);
    sqlite3_stmt *statement = NULL;
    bool own;
    enum vt_error err = begin(catalogue, &own, totals);

    if (err == VT_OK)
        err = catalogue_sqlite_prepare(self, MONTHS, &statement);
    if (err == VT_OK)
        err = visit_rows(self, statement, SQLITE_OK, visit, context);
    if (own)
        catalogue_sqlite_rollback(catalogue);
    return err;
}

enum vt_error catalogue_sqlite_tags(struct catalogue *catalogue, const char *prefix, unsigned limit,
                                    catalogue_visit_tag visit, void *context, struct totals *totals)
{
    struct catalogue_sqlite *self = self_of(catalogue);
    sqlite3_stmt *statement = NULL;
    bool own;
    enum vt_error err = begin(catalogue, &own, totals);
    int code = SQLITE_OK;

    if (err == VT_OK)
        err = catalogue_sqlite_prepare(self, prefix[0] != '\0' ? TAGS_OF_PREFIX : TAGS, &statement);
    if (err == VT_OK) {
        code = sqlite3_bind_int64(statement, 1, limit);
        if (prefix[0] != '\0') {
            code |= catalogue_sqlite_bind_text(statement, 2, prefix);
            code |= sqlite3_bind_int(statement, 3, CATALOGUE_TAGS_DEPTH);
        }
        err = visit_rows(self, statement, code, visit, context);
    }
    if (own)
        catalogue_sqlite_rollback(catalogue);
    return err;
}
