/* The catalogue in one SQLite file: WAL, so that listings never wait for uploads. */
#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "buf.h"
#include "catalogue.h"
#include "catalogue_schema.h"
#include "catalogue_sqlite.h"
#include "log.h"

#define BUSY_TIMEOUT_MS 5000
#define SET_UP_ATTEMPTS 100 /* with 20 ms between them */

#define COLUMNS CATALOGUE_COLUMNS
#define SELECT_IMAGE "SELECT " COLUMNS " FROM image "

/* The listings take ?1 sequence, ?2 bytes, ?3 name (the row before the first), ?4 limit, ?5 search.
 * In arrival order the full-text index itself is walked from the cursor. By name or size, its
 * newest ?6 matches are sorted. */
#define SEARCH_WALK(compare, order)                                                                \
    "SELECT " COLUMNS " FROM (SELECT rowid AS match FROM image_search"                             \
    " WHERE image_search MATCH ?5 AND rowid " compare " ?1 ORDER BY rowid " order                  \
    " LIMIT ?4) CROSS JOIN image ON sequence = match ORDER BY sequence " order
#define SEARCH_SORT(where, order)                                                                  \
    "SELECT " COLUMNS " FROM (SELECT rowid AS match FROM image_search"                             \
    " WHERE image_search MATCH ?5 ORDER BY rowid DESC LIMIT ?6) CROSS JOIN image"                  \
    " ON sequence = match WHERE " where " ORDER BY " order " LIMIT ?4"

/* SQLite does not seek by the second half of (key, sequence) > (…): of rows with equal keys it
 * would read all up to the cursor's. The rest of the cursor's own key and the keys behind it are
 * two walks of the index, which SQLite merges. */
#define LIST_BY(same, after, order)                                                                \
    SELECT_IMAGE "WHERE " same " UNION ALL " SELECT_IMAGE "WHERE " after " ORDER BY " order        \
                 " LIMIT ?4"

#define AFTER_NAME "(name, sequence) > (?3, ?1)"
#define BY_NAME "name, sequence"
#define AFTER_SIZE "(bytes, sequence) < (?2, ?1)"
#define BY_SIZE "bytes DESC, sequence DESC"

static const char *const sql[STATEMENT_COUNT] = {
    [BEGIN_READ] = "BEGIN",
    [BEGIN_WRITE] = "BEGIN IMMEDIATE",
    [COMMIT] = "COMMIT",
    [ROLLBACK] = "ROLLBACK",
    [FIND] = SELECT_IMAGE "WHERE id = ?1",
    [ADD] = "INSERT INTO image (id, name, tags, type, width, height, bytes, created, alpha,"
            " token_hash) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
    [CHANGE] = "UPDATE image SET name = ?2, tags = ?3 WHERE id = ?1",
    [REMOVE] = "DELETE FROM image WHERE id = ?1",
    [TOTALS] = "SELECT images, bytes, epoch, version FROM total",
    [SEARCH_TOTAL] = "SELECT count(*) FROM (SELECT 1 FROM image_search WHERE image_search MATCH ?1"
                     " LIMIT ?2)",
    [LIST + SORT_NEW] = SELECT_IMAGE "WHERE sequence < ?1 ORDER BY sequence DESC LIMIT ?4",
    [LIST + SORT_OLD] = SELECT_IMAGE "WHERE sequence > ?1 ORDER BY sequence LIMIT ?4",
    [LIST + SORT_NAME] = LIST_BY("name = ?3 AND sequence > ?1", "name > ?3", BY_NAME),
    [LIST + SORT_SIZE] = LIST_BY("bytes = ?2 AND sequence < ?1", "bytes < ?2", BY_SIZE),
    [LIST_SEARCH + SORT_NEW] = SEARCH_WALK("<", "DESC"),
    [LIST_SEARCH + SORT_OLD] = SEARCH_WALK(">", "ASC"),
    [LIST_SEARCH + SORT_NAME] = SEARCH_SORT(AFTER_NAME, BY_NAME),
    [LIST_SEARCH + SORT_SIZE] = SEARCH_SORT(AFTER_SIZE, BY_SIZE),
};

enum vt_error catalogue_sqlite_fail(struct catalogue_sqlite *self, int code)
{
    switch (code & 0xff) {
    case SQLITE_FULL:
        return VT_ERR_NO_SPACE;
    case SQLITE_NOMEM:
        return VT_ERR_MEMORY;
    case SQLITE_BUSY:
        return VT_ERR_UNAVAILABLE;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        log_error("catalogue: %s: %s", sqlite3_errstr(code),
                  code == SQLITE_CORRUPT_VTAB ? "run: vitrine fsck --repair"
                                              : "stop the gallery and run: vitrine rebuild");
        return VT_ERR_DAMAGED;
    default:
        break;
    }
    log_error("catalogue: %s", self->db != NULL ? sqlite3_errmsg(self->db) : sqlite3_errstr(code));
    if (self->db != NULL &&
        (sqlite3_system_errno(self->db) == ENOSPC || sqlite3_system_errno(self->db) == EFBIG))
        return VT_ERR_NO_SPACE;
    switch (code & 0xff) {
    case SQLITE_LOCKED:
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_IOERR:
    case SQLITE_PERM:
    case SQLITE_PROTOCOL:
        return VT_ERR_UNAVAILABLE;
    default:
        return VT_ERR_INTERNAL;
    }
}

/* Gives the statement, ready to be bound. */
static enum vt_error prepare(struct catalogue_sqlite *self, int which, sqlite3_stmt **out)
{
    sqlite3_stmt **slot = &self->statements[which];

    if (*slot == NULL) {
        int code =
            sqlite3_prepare_v3(self->db, sql[which], -1, SQLITE_PREPARE_PERSISTENT, slot, NULL);

        if (code != SQLITE_OK)
            return catalogue_sqlite_fail(self, code);
    }
    *out = *slot;
    return VT_OK;
}

/* Ends the use of a statement: resetting gives its read lock back. */
static void release(sqlite3_stmt *statement)
{
    /* The code is that of the step before, which was looked at there. */
    (void)sqlite3_reset(statement);
    (void)sqlite3_clear_bindings(statement);
}

/* Runs a bound statement that gives no rows. */
static enum vt_error run(struct catalogue_sqlite *self, sqlite3_stmt *statement)
{
    int code = sqlite3_step(statement);
    enum vt_error err = code == SQLITE_DONE ? VT_OK : catalogue_sqlite_fail(self, code);

    release(statement);
    return err;
}

static enum vt_error run_plain(struct catalogue_sqlite *self, int which)
{
    sqlite3_stmt *statement = NULL;
    enum vt_error err = prepare(self, which, &statement);

    return err == VT_OK ? run(self, statement) : err;
}

static int bind_text(sqlite3_stmt *statement, int at, const char *text)
{
    return sqlite3_bind_text(statement, at, text, -1, SQLITE_STATIC);
}

static void copy_text(sqlite3_stmt *row, int column, char *out, size_t size)
{
    const unsigned char *text = sqlite3_column_text(row, column);
    size_t len = text == NULL ? 0 : strlen((const char *)text);

    if (len >= size)
        len = size - 1;
    if (len > 0)
        memcpy(out, text, len);
    out[len] = '\0';
}

bool catalogue_sqlite_read(sqlite3_stmt *row, struct record *record)
{
    char extension[8];
    const void *hash = sqlite3_column_blob(row, 10);

    memset(record, 0, sizeof *record);
    record->sequence = sqlite3_column_int64(row, 0);
    copy_text(row, 1, record->id, sizeof record->id);
    copy_text(row, 2, record->name, sizeof record->name);
    copy_text(row, 3, record->tags, sizeof record->tags);
    copy_text(row, 4, extension, sizeof extension);
    record->width = (uint32_t)sqlite3_column_int64(row, 5);
    record->height = (uint32_t)sqlite3_column_int64(row, 6);
    record->bytes = (uint64_t)sqlite3_column_int64(row, 7);
    record->created = sqlite3_column_int64(row, 8);
    record->alpha = sqlite3_column_int(row, 9) != 0;
    if (hash == NULL || sqlite3_column_bytes(row, 10) != HASH_SIZE || !record_is_id(record->id) ||
        !image_type_from_extension(extension, &record->type))
        return false;
    memcpy(record->token_hash, hash, HASH_SIZE);
    return true;
}

static enum vt_error read_row(sqlite3_stmt *row, struct record *record)
{
    if (catalogue_sqlite_read(row, record))
        return VT_OK;
    log_error("catalogue: row %lld is damaged: stop the gallery and run: vitrine rebuild",
              (long long)record->sequence);
    return VT_ERR_DAMAGED;
}

static enum vt_error sqlite_lock(struct catalogue *catalogue)
{
    return run_plain(self_of(catalogue), BEGIN_WRITE);
}

static enum vt_error sqlite_try_lock(struct catalogue *catalogue)
{
    struct catalogue_sqlite *self = self_of(catalogue);
    enum vt_error err;

    (void)sqlite3_busy_timeout(self->db, 0); /* neither can fail */
    err = run_plain(self, BEGIN_WRITE);
    (void)sqlite3_busy_timeout(self->db, BUSY_TIMEOUT_MS);
    return err;
}

static void sqlite_rollback(struct catalogue *catalogue)
{
    struct catalogue_sqlite *self = self_of(catalogue);

    if (sqlite3_get_autocommit(self->db))
        return;
    if (run_plain(self, ROLLBACK) != VT_OK)
        log_error("catalogue: a rollback failed");
}

static enum vt_error sqlite_commit(struct catalogue *catalogue)
{
    enum vt_error err = run_plain(self_of(catalogue), COMMIT);

    if (err != VT_OK)
        sqlite_rollback(catalogue);
    return err;
}

static enum vt_error sqlite_find(struct catalogue *catalogue, const char *id, struct record *record)
{
    struct catalogue_sqlite *self = self_of(catalogue);
    sqlite3_stmt *statement = NULL;
    enum vt_error err = prepare(self, FIND, &statement);
    int code;

    if (err != VT_OK)
        return err;
    code = bind_text(statement, 1, id);
    if (code == SQLITE_OK)
        code = sqlite3_step(statement);
    if (code == SQLITE_ROW)
        err = read_row(statement, record);
    else
        err = code == SQLITE_DONE ? VT_ERR_NOT_FOUND : catalogue_sqlite_fail(self, code);
    release(statement);
    return err;
}

static enum vt_error sqlite_add(struct catalogue *catalogue, struct record *record)
{
    struct catalogue_sqlite *self = self_of(catalogue);
    sqlite3_stmt *statement = NULL;
    enum vt_error err = prepare(self, ADD, &statement);
    int code = SQLITE_OK;

    if (err != VT_OK)
        return err;
    code |= bind_text(statement, 1, record->id);
    code |= bind_text(statement, 2, record->name);
    code |= bind_text(statement, 3, record->tags);
    code |= bind_text(statement, 4, image_type_extension(record->type));
    code |= sqlite3_bind_int64(statement, 5, record->width);
    code |= sqlite3_bind_int64(statement, 6, record->height);
    code |= sqlite3_bind_int64(statement, 7, (sqlite3_int64)record->bytes);
    code |= sqlite3_bind_int64(statement, 8, record->created);
    code |= sqlite3_bind_int(statement, 9, record->alpha);
    code |= sqlite3_bind_blob(statement, 10, record->token_hash, HASH_SIZE, SQLITE_STATIC);
    if (code != SQLITE_OK) {
        release(statement);
        return VT_ERR_MEMORY;
    }
    err = run(self, statement);
    if (err == VT_OK)
        record->sequence = sqlite3_last_insert_rowid(self->db);
    return err;
}

static enum vt_error sqlite_change(struct catalogue *catalogue, const struct record *record)
{
    struct catalogue_sqlite *self = self_of(catalogue);
    sqlite3_stmt *statement = NULL;
    enum vt_error err = prepare(self, CHANGE, &statement);

    if (err != VT_OK)
        return err;
    if (bind_text(statement, 1, record->id) != SQLITE_OK ||
        bind_text(statement, 2, record->name) != SQLITE_OK ||
        bind_text(statement, 3, record->tags) != SQLITE_OK) {
        release(statement);
        return VT_ERR_MEMORY;
    }
    err = run(self, statement);
    if (err == VT_OK && sqlite3_changes(self->db) == 0)
        return VT_ERR_NOT_FOUND;
    return err;
}

static enum vt_error sqlite_remove(struct catalogue *catalogue, const char *id)
{
    struct catalogue_sqlite *self = self_of(catalogue);
    sqlite3_stmt *statement = NULL;
    enum vt_error err = prepare(self, REMOVE, &statement);

    if (err != VT_OK)
        return err;
    if (bind_text(statement, 1, id) != SQLITE_OK) {
        release(statement);
        return VT_ERR_MEMORY;
    }
    err = run(self, statement);
    if (err == VT_OK && sqlite3_changes(self->db) == 0)
        return VT_ERR_NOT_FOUND;
    return err;
}

static enum vt_error sqlite_totals(struct catalogue *catalogue, struct totals *totals)
{
    struct catalogue_sqlite *self = self_of(catalogue);
    sqlite3_stmt *statement = NULL;
    enum vt_error err = prepare(self, TOTALS, &statement);
    int code;

    if (err != VT_OK)
        return err;
    code = sqlite3_step(statement);
    if (code == SQLITE_ROW) {
        char epoch[17];

        totals->images = (uint64_t)sqlite3_column_int64(statement, 0);
        totals->bytes = (uint64_t)sqlite3_column_int64(statement, 1);
        totals->changes = (uint64_t)sqlite3_column_int64(statement, 3);
        copy_text(statement, 2, epoch, sizeof epoch);
        (void)snprintf(totals->version, sizeof totals->version, "%s-%llu", epoch,
                       (unsigned long long)totals->changes);
    } else {
        err = code == SQLITE_DONE ? VT_ERR_INTERNAL : catalogue_sqlite_fail(self, code);
    }
    release(statement);
    return err;
}

/* Writes a search as FTS5 wants it: each word a quoted string and a prefix, all of them needed. */
static void write_match(const char *search, struct buf *match)
{
    while (*search != '\0') {
        size_t len = strcspn(search, " ");

        if (len > 0) {
            buf_puts(match, "\"");
            for (size_t i = 0; i < len; i++)
                buf_append(match, search[i] == '"' ? "\"\"" : search + i, search[i] == '"' ? 2 : 1);
            buf_puts(match, "\" * ");
        }
        search += len;
        search += strspn(search, " ");
    }
}

static enum vt_error search_total(struct catalogue_sqlite *self, const char *match,
                                  struct listing_page *page)
{
    sqlite3_stmt *statement = NULL;
    enum vt_error err = prepare(self, SEARCH_TOTAL, &statement);
    int code;

    if (err != VT_OK)
        return err;
    code = bind_text(statement, 1, match);
    if (code == SQLITE_OK)
        code = sqlite3_bind_int(statement, 2, LISTING_SEARCH_DEPTH + 1);
    if (code == SQLITE_OK)
        code = sqlite3_step(statement);
    if (code == SQLITE_ROW) {
        page->total = (uint64_t)sqlite3_column_int64(statement, 0);
        page->total_capped = page->total > LISTING_SEARCH_DEPTH;
        if (page->total_capped)
            page->total = LISTING_SEARCH_DEPTH;
    } else {
        err = catalogue_sqlite_fail(self, code);
    }
    release(statement);
    return err;
}

static int bind_listing(sqlite3_stmt *statement, const struct listing_query *query,
                        const char *match)
{
    bool descending = query->sort == SORT_NEW || query->sort == SORT_SIZE;
    int64_t start = descending ? INT64_MAX : 0;
    int64_t sequence = query->has_cursor ? query->cursor.sequence : start;
    int64_t bytes = query->has_cursor ? (int64_t)query->cursor.bytes : start;
    /* One more than asked for: whether there is a next page. */
    int64_t limit = (int64_t)query->limit + 1;
    int code = sqlite3_bind_int64(statement, 1, sequence);

    if (query->sort == SORT_SIZE)
        code |= sqlite3_bind_int64(statement, 2, bytes);
    if (query->sort == SORT_NAME)
        code |= bind_text(statement, 3, query->has_cursor ? query->cursor.name : "");
    code |= sqlite3_bind_int64(statement, 4, limit);
    if (match != NULL)
        code |= bind_text(statement, 5, match);
    if (match != NULL && (query->sort == SORT_NAME || query->sort == SORT_SIZE))
        code |= sqlite3_bind_int(statement, 6, LISTING_SEARCH_DEPTH);
    return code;
}

static enum vt_error list_rows(struct catalogue_sqlite *self, const struct listing_query *query,
                               const char *match, catalogue_visit visit, void *context,
                               struct listing_page *page)
{
    int first = match != NULL ? LIST_SEARCH : LIST;
    sqlite3_stmt *statement = NULL;
    enum vt_error err = prepare(self, first + (int)query->sort, &statement);
    int code;

    if (err != VT_OK)
        return err;
    code = bind_listing(statement, query, match);
    for (unsigned rows = 0; code == SQLITE_OK && err == VT_OK; rows++) {
        int step = sqlite3_step(statement);

        if (step == SQLITE_DONE)
            break;
        if (step != SQLITE_ROW) {
            err = catalogue_sqlite_fail(self, step);
        } else if (rows == query->limit) {
            page->more = true;
            break;
        } else if ((err = read_row(statement, &page->last)) == VT_OK) {
            err = visit(context, &page->last);
        }
    }
    if (code != SQLITE_OK)
        err = VT_ERR_MEMORY;
    release(statement);
    return err;
}

static enum vt_error sqlite_list(struct catalogue *catalogue, const struct listing_query *query,
                                 catalogue_visit visit, void *context, struct listing_page *page)
{
    struct catalogue_sqlite *self = self_of(catalogue);
    struct buf match = BUF_INIT;
    struct totals totals;
    enum vt_error err;
    bool own;

    memset(page, 0, sizeof *page);
    write_match(query->search, &match);
    if (!buf_ok(&match))
        return VT_ERR_MEMORY;
    /* One read transaction, or the caller's: total and rows are of one moment. */
    own = sqlite3_get_autocommit(self->db) != 0;
    err = own ? run_plain(self, BEGIN_READ) : VT_OK;
    if (err != VT_OK)
        goto out;
    err = sqlite_totals(catalogue, &totals);
    if (err == VT_OK) {
        page->total = totals.images;
        memcpy(page->version, totals.version, sizeof page->version);
    }
    if (err == VT_OK && match.len > 0)
        err = search_total(self, match.data, page);
    if (err == VT_OK)
        err = list_rows(self, query, match.len > 0 ? match.data : NULL, visit, context, page);
    if (own)
        sqlite_rollback(catalogue);
out:
    buf_free(&match);
    return err;
}

static void sqlite_close(struct catalogue *catalogue)
{
    struct catalogue_sqlite *self = self_of(catalogue);

    for (int i = 0; i < STATEMENT_COUNT; i++)
        (void)sqlite3_finalize(self->statements[i]);
    if (sqlite3_close(self->db) != SQLITE_OK)
        log_error("catalogue: a statement was left open");
    if (self->folder >= 0)
        (void)close(self->folder);
    free(self);
}

static const struct catalogue_ops operations = {
    .lock = sqlite_lock,
    .try_lock = sqlite_try_lock,
    .commit = sqlite_commit,
    .rollback = sqlite_rollback,
    .find = sqlite_find,
    .add = sqlite_add,
    .change = sqlite_change,
    .remove = sqlite_remove,
    .list = sqlite_list,
    .totals = sqlite_totals,
    .verify = catalogue_sqlite_verify,
    .mend = catalogue_sqlite_mend,
    .copy = catalogue_sqlite_copy,
    .close = sqlite_close,
};

static int set_up(sqlite3 *db, int *version)
{
    int code = sqlite3_busy_timeout(db, BUSY_TIMEOUT_MS);

    /* No SQL of ours may write to the file's pages or the search index's own tables directly. */
    if (code == SQLITE_OK)
        code = sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    /* 120 KB by default, all of it touched at once, in each worker. */
    if (code == SQLITE_OK)
        code = sqlite3_db_config(db, SQLITE_DBCONFIG_LOOKASIDE, NULL, 512, 64);
    if (code == SQLITE_OK)
        code =
            sqlite3_exec(db,
                         "PRAGMA journal_mode = WAL;"
                         "PRAGMA synchronous = FULL;" /* an answered upload survives a power cut */
                         "PRAGMA temp_store = MEMORY;"
                         /* Pages of a large catalogue are read in place, from memory that all
                          * processes share, rather than each from a cache of its own. */
                         "PRAGMA mmap_size = 1073741824;",
                         NULL, NULL, NULL);
    return code == SQLITE_OK ? catalogue_schema_migrate(db, version) : code;
}

/* Switching a new file to WAL does not wait for the lock by itself, and every worker of a new store
 * tries it at once. */
static int set_up_patiently(sqlite3 *db, int *version)
{
    const struct timespec pause = {.tv_nsec = 20 * 1000 * 1000};
    int attempts = 0, code;

    while (((code = set_up(db, version)) & 0xff) == SQLITE_BUSY && ++attempts < SET_UP_ATTEMPTS)
        (void)nanosleep(&pause, NULL);
    return code;
}

/* SQLite would let the group read it, as nginx reads the pictures; but the hashes of tokens are no
 * business of nginx's. What SQLite keeps beside the file gets the same mode. Where this fails, so
 * does SQLite, and says why. */
static void make_private_file(const char *path)
{
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

    if (fd >= 0)
        (void)close(fd);
}

enum vt_error catalogue_sqlite_open(const char *path, struct catalogue **catalogue,
                                    struct vt_reason *why)
{
    struct catalogue_sqlite *self = calloc(1, sizeof *self);
    int version = 0, code;
    enum vt_error err;

    *catalogue = NULL;
    if (self == NULL)
        return VT_ERR_MEMORY;
    self->base.ops = &operations;
    err = catalogue_sqlite_share(path, &self->folder);
    if (err != VT_OK) {
        sqlite_close(&self->base);
        return vt_fail(why, err, "the catalogue cannot be opened, or is being rebuilt");
    }
    make_private_file(path);
    code = sqlite3_open_v2(path, &self->db,
                           SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_extended_result_codes(self->db, 1);
    if (code == SQLITE_OK)
        code = set_up_patiently(self->db, &version);
    if (code != SQLITE_OK) {
        err = catalogue_sqlite_fail(self, code);
        err = vt_fail(why, err, "%s",
                      err == VT_ERR_DAMAGED ? CATALOGUE_DAMAGED : "the catalogue cannot be opened");
    } else if (version > CATALOGUE_SCHEMA_VERSION) {
        err = vt_fail(why, VT_ERR_UNAVAILABLE,
                      "the catalogue has schema %d, which is newer than this program's %d", version,
                      CATALOGUE_SCHEMA_VERSION);
    } else {
        *catalogue = &self->base;
        return VT_OK;
    }
    sqlite_close(&self->base);
    return err;
}
