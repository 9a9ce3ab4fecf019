/* The counters that the catalogue's triggers maintain beside its totals. */
#include "store/catalogue_sqlite.h"

static enum vt_error visit_months(struct catalogue_sqlite *self, catalogue_visit_month visit,
                                  void *context)
{
    sqlite3_stmt *statement = NULL;
    enum vt_error err = catalogue_sqlite_prepare(self, MONTHS, &statement);
    char month[sizeof "2024-05"];
    int code = SQLITE_OK;

    while (err == VT_OK && (code = sqlite3_step(statement)) == SQLITE_ROW) {
        catalogue_sqlite_copy_text(statement, 0, month, sizeof month);
        err = visit(context, month, (uint64_t)sqlite3_column_int64(statement, 1));
    }
    if (err == VT_OK && code != SQLITE_DONE)
        err = catalogue_sqlite_fail(self, code);
    if (statement != NULL)
        catalogue_sqlite_release(statement);
    return err;
}

enum vt_error catalogue_sqlite_months(struct catalogue *catalogue, catalogue_visit_month visit,
                                      void *context, struct totals *totals)
{
    struct catalogue_sqlite *self = self_of(catalogue);
    bool own = sqlite3_get_autocommit(self->db) != 0;
    enum vt_error err = own ? catalogue_sqlite_run_plain(self, BEGIN_READ) : VT_OK;

    if (err != VT_OK)
        return err;
    err = catalogue_sqlite_totals(catalogue, totals);
    if (err == VT_OK)
        err = visit_months(self, visit, context);
    if (own)
        catalogue_sqlite_rollback(catalogue);
    return err;
}
