/* The catalogue's statements: functions to prepare, run and read them. Their SQL is in
 * catalogue_sql.c. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "store/catalogue_columns.h"
#include "store/catalogue_sqlite.h"

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
        int code = sqlite3_prepare_v3(self->db, catalogue_sql[which], -1, SQLITE_PREPARE_PERSISTENT,
                                      slot, NULL);

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

/* ---- a question ---- */

int catalogue_sqlite_ask(sqlite3 *db, const char *sql, bool *answer)
{
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(db, sql, -1, &statement, NULL);

    if (code != SQLITE_OK)
        return code;
    code = sqlite3_step(statement);
    if (code == SQLITE_ROW) {
        *answer = sqlite3_column_int(statement, 0) != 0;
        code = SQLITE_OK;
    }
    (void)sqlite3_finalize(statement);
    return code;
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
