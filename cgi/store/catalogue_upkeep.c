/* The SQLite catalogue's upkeep: finding faults, repairing, copying, and saving the rows of a
 * damaged file. */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/log.h"
#include "store/catalogue_columns.h"
#include "store/catalogue_schema.h"
#include "store/catalogue_sqlite.h"

/* ---- shared use of the catalogue, and the exclusive claim ---- */

static enum vt_error lock_folder(const char *path, int how, int *folder)
{
    *folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (*folder < 0)
        return vt_error_from_errno(errno);
    if (flock(*folder, how | LOCK_NB) == 0)
        return VT_OK;
    (void)close(*folder);
    *folder = -1;
    return errno == EWOULDBLOCK ? VT_ERR_UNAVAILABLE : VT_ERR_INTERNAL;
}

enum vt_error catalogue_sqlite_share(const char *path, int *folder)
{
    char copy[PATH_MAX];
    enum vt_error err;
    int len = snprintf(copy, sizeof copy, "%s", path);

    *folder = -1;
    if (len < 0 || (size_t)len >= sizeof copy)
        return VT_ERR_INTERNAL;
    err = lock_folder(dirname(copy), LOCK_SH, folder);
    if (err == VT_ERR_NOT_FOUND)
        return VT_ERR_UNAVAILABLE; /* the folder is missing */
    /* The file system has no such locks. Claims fail there, so no claim can be disturbed. */
    return err == VT_ERR_INTERNAL ? VT_OK : err;
}

enum vt_error catalogue_sqlite_claim(const char *folder, int *claim)
{
    return lock_folder(folder, LOCK_EX, claim);
}

/* ---- looking for faults ---- */

struct verifying {
    catalogue_fault fault;
    void *context;
};

static int tell_file_fault(void *context, int columns, char **values, char **names)
{
    struct verifying *self = context;

    (void)names;
    if (columns == 1 && values[0] != NULL && strcmp(values[0], "ok") != 0)
        self->fault(self->context, CATALOGUE_FILE, values[0]);
    return 0;
}

static int tell_counters(void *context, int columns, char **values, char **names)
{
    struct verifying *self = context;

    (void)names;
    if (columns != 1 || values[0] == NULL || strcmp(values[0], "1") != 0)
        self->fault(self->context, CATALOGUE_COUNTERS, "the counters do not match the rows");
    return 0;
}

static int tell_names(void *context, int columns, char **values, char **names)
{
    struct verifying *self = context;

    (void)names;
    if (columns != 1 || values[0] == NULL || strcmp(values[0], "1") != 0)
        self->fault(self->context, CATALOGUE_NAMES,
                    "the keys of the order by name do not match the names");
    return 0;
}

static int tell_search(void *context, int columns, char **values, char **names)
{
    struct verifying *self = context;

    (void)names;
    if (columns != 1 || values[0] == NULL || strcmp(values[0], "1") != 0)
        self->fault(self->context, CATALOGUE_SEARCH, "the search index does not match the images");
    return 0;
}

static bool is_damage(sqlite3 *db, int code)
{
    return ((code & 0xff) == SQLITE_CORRUPT || (code & 0xff) == SQLITE_NOTADB) &&
           !catalogue_sqlite_is_disk_fault(db);
}

/* Treats unreadable content as a fault of the part that was checked. */
static enum vt_error settle(struct catalogue_sqlite *self, struct verifying *verifying,
                            enum catalogue_part part, int code)
{
    if (code == SQLITE_OK)
        return VT_OK;
    if (!is_damage(self->db, code))
        return catalogue_sqlite_fail(self, code);
    verifying->fault(verifying->context, part, sqlite3_errmsg(self->db));
    return VT_OK;
}

#define MONTHS_COUNTED "SELECT shown_month, count(*) FROM image GROUP BY 1"
#define COMPARE_COUNTERS                                                                           \
    "SELECT images = (SELECT count(*) FROM image NOT INDEXED) AND"                                 \
    " bytes = (SELECT coalesce(sum(bytes), 0) FROM image NOT INDEXED) AND"                         \
    " derived = (SELECT coalesce(sum(derived), 0) FROM image NOT INDEXED)"                         \
    " AND NOT EXISTS (SELECT * FROM month EXCEPT " MONTHS_COUNTED ")"                              \
    " AND NOT EXISTS (" MONTHS_COUNTED " EXCEPT SELECT * FROM month)"                              \
    " AND NOT EXISTS (SELECT * FROM tag EXCEPT " CATALOGUE_TAGS_COUNTED ")"                        \
    " AND NOT EXISTS (" CATALOGUE_TAGS_COUNTED " EXCEPT SELECT * FROM tag) FROM total"
#define COMPARE_NAMES                                                                              \
    "SELECT name_keys = name_keys_version() AND NOT EXISTS"                                        \
    " (SELECT 1 FROM image NOT INDEXED WHERE name_key <> key_of_name(name)) FROM total"
/* The index is compared with its texts, and these with the rows. */
#define CHECK_SEARCH "INSERT INTO image_search (image_search) VALUES ('integrity-check')"
#define DIFFERS(name, text) " OR image_search." #name " IS NOT " text
#define COMPARE_SEARCH                                                                             \
    "SELECT (SELECT count(*) FROM image_search) = (SELECT count(*) FROM image)"                    \
    " AND NOT EXISTS (SELECT 1 FROM image NOT INDEXED LEFT JOIN image_search"                      \
    " ON image_search.rowid = sequence"                                                            \
    " WHERE image_search.rowid IS NULL" CATALOGUE_SEARCH_COLUMNS(DIFFERS) ")"

enum vt_error catalogue_sqlite_verify(struct catalogue *catalogue, bool thorough,
                                      catalogue_fault fault, void *context)
{
    struct catalogue_sqlite *self = self_of(catalogue);
    struct verifying verifying = {fault, context};
    enum vt_error err;
    int code = sqlite3_exec(self->db, thorough ? "PRAGMA integrity_check" : "PRAGMA quick_check",
                            tell_file_fault, &verifying, NULL);
    /* SQLite's check continues after an unreadable page, and reports it as damage. */
    if (code == SQLITE_OK && catalogue_sqlite_is_disk_fault(self->db))
        code = SQLITE_IOERR;
    err = settle(self, &verifying, CATALOGUE_FILE, code);

    if (err == VT_OK)
        err = settle(self, &verifying, CATALOGUE_COUNTERS,
                     sqlite3_exec(self->db, COMPARE_COUNTERS, tell_counters, &verifying, NULL));
    if (err == VT_OK)
        err = settle(self, &verifying, CATALOGUE_NAMES,
                     sqlite3_exec(self->db, COMPARE_NAMES, tell_names, &verifying, NULL));
    return err;
}

enum vt_error catalogue_sqlite_verify_search(struct catalogue *catalogue, catalogue_fault fault,
                                             void *context)
{
    struct catalogue_sqlite *self = self_of(catalogue);
    struct verifying verifying = {fault, context};

    int code = sqlite3_exec(self->db, CHECK_SEARCH, NULL, NULL, NULL);

    if (code == SQLITE_OK)
        code = sqlite3_exec(self->db, COMPARE_SEARCH, tell_search, &verifying, NULL);
    return settle(self, &verifying, CATALOGUE_SEARCH, code);
}

enum vt_error catalogue_sqlite_mend(struct catalogue *catalogue, enum catalogue_part part)
{
    static const char *const remedies[CATALOGUE_PART_COUNT] = {
        [CATALOGUE_FILE] = "REINDEX",
        [CATALOGUE_SEARCH] = "DROP TABLE image_search; " CATALOGUE_CREATE_SEARCH
                             "; " CATALOGUE_INDEX_ROWS " ORDER BY sequence; DELETE FROM unindexed;"
                             "UPDATE total SET version = version + 1",
        [CATALOGUE_COUNTERS] = "UPDATE total SET images = (SELECT count(*) FROM image),"
                               " bytes = (SELECT coalesce(sum(bytes), 0) FROM image),"
                               " derived = (SELECT coalesce(sum(derived), 0) FROM image),"
                               " version = version + 1;"
                               "DELETE FROM month; INSERT INTO month " MONTHS_COUNTED "; "
                               "DELETE FROM tag; INSERT INTO tag " CATALOGUE_TAGS_COUNTED,
        [CATALOGUE_NAMES] = CATALOGUE_REMAKE_NAME_KEYS,
    };
    struct catalogue_sqlite *self = self_of(catalogue);
    int code = sqlite3_exec(self->db, remedies[part], NULL, NULL, NULL);

    return code == SQLITE_OK ? VT_OK : catalogue_sqlite_fail(self, code);
}

/* ---- copying ---- */

static enum vt_error sync_file(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    enum vt_error err = VT_OK;

    if (fd < 0 || fsync(fd) != 0) {
        log_error("catalogue: sync a copy: %s", strerror(errno));
        err = vt_error_from_errno(errno);
    }
    if (fd >= 0)
        (void)close(fd);
    return err;
}

enum vt_error catalogue_sqlite_copy(struct catalogue *catalogue, const char *path)
{
    struct catalogue_sqlite *self = self_of(catalogue);
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(self->db, "VACUUM INTO ?1", -1, &statement, NULL);

    if (code == SQLITE_OK)
        code = sqlite3_bind_text(statement, 1, path, -1, SQLITE_STATIC);
    if (code == SQLITE_OK)
        code = sqlite3_step(statement);
    (void)sqlite3_finalize(statement);
    return code == SQLITE_DONE ? sync_file(path) : catalogue_sqlite_fail(self, code);
}

/* ---- saving rows ---- */

struct salvage {
    struct catalogue_sqlite *self;
    catalogue_visit visit;
    catalogue_visit_deletion visit_deletion;
    void *context;
    bool whole;
    int64_t first, last; /* range of sequences that was not read yet */
};

#define FORWARDS " FROM image NOT INDEXED ORDER BY sequence"
#define HIGHEST "SELECT sequence FROM image NOT INDEXED ORDER BY sequence DESC LIMIT 1"
#define HIGHEST_EVER "SELECT seq FROM sqlite_sequence WHERE name = 'image'"
#define ALONE " FROM image NOT INDEXED WHERE sequence = ?1"

#define IN_TABLE(name, member, kind, absent) {#name, absent},

static const struct {
    const char *name, *absent;
} columns[] = {CATALOGUE_COLUMNS(IN_TABLE)};

/* Whether the table has the column, regardless of the file's schema version. If the table cannot be
 * read, the column counts as present. */
static bool has_column(sqlite3 *db, const char *name)
{
    return sqlite3_table_column_metadata(db, "main", "image", name, NULL, NULL, NULL, NULL, NULL) !=
           SQLITE_ERROR;
}

/* Prepares a SELECT of CATALOGUE_SELECTED. For columns that the file's schema version does not
 * have, it selects their substitutes. */
static int prepare_salvage(sqlite3 *db, const char *from, sqlite3_stmt **statement)
{
    struct buf query = BUF_INIT;
    int code = SQLITE_NOMEM;

    buf_puts(&query, "SELECT sequence");
    for (size_t i = 0; i < sizeof columns / sizeof columns[0]; i++) {
        bool is_there = columns[i].absent == REQUIRED || has_column(db, columns[i].name);

        buf_printf(&query, ", %s", is_there ? columns[i].name : columns[i].absent);
    }
    buf_puts(&query, from);
    if (buf_ok(&query))
        code = sqlite3_prepare_v2(db, query.data, -1, statement, NULL);
    buf_free(&query);
    return code;
}

static enum vt_error save_row(struct salvage *salvage, sqlite3_stmt *row)
{
    struct record record;

    if (catalogue_sqlite_read(row, &record))
        return salvage->visit(salvage->context, &record);
    salvage->whole = false;
    return VT_OK;
}

/* Reads rows from the first one on, up to the first unreadable page. */
static enum vt_error save_forwards(struct salvage *salvage)
{
    sqlite3_stmt *rows = NULL;
    int code = prepare_salvage(salvage->self->db, FORWARDS, &rows);
    enum vt_error err = VT_OK;

    while (err == VT_OK && code == SQLITE_OK && (code = sqlite3_step(rows)) == SQLITE_ROW) {
        salvage->first = sqlite3_column_int64(rows, 0) + 1;
        err = save_row(salvage, rows);
        code = SQLITE_OK;
    }
    (void)sqlite3_finalize(rows);
    if (err != VT_OK)
        return err;
    if (code != SQLITE_DONE) {
        salvage->whole = false;
        return is_damage(salvage->self->db, code) || code == SQLITE_ERROR
                   ? VT_OK
                   : catalogue_sqlite_fail(salvage->self, code);
    }
    salvage->first = INT64_MAX; /* every row was read */
    return VT_OK;
}

static int64_t number(sqlite3 *db, const char *query)
{
    sqlite3_stmt *statement = NULL;
    int64_t found = 0;

    if (sqlite3_prepare_v2(db, query, -1, &statement, NULL) == SQLITE_OK &&
        sqlite3_step(statement) == SQLITE_ROW)
        found = sqlite3_column_int64(statement, 0);
    (void)sqlite3_finalize(statement);
    return found;
}

/* Looks up each row that may lie behind the unreadable page: the path to a single row has only a
 * few pages. */
static enum vt_error save_one_by_one(struct salvage *salvage)
{
    sqlite3_stmt *row = NULL;
    int code = prepare_salvage(salvage->self->db, ALONE, &row);
    enum vt_error err = VT_OK;

    for (int64_t at = salvage->first; err == VT_OK && code == SQLITE_OK && at <= salvage->last;
         at++) {
        int step = SQLITE_DONE;

        code = sqlite3_bind_int64(row, 1, at);
        if (code == SQLITE_OK)
            step = sqlite3_step(row);
        if (step == SQLITE_ROW)
            err = save_row(salvage, row);
        else if (step != SQLITE_DONE && !is_damage(salvage->self->db, step) && step != SQLITE_ERROR)
            err = catalogue_sqlite_fail(salvage->self, step);
        (void)sqlite3_reset(row); /* returns the step's code again */
    }
    (void)sqlite3_finalize(row);
    return err;
}

#define DELETIONS "SELECT id, at FROM deletion ORDER BY sequence"

/* Reads the recorded deletions, up to the first unreadable page; the first schema had none. */
static enum vt_error save_deletions(struct salvage *salvage)
{
    sqlite3_stmt *rows = NULL;
    int code = sqlite3_prepare_v2(salvage->self->db, DELETIONS, -1, &rows, NULL);
    char id[ID_LENGTH + 1];
    enum vt_error err = VT_OK;

    while (err == VT_OK && code == SQLITE_OK && (code = sqlite3_step(rows)) == SQLITE_ROW) {
        catalogue_sqlite_copy_text(rows, 0, id, sizeof id);
        if (record_is_id(id))
            err = salvage->visit_deletion(salvage->context, id, sqlite3_column_int64(rows, 1));
        code = SQLITE_OK;
    }
    (void)sqlite3_finalize(rows);
    if (err != VT_OK || code == SQLITE_DONE || code == SQLITE_ERROR)
        return err;
    salvage->whole = false;
    return is_damage(salvage->self->db, code) ? VT_OK : catalogue_sqlite_fail(salvage->self, code);
}

#define SALVAGE_SPAN 10000000 /* at most so many rows are looked up one by one */

enum vt_error catalogue_sqlite_salvage(const char *path, catalogue_visit visit,
                                       catalogue_visit_deletion visit_deletion, void *context,
                                       bool *whole, struct vt_reason *why)
{
    struct catalogue_sqlite self = {.folder = -1};
    struct salvage salvage = {&self, visit, visit_deletion, context, true, 0, 0};
    int code = sqlite3_open_v2(path, &self.db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
    enum vt_error err = VT_OK;

    *whole = false;
    if (code != SQLITE_OK && sqlite3_system_errno(self.db) != ENOENT)
        err = catalogue_sqlite_fail(&self,
                                    code); /* the file exists, and must not be replaced unread */
    if (code == SQLITE_OK && number(self.db, "PRAGMA user_version") > CATALOGUE_SCHEMA_VERSION)
        err = vt_fail(why, VT_ERR_UNAVAILABLE, CATALOGUE_NEWER,
                      (int)number(self.db, "PRAGMA user_version"), CATALOGUE_SCHEMA_VERSION);
    if (code == SQLITE_OK && err == VT_OK)
        err = save_forwards(&salvage);
    if (code == SQLITE_OK && err == VT_OK && salvage.first != INT64_MAX) {
        int64_t highest = number(self.db, HIGHEST), ever = number(self.db, HIGHEST_EVER);

        salvage.last = highest > ever ? highest : ever;
        if (salvage.last - salvage.first > SALVAGE_SPAN)
            salvage.last = salvage.first + SALVAGE_SPAN;
        err = save_one_by_one(&salvage);
    }
    if (code == SQLITE_OK && err == VT_OK)
        err = save_deletions(&salvage);
    if (err == VT_OK && catalogue_sqlite_is_disk_fault(self.db))
        err = catalogue_sqlite_fail(&self, SQLITE_IOERR);
    if (err == VT_ERR_IO)
        err = vt_fail(why, err, CATALOGUE_DISK_FAULT);
    if (sqlite3_close(self.db) != SQLITE_OK)
        log_error("catalogue: a statement was left open");
    *whole = code == SQLITE_OK && salvage.whole;
    return err;
}
