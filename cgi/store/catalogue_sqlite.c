/* The catalogue in one SQLite file: WAL, so that listings never wait for uploads. */
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "store/catalogue.h"
#include "store/catalogue_schema.h"
#include "store/catalogue_sqlite.h"

#define BUSY_TIMEOUT_MS 5000
#define SET_UP_ATTEMPTS 100 /* with 20 ms between them */
#define CLOSING_TIMEOUT_MS 200

/* Costs SQLite one stat(2). */
static bool has_moved(struct catalogue_sqlite *self)
{
    int moved = 0;

    return sqlite3_file_control(self->db, "main", SQLITE_FCNTL_HAS_MOVED, &moved) == SQLITE_OK &&
           moved != 0;
}

static bool sqlite_has_moved(struct catalogue *catalogue)
{
    struct catalogue_sqlite *self = self_of(catalogue);

    return sqlite3_get_autocommit(self->db) != 0 && has_moved(self);
}

static enum vt_error sqlite_lock(struct catalogue *catalogue)
{
    enum vt_error err = catalogue_sqlite_run_plain(self_of(catalogue), BEGIN_WRITE);

    if (err != VT_OK || !has_moved(self_of(catalogue)))
        return err;
    log_error("catalogue: the file was removed or replaced; nothing is written to the old one");
    catalogue_sqlite_rollback(catalogue);
    return VT_ERR_UNAVAILABLE;
}

static enum vt_error sqlite_try_lock(struct catalogue *catalogue)
{
    struct catalogue_sqlite *self = self_of(catalogue);
    enum vt_error err;

    (void)sqlite3_busy_timeout(self->db, 0); /* neither can fail */
    err = catalogue_sqlite_run_plain(self, BEGIN_WRITE);
    (void)sqlite3_busy_timeout(self->db, BUSY_TIMEOUT_MS);
    return err;
}

static enum vt_error sqlite_commit(struct catalogue *catalogue)
{
    enum vt_error err = catalogue_sqlite_run_plain(self_of(catalogue), COMMIT);

    if (err != VT_OK)
        catalogue_sqlite_rollback(catalogue);
    return err;
}

static enum vt_error sqlite_find(struct catalogue *catalogue, const char *id, struct record *record)
{
    struct catalogue_sqlite *self = self_of(catalogue);
    sqlite3_stmt *statement = NULL;
    enum vt_error err = catalogue_sqlite_prepare(self, FIND, &statement);
    int code;

    if (err != VT_OK)
        return err;
    code = catalogue_sqlite_bind_text(statement, 1, id);
    if (code == SQLITE_OK)
        code = sqlite3_step(statement);
    if (code == SQLITE_ROW)
        err = catalogue_sqlite_read_row(statement, record);
    else
        err = code == SQLITE_DONE ? VT_ERR_NOT_FOUND : catalogue_sqlite_fail(self, code);
    catalogue_sqlite_release(statement);
    return err;
}

/* Ends a savepoint: keeps what was done since, or undoes it if err is a failure. */
static enum vt_error end_savepoint(struct catalogue_sqlite *self, enum vt_error err)
{
    if (err == VT_OK)
        err = catalogue_sqlite_run_plain(self, RELEASE);
    if (err == VT_OK || sqlite3_get_autocommit(self->db)) /* SQLite may have undone all itself */
        return err;
    if (catalogue_sqlite_run_plain(self, UNDO) != VT_OK ||
        catalogue_sqlite_run_plain(self, RELEASE) != VT_OK)
        log_error("catalogue: a change could not be undone");
    return err;
}

static enum vt_error add_row(struct catalogue_sqlite *self, struct record *record)
{
    sqlite3_stmt *statement = NULL;
    enum vt_error err = catalogue_sqlite_prepare(self, ADD, &statement);

    if (err != VT_OK)
        return err;
    if (catalogue_sqlite_bind_add(statement, record) != SQLITE_OK) {
        catalogue_sqlite_release(statement);
        return VT_ERR_MEMORY;
    }
    err = catalogue_sqlite_run(self, statement);
    if (err == VT_OK)
        record->sequence = sqlite3_last_insert_rowid(self->db);
    return err;
}

static enum vt_error change_row(struct catalogue_sqlite *self, const struct record *record)
{
    sqlite3_stmt *statement = NULL;
    enum vt_error err = catalogue_sqlite_prepare(self, CHANGE, &statement);

    if (err != VT_OK)
        return err;
    if (catalogue_sqlite_bind_change(statement, record) != SQLITE_OK) {
        catalogue_sqlite_release(statement);
        return VT_ERR_MEMORY;
    }
    err = catalogue_sqlite_run(self, statement);
    if (err == VT_OK && sqlite3_changes(self->db) == 0)
        return VT_ERR_NOT_FOUND;
    return err;
}

static enum vt_error sqlite_add(struct catalogue *catalogue, struct record *record)
{
    struct catalogue_sqlite *self = self_of(catalogue);
    enum vt_error err = catalogue_sqlite_run_plain(self, SAVEPOINT);

    if (err != VT_OK)
        return err;
    err = add_row(self, record);
    if (err == VT_OK)
        err = catalogue_sqlite_index(self, record->id);
    return end_savepoint(self, err);
}

static enum vt_error sqlite_change(struct catalogue *catalogue, const struct record *record)
{
    struct catalogue_sqlite *self = self_of(catalogue);
    enum vt_error err = catalogue_sqlite_run_plain(self, SAVEPOINT);

    if (err != VT_OK)
        return err;
    err = change_row(self, record);
    if (err == VT_OK)
        err = catalogue_sqlite_index(self, record->id);
    return end_savepoint(self, err);
}

static enum vt_error sqlite_remove(struct catalogue *catalogue, const char *id)
{
    struct catalogue_sqlite *self = self_of(catalogue);
    sqlite3_stmt *statement = NULL;
    enum vt_error err = catalogue_sqlite_prepare(self, REMOVE, &statement);

    if (err != VT_OK)
        return err;
    if (catalogue_sqlite_bind_text(statement, 1, id) != SQLITE_OK) {
        catalogue_sqlite_release(statement);
        return VT_ERR_MEMORY;
    }
    err = catalogue_sqlite_run(self, statement);
    if (err == VT_OK && sqlite3_changes(self->db) == 0)
        return VT_ERR_NOT_FOUND;
    return err;
}

/* Moves the log's content into the file, so that the file alone is the catalogue. SQLite does this
 * only for the last connection to close, and not at all if two close at once. If it is not done,
 * nothing is lost: the log stays beside the file. */
static void empty_log(sqlite3 *db)
{
    (void)sqlite3_busy_timeout(db, CLOSING_TIMEOUT_MS); /* cannot fail */
    (void)sqlite3_wal_checkpoint_v2(db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
}

static void sqlite_close(struct catalogue *catalogue)
{
    struct catalogue_sqlite *self = self_of(catalogue);

    if (self->is_set_up)
        empty_log(self->db);
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
    .rollback = catalogue_sqlite_rollback,
    .find = sqlite_find,
    .add = sqlite_add,
    .change = sqlite_change,
    .remove = sqlite_remove,
    .note_deletion = catalogue_sqlite_note_deletion,
    .find_deletion = catalogue_sqlite_find_deletion,
    .each_deletion = catalogue_sqlite_each_deletion,
    .derived = catalogue_sqlite_derived,
    .note_derived = catalogue_sqlite_note_derived,
    .origin = catalogue_sqlite_origin,
    .settle = catalogue_sqlite_settle,
    .renew = catalogue_sqlite_renew,
    .list = catalogue_sqlite_list,
    .totals = catalogue_sqlite_totals,
    .count = catalogue_sqlite_count,
    .months = catalogue_sqlite_months,
    .tags = catalogue_sqlite_tags,
    .has_moved = sqlite_has_moved,
    .verify = catalogue_sqlite_verify,
    .verify_search = catalogue_sqlite_verify_search,
    .mend = catalogue_sqlite_mend,
    .copy = catalogue_sqlite_copy,
    .close = sqlite_close,
};

static int set_up(sqlite3 *db, int *version)
{
    int code = sqlite3_busy_timeout(db, BUSY_TIMEOUT_MS);

    /* Our SQL must not write directly to the file's pages or the search index's own tables. */
    if (code == SQLITE_OK)
        code = sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_exec(
            db,
            "PRAGMA journal_mode = WAL;"
            "PRAGMA synchronous = FULL;" /* an answered upload survives a power cut */
            /* A long read makes the log grow; it need not stay so large. */
            "PRAGMA journal_size_limit = 8388608;"
            "PRAGMA temp_store = MEMORY;"
            /* A page that the disk cannot read would end the process by SIGBUS if it were
             * mapped. After each commit, all pages would have to be mapped again. */
            "PRAGMA mmap_size = 0;",
            NULL, NULL, NULL);
    /* SQLite's files beside the catalogue stay and keep their space: a full disk would have none
     * for the next start. */
    if (code == SQLITE_OK)
        code = sqlite3_file_control(db, "main", SQLITE_FCNTL_PERSIST_WAL, &(int){1});
    if (code == SQLITE_OK)
        code = catalogue_sqlite_set_up_names(db);
    if (code == SQLITE_OK)
        code = catalogue_sqlite_set_up_search(db);
    return code == SQLITE_OK ? catalogue_schema_migrate(db, CATALOGUE_SCHEMA_VERSION, version)
                             : code;
}

/* Switching a new file to WAL does not wait for the lock by itself, and all workers of a new store
 * try it at the same time. */
static int set_up_patiently(sqlite3 *db, int *version)
{
    const struct timespec pause = {.tv_nsec = 20 * 1000 * 1000};
    int attempts = 0, code;

    while (((code = set_up(db, version)) & 0xff) == SQLITE_BUSY && ++attempts < SET_UP_ATTEMPTS)
        (void)nanosleep(&pause, NULL);
    return code;
}

/* SQLite would let the group read it, and nginx reads the pictures as that group; but nginx must
 * not read the hashes of tokens. SQLite gives its files beside it the same mode. If this fails,
 * SQLite fails, too, and reports why. */
static void make_private_file(const char *path)
{
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

    if (fd >= 0)
        (void)close(fd);
}

const char *catalogue_open_words(enum vt_error err)
{
    if (err == VT_ERR_DAMAGED)
        return CATALOGUE_DAMAGED;
    return err == VT_ERR_IO ? CATALOGUE_DISK_FAULT : "the catalogue cannot be opened";
}

/* By default, a connection allocates 87 KB for twenty pages and, unless the distribution has left
 * that out of SQLite, 120 KB for small objects, and writes to all of them at once. This has an
 * effect only before SQLite is first used, and fails afterwards. */
static void keep_connections_small(void)
{
    (void)sqlite3_config(SQLITE_CONFIG_LOOKASIDE, 512, 64);
    (void)sqlite3_config(SQLITE_CONFIG_PAGECACHE, NULL, 0, 0);
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
    keep_connections_small();
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
        err = vt_fail(why, err, "%s", catalogue_open_words(err));
    } else if (version > CATALOGUE_SCHEMA_VERSION) {
        err = vt_fail(why, VT_ERR_UNAVAILABLE, CATALOGUE_NEWER, version, CATALOGUE_SCHEMA_VERSION);
    } else {
        catalogue_sqlite_refresh_names(self->db);
        catalogue_sqlite_refresh_search(self->db);
        (void)sqlite3_db_release_memory(self->db); /* pages that a waiting worker would keep */
        self->is_set_up = true;
        *catalogue = &self->base;
        return VT_OK;
    }
    sqlite_close(&self->base);
    return err;
}
