/* The catalogue's statements: their SQL, and functions to prepare, run and read them. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "store/catalogue_columns.h"
#include "store/catalogue_sqlite.h"

#define COLUMNS CATALOGUE_LISTED
#define AND_COMMA(name, member, kind, absent) #name ", "
#define PARAMETER(name, member, kind, absent) ":" #name ", "
#define ASSIGNMENT(name, member, kind, absent) #name " = :" #name ", "
#define NAMES CATALOGUE_COLUMNS(AND_COMMA)
#define PARAMETERS CATALOGUE_COLUMNS(PARAMETER)
#define ASSIGNMENTS CATALOGUE_CHANGED_COLUMNS(ASSIGNMENT)
#define SELECT_IMAGE "SELECT " COLUMNS " FROM image "

/* The listings take ?1 sequence, ?2 bytes or time, ?3 name (of the row before the first), ?4 limit,
 * ?5 the query of the search index, and ?7 latitude, ?8 longitude and ?9 kilometres of a circle, or
 * ?7 the first and ?8 the last time of a range. In
 * order of arrival, a search walks the search index itself from the cursor. By name, size or time
 * taken, it sorts the newest ?6 matches. The marks of the index find places only about; each match
 * is measured before it counts. */
#define MATCHES "SELECT image_search.rowid AS match FROM image_search WHERE image_search MATCH ?5"
#define MATCHES_NEAR                                                                               \
    "SELECT image_search.rowid AS match FROM image_search CROSS JOIN image AS placed"              \
    " ON placed.sequence = image_search.rowid WHERE image_search MATCH ?5"                         \
    " AND is_near(placed.latitude, placed.longitude, ?7, ?8, ?9)"
#define SEARCH_WALK(matches, compare, order)                                                       \
    "SELECT " COLUMNS " FROM (" matches " AND image_search.rowid " compare " ?1"                   \
    " ORDER BY image_search.rowid " order                                                          \
    " LIMIT ?4) CROSS JOIN image ON sequence = match ORDER BY sequence " order
#define SEARCH_SORT(matches, where, order)                                                         \
    "SELECT " COLUMNS " FROM (" matches " ORDER BY image_search.rowid DESC LIMIT ?6)"              \
    " CROSS JOIN image ON sequence = match WHERE " where " ORDER BY " order " LIMIT ?4"
#define SEARCHES(first, matches)                                                                   \
    [(first) + SORT_NEW] = SEARCH_WALK(matches, "<", "DESC"),                                      \
               [(first) + SORT_OLD] = SEARCH_WALK(matches, ">", "ASC"),                            \
               [(first) + SORT_NAME] = SEARCH_SORT(matches, AFTER_NAME, BY_NAME),                  \
               [(first) + SORT_SIZE] = SEARCH_SORT(matches, AFTER_SIZE, BY_SIZE),                  \
               [(first) + SORT_TAKEN] = SEARCH_SORT(matches, AFTER_TAKEN, BY_TAKEN),               \
               [(first) + SORT_TAKEN_OLD] = SEARCH_SORT(matches, AFTER_TAKEN_OLD, BY_TAKEN_OLD)
#define COUNT_MATCHES(matches) "SELECT count(*) FROM (" matches " LIMIT ?6)"

/* SQLite does not seek by the second half of (key, sequence) > (…): it would read all rows with
 * equal keys up to the cursor's. So the remaining rows with the cursor's key and the rows with
 * later keys are two statements, one after the other; as one of two halves, each row would be
 * copied once more. */
#define LISTS(sort, same, after, order)                                                            \
    [LIST + (sort)] = SELECT_IMAGE "ORDER BY " order " LIMIT ?4",                                  \
            [LIST_SAME + (sort)] = SELECT_IMAGE "WHERE " same " ORDER BY " order " LIMIT ?4",      \
            [LIST_AFTER + (sort)] = SELECT_IMAGE "WHERE " after " ORDER BY " order " LIMIT ?4"

/* SQLite computes the key of ?3 only once, as it is constant. Only equal names have equal keys. */
#define AFTER_NAME "(name_key, sequence) > (key_of_name(?3), ?1)"
#define BY_NAME "name_key, sequence"
#define AFTER_SIZE "(bytes, sequence) < (?2, ?1)"
#define BY_SIZE "bytes DESC, sequence DESC"
#define AFTER_TAKEN "(shown_time, sequence) < (?2, ?1)"
#define BY_TAKEN "shown_time DESC, sequence DESC"
#define AFTER_TAKEN_OLD "(shown_time, sequence) > (?2, ?1)"
#define BY_TAKEN_OLD "shown_time, sequence"

static const char *const sql[STATEMENT_COUNT] = {
    [BEGIN_READ] = "BEGIN",
    [BEGIN_WRITE] = "BEGIN IMMEDIATE",
    [COMMIT] = "COMMIT",
    [ROLLBACK] = "ROLLBACK",
    [SAVEPOINT] = "SAVEPOINT part",
    [RELEASE] = "RELEASE part",
    [UNDO] = "ROLLBACK TO part",
    [FIND] = "SELECT " CATALOGUE_SELECTED " FROM image WHERE id = ?1",
    [ADD] = "INSERT INTO image (" NAMES "name_key) VALUES (" PARAMETERS "key_of_name(:name))",
    [CHANGE] = "UPDATE image SET " ASSIGNMENTS "name_key = key_of_name(:name) WHERE id = :id",
    [REMOVE] = "DELETE FROM image WHERE id = ?1",
    [TOTALS] = "SELECT images, bytes, epoch, version, derived FROM total",
    /* An index is smaller than the rows. */
    [COUNT] = "SELECT count(*) FROM image INDEXED BY image_by_size WHERE sequence > ?1"
              " AND sequence <= ?2",
    [MONTHS] = "SELECT month, images FROM month ORDER BY month DESC",
    [TAGS] = "SELECT tag, images FROM tag ORDER BY images DESC, tag LIMIT ?1",
    [TAGS_OF_PREFIX] =
        "SELECT tag, images FROM (SELECT tag, images FROM tag"
        " WHERE tag >= ?2 COLLATE NOCASE AND tag < ?2 || char(1114111) COLLATE NOCASE"
        " LIMIT ?3) ORDER BY images DESC, tag LIMIT ?1",
    [NOTE_DELETION] = "INSERT OR REPLACE INTO deletion (id, at) VALUES (?1, ?2)",
    [FIND_DELETION] = "SELECT at FROM deletion WHERE id = ?1",
    [EACH_DELETION] = "SELECT id, at FROM deletion WHERE sequence > (SELECT max(sequence) - ?1"
                      " FROM deletion) ORDER BY sequence",
    [DERIVED] = "SELECT derived FROM image WHERE id = ?1",
    [NOTE_DERIVED] = "UPDATE image SET derived = ?2 WHERE id = ?1 AND derived <> ?2",
    [ORIGIN] = "SELECT origin FROM total",
    [SETTLE] = "UPDATE total SET origin = ?1",
    [RENEW] = "UPDATE total SET epoch = lower(hex(randomblob(8)))",
    [INDEX_IMAGE] = CATALOGUE_INDEX_ROWS " WHERE id = ?1"
                                         " AND sequence IN (SELECT sequence FROM unindexed)",
    [NOTE_INDEXED] = "DELETE FROM unindexed WHERE sequence ="
                     " (SELECT sequence FROM image WHERE id = ?1)",
    [SEARCH_TOTAL] = COUNT_MATCHES(MATCHES),
    [NEAR_TOTAL] = COUNT_MATCHES(MATCHES_NEAR),
    [MONTHS_TOTAL] = "SELECT coalesce(sum(images), 0) FROM month WHERE month BETWEEN ?1 AND ?2",
    [TIME_TOTAL] = "SELECT count(*) FROM (SELECT 1 FROM image WHERE shown_time BETWEEN ?1 AND ?2"
                   " LIMIT ?6)",
    [EACH] = "SELECT " CATALOGUE_SELECTED " FROM image WHERE sequence > ?1 ORDER BY sequence"
             " LIMIT ?4",
    [LIST + SORT_NEW] = SELECT_IMAGE "WHERE sequence < ?1 ORDER BY sequence DESC LIMIT ?4",
    [LIST + SORT_OLD] = SELECT_IMAGE "WHERE sequence > ?1 ORDER BY sequence LIMIT ?4",
    LISTS(SORT_NAME, "name_key = key_of_name(?3) AND sequence > ?1", "name_key > key_of_name(?3)",
          BY_NAME),
    LISTS(SORT_SIZE, "bytes = ?2 AND sequence < ?1", "bytes < ?2", BY_SIZE),
    LISTS(SORT_TAKEN, "shown_time = ?2 AND sequence < ?1", "shown_time < ?2", BY_TAKEN),
    LISTS(SORT_TAKEN_OLD, "shown_time = ?2 AND sequence > ?1", "shown_time > ?2", BY_TAKEN_OLD),
    [LIST_TIME + SORT_TAKEN] =
        SELECT_IMAGE "WHERE shown_time BETWEEN ?7 AND ?8 ORDER BY " BY_TAKEN " LIMIT ?4",
    [LIST_TIME + SORT_TAKEN_OLD] =
        SELECT_IMAGE "WHERE shown_time BETWEEN ?7 AND ?8 ORDER BY " BY_TAKEN_OLD " LIMIT ?4",
    [LIST_TIME_AFTER + SORT_TAKEN] =
        SELECT_IMAGE "WHERE shown_time < ?2 AND shown_time >= ?7 ORDER BY " BY_TAKEN " LIMIT ?4",
    [LIST_TIME_AFTER + SORT_TAKEN_OLD] = SELECT_IMAGE
    "WHERE shown_time > ?2 AND shown_time <= ?8 ORDER BY " BY_TAKEN_OLD " LIMIT ?4",
    SEARCHES(LIST_SEARCH, MATCHES),
    SEARCHES(LIST_NEAR, MATCHES_NEAR),
};

/* SQLite turns a read that fails with EIO into SQLITE_IOERR_CORRUPTFS, and that into
 * SQLITE_CORRUPT, for which sqlite3_system_errno() gives nothing. The open file remembers the errno
 * of its last failure. */
bool catalogue_sqlite_is_disk_fault(sqlite3 *db)
{
    static const int pointers[] = {SQLITE_FCNTL_FILE_POINTER, SQLITE_FCNTL_JOURNAL_POINTER};

    if (db == NULL)
        return false;
    for (size_t i = 0; i < sizeof pointers / sizeof pointers[0]; i++) {
        sqlite3_file *file = NULL;
        int code = 0;

        if (sqlite3_file_control(db, "main", pointers[i], &file) == SQLITE_OK && file != NULL &&
            file->pMethods != NULL &&
            file->pMethods->xFileControl(file, SQLITE_FCNTL_LAST_ERRNO, &code) == SQLITE_OK &&
            vt_error_from_errno(code) == VT_ERR_IO)
            return true;
    }
    return vt_error_from_errno(sqlite3_system_errno(db)) == VT_ERR_IO;
}

enum vt_error catalogue_sqlite_fail(struct catalogue_sqlite *self, int code)
{
    int primary = code & 0xff;

    if ((primary == SQLITE_CORRUPT || primary == SQLITE_NOTADB || primary == SQLITE_IOERR ||
         primary == SQLITE_CANTOPEN) &&
        catalogue_sqlite_is_disk_fault(self->db)) {
        log_error("catalogue: the disk failed to read or write it (%s)", sqlite3_errstr(code));
        return VT_ERR_IO;
    }
    switch (primary) {
    case SQLITE_FULL:
        return VT_ERR_NO_SPACE;
    case SQLITE_NOMEM:
        return VT_ERR_MEMORY;
    case SQLITE_BUSY:
        return VT_ERR_UNAVAILABLE;
    case SQLITE_INTERRUPT: /* a listing's time limit is reached */
        return VT_ERR_BUSY;
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

enum vt_error catalogue_sqlite_prepare(struct catalogue_sqlite *self, enum statement which,
                                       sqlite3_stmt **out)
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

void catalogue_sqlite_release(sqlite3_stmt *statement)
{
    /* It returns the code of the previous step, which was checked there. */
    (void)sqlite3_reset(statement);
    (void)sqlite3_clear_bindings(statement);
}

enum vt_error catalogue_sqlite_run(struct catalogue_sqlite *self, sqlite3_stmt *statement)
{
    int code = sqlite3_step(statement);
    enum vt_error err = code == SQLITE_DONE ? VT_OK : catalogue_sqlite_fail(self, code);

    catalogue_sqlite_release(statement);
    return err;
}

enum vt_error catalogue_sqlite_run_plain(struct catalogue_sqlite *self, enum statement which)
{
    sqlite3_stmt *statement = NULL;
    enum vt_error err = catalogue_sqlite_prepare(self, which, &statement);

    return err == VT_OK ? catalogue_sqlite_run(self, statement) : err;
}

int catalogue_sqlite_bind_text(sqlite3_stmt *statement, int at, const char *text)
{
    return sqlite3_bind_text(statement, at, text, -1, SQLITE_STATIC);
}

void catalogue_sqlite_copy_text(sqlite3_stmt *row, int column, char *out, size_t size)
{
    const unsigned char *text = sqlite3_column_text(row, column);
    size_t len = text == NULL ? 0 : strlen((const char *)text);

    if (len >= size)
        len = size - 1;
    if (len > 0)
        memcpy(out, text, len);
    out[len] = '\0';
}

/* ---- an image's columns ---- */

/* SQLite numbers the parameters of a statement in the order in which their names first appear. */
#define BIND(name, member, kind, absent) code |= BIND_##kind(statement, ++at, record->member);
#define BIND_TEXT catalogue_sqlite_bind_text
#define BIND_NUMBER(statement, at, value) sqlite3_bind_int64(statement, at, (sqlite3_int64)(value))
#define BIND_REAL(statement, at, value) bind_real(statement, at, value, true)
#define BIND_FLAG sqlite3_bind_int
#define BIND_TIME(statement, at, value) bind_time(statement, at, value, record_is_dated(record))
#define BIND_OFFSET(statement, at, value)                                                          \
    bind_time(statement, at, value,                                                                \
              record_is_dated(record) && record->photo.taken.offset != PHOTO_TIME_NO_OFFSET)
#define BIND_PLACE(statement, at, value) bind_real(statement, at, value, record->photo.has_place)
#define BIND_ALTITUDE(statement, at, value)                                                        \
    bind_real(statement, at, value, record->photo.has_place && record->photo.has_altitude)
#define BIND_TYPE(statement, at, value)                                                            \
    catalogue_sqlite_bind_text(statement, at, image_type_extension(value))
#define BIND_HASH(statement, at, value)                                                            \
    sqlite3_bind_blob(statement, at, value, DIGEST_SIZE, SQLITE_STATIC)

/* SQLite would take what is not a number for NULL, which most columns must not be. */
static int bind_real(sqlite3_stmt *statement, int at, double value, bool is_known)
{
    if (!is_known)
        return sqlite3_bind_null(statement, at);
    return sqlite3_bind_double(statement, at, isfinite(value) ? value : 0);
}

static int bind_time(sqlite3_stmt *statement, int at, int64_t value, bool is_known)
{
    return is_known ? sqlite3_bind_int64(statement, at, value) : sqlite3_bind_null(statement, at);
}

int catalogue_sqlite_bind_add(sqlite3_stmt *statement, const struct record *record)
{
    int at = 0, code = SQLITE_OK;

    CATALOGUE_COLUMNS(BIND)
    return code;
}

int catalogue_sqlite_bind_change(sqlite3_stmt *statement, const struct record *record)
{
    int at = 0, code = SQLITE_OK;

    CATALOGUE_CHANGED_COLUMNS(BIND)
    return code | catalogue_sqlite_bind_text(statement, ++at, record->id);
}

static bool read_type(sqlite3_stmt *row, int column, enum image_type *type)
{
    char extension[8];

    catalogue_sqlite_copy_text(row, column, extension, sizeof extension);
    return image_type_from_extension(extension, type);
}

static bool read_hash(sqlite3_stmt *row, int column, uint8_t hash[DIGEST_SIZE])
{
    const void *bytes = sqlite3_column_blob(row, column);

    if (bytes == NULL || sqlite3_column_bytes(row, column) != DIGEST_SIZE)
        return false;
    memcpy(hash, bytes, DIGEST_SIZE);
    return true;
}

static bool read_real(sqlite3_stmt *row, int column, double *value)
{
    *value = sqlite3_column_double(row, column);
    return sqlite3_column_type(row, column) != SQLITE_NULL;
}

static void read_time(sqlite3_stmt *row, int column, int64_t *value)
{
    *value = sqlite3_column_type(row, column) != SQLITE_NULL ? sqlite3_column_int64(row, column)
                                                             : PHOTO_TIME_UNKNOWN;
}

static void read_offset(sqlite3_stmt *row, int column, int32_t *value)
{
    *value = sqlite3_column_type(row, column) != SQLITE_NULL ? sqlite3_column_int(row, column)
                                                             : PHOTO_TIME_NO_OFFSET;
}

#define READ(name, member, kind, absent) READ_##kind(++at, record->member);
#define READ_TEXT(at, member) catalogue_sqlite_copy_text(row, at, member, sizeof member)
#define READ_NUMBER(at, member) member = (__typeof__(member))sqlite3_column_int64(row, at)
#define READ_REAL(at, member) member = sqlite3_column_double(row, at)
#define READ_FLAG(at, member) member = sqlite3_column_int(row, at) != 0
#define READ_TYPE(at, member) is_whole &= read_type(row, at, &(member))
#define READ_HASH(at, member) is_whole &= read_hash(row, at, member)
#define READ_TIME(at, member) read_time(row, at, &(member))
#define READ_OFFSET(at, member) read_offset(row, at, &(member))
#define READ_PLACE(at, member) record->photo.has_place &= read_real(row, at, &(member))
#define READ_ALTITUDE(at, member) record->photo.has_altitude = read_real(row, at, &(member))

/* The values of columns that were not read. The record is not cleared as a whole: its texts have
 * room for thousands of bytes, and a listing reads many records. */
#define FORGET(name, member, kind, absent) FORGET_##kind(record->member);
#define FORGET_TEXT(member) member[0] = '\0'
#define FORGET_NUMBER(member) member = 0
#define FORGET_REAL FORGET_NUMBER
#define FORGET_PLACE FORGET_NUMBER
#define FORGET_ALTITUDE FORGET_NUMBER

bool catalogue_sqlite_read(sqlite3_stmt *row, struct record *record)
{
    int at = 0;
    bool is_whole = true;

    memset(record, 0, sizeof *record);
    record->photo.has_place = true;
    record->sequence = sqlite3_column_int64(row, at);
    CATALOGUE_COLUMNS(READ)
    return is_whole && record_is_id(record->id);
}

static bool read_listed(sqlite3_stmt *row, struct record *record)
{
    int at = 0;
    bool is_whole = true;

    CATALOGUE_DETAIL_COLUMNS(FORGET)
    record->photo.has_place = record->photo.has_altitude = false;
    record->photo.title[0] = record->photo.keywords[0] = '\0';
    record->sequence = sqlite3_column_int64(row, at);
    CATALOGUE_FILE_COLUMNS(READ)
    if (sqlite3_column_type(row, at + 1) != SQLITE_NULL) {
        CATALOGUE_TIME_COLUMNS(READ)
    } else {
        record->photo.taken = PHOTO_TIME_NONE;
        record->photo.taken_from = PHOTO_TAKEN_UNKNOWN;
    }
    return is_whole && record_is_id(record->id);
}

static enum vt_error check_read(const struct record *record, bool is_whole)
{
    if (is_whole)
        return VT_OK;
    log_error("catalogue: row %lld is damaged: stop the gallery and run: vitrine rebuild",
              (long long)record->sequence);
    return VT_ERR_DAMAGED;
}

enum vt_error catalogue_sqlite_read_row(sqlite3_stmt *row, struct record *record)
{
    return check_read(record, catalogue_sqlite_read(row, record));
}

enum vt_error catalogue_sqlite_read_listed(sqlite3_stmt *row, struct record *record)
{
    return check_read(record, read_listed(row, record));
}

/* ---- also for listings ---- */

enum vt_error catalogue_sqlite_totals(struct catalogue *catalogue, struct totals *totals)
{
    struct catalogue_sqlite *self = self_of(catalogue);
    sqlite3_stmt *statement = NULL;
    enum vt_error err = catalogue_sqlite_prepare(self, TOTALS, &statement);
    int code;

    if (err != VT_OK)
        return err;
    code = sqlite3_step(statement);
    if (code == SQLITE_ROW) {
        char epoch[17] = "";

        totals->images = (uint64_t)sqlite3_column_int64(statement, 0);
        totals->bytes = (uint64_t)sqlite3_column_int64(statement, 1);
        totals->derived = (uint64_t)sqlite3_column_int64(statement, 4);
        totals->changes = (uint64_t)sqlite3_column_int64(statement, 3);
        catalogue_sqlite_copy_text(statement, 2, epoch, sizeof epoch);
        totals->stamp = totals->changes + strtoull(epoch + 8, NULL, 16);
        (void)snprintf(totals->version, sizeof totals->version, "%s-%llu", epoch,
                       (unsigned long long)totals->changes);
    } else {
        err = code == SQLITE_DONE ? VT_ERR_INTERNAL : catalogue_sqlite_fail(self, code);
    }
    catalogue_sqlite_release(statement);
    return err;
}

void catalogue_sqlite_rollback(struct catalogue *catalogue)
{
    struct catalogue_sqlite *self = self_of(catalogue);

    if (sqlite3_get_autocommit(self->db))
        return;
    if (catalogue_sqlite_run_plain(self, ROLLBACK) != VT_OK)
        log_error("catalogue: a rollback failed");
}
