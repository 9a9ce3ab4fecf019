#include "store/catalogue_schema.h"

#include <stdio.h>

/* One entry for each schema version; a released one never changes. */
static const char *const migrations[] = {
    "CREATE TABLE image ("
    "  sequence INTEGER PRIMARY KEY AUTOINCREMENT,"
    "  id TEXT NOT NULL UNIQUE,"
    "  name TEXT NOT NULL COLLATE NOCASE,"
    "  tags TEXT NOT NULL,"
    "  type TEXT NOT NULL,"
    "  width INTEGER NOT NULL, height INTEGER NOT NULL,"
    "  bytes INTEGER NOT NULL,"
    "  created INTEGER NOT NULL,"
    "  alpha INTEGER NOT NULL,"
    "  token_hash BLOB NOT NULL) STRICT;"
    "CREATE INDEX image_by_name ON image (name, sequence);"
    "CREATE INDEX image_by_size ON image (bytes, sequence);"

    /* Counters, because a listing shows them and count(*) takes time for each image. */
    "CREATE TABLE total ("
    "  only INTEGER PRIMARY KEY CHECK (only = 1),"
    "  images INTEGER NOT NULL, bytes INTEGER NOT NULL,"
    "  epoch TEXT NOT NULL, version INTEGER NOT NULL) STRICT;"
    "INSERT INTO total VALUES (1, 0, 0, lower(hex(randomblob(8))), 0);"

    "CREATE VIRTUAL TABLE image_search USING fts5 (name, tags, content = 'image',"
    "  content_rowid = 'sequence', tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3');"

    "CREATE TRIGGER image_added AFTER INSERT ON image BEGIN"
    "  UPDATE total SET images = images + 1, bytes = bytes + new.bytes, version = version + 1;"
    "  INSERT INTO image_search (rowid, name, tags) VALUES (new.sequence, new.name, new.tags);"
    "END;"
    "CREATE TRIGGER image_removed AFTER DELETE ON image BEGIN"
    "  UPDATE total SET images = images - 1, bytes = bytes - old.bytes, version = version + 1;"
    "  INSERT INTO image_search (image_search, rowid, name, tags)"
    "    VALUES ('delete', old.sequence, old.name, old.tags);"
    "END;"
    "CREATE TRIGGER image_changed AFTER UPDATE OF name, tags ON image BEGIN"
    "  UPDATE total SET version = version + 1;"
    "  INSERT INTO image_search (image_search, rowid, name, tags)"
    "    VALUES ('delete', old.sequence, old.name, old.tags);"
    "  INSERT INTO image_search (rowid, name, tags) VALUES (new.sequence, new.name, new.tags);"
    "END;",

    /* Deleted images, so that files which a deletion has left are recognised. The newest million
     * are kept; an image that is added again is no longer listed here. */
    "CREATE TABLE deletion ("
    "  sequence INTEGER PRIMARY KEY,"
    "  id TEXT NOT NULL UNIQUE,"
    "  at INTEGER NOT NULL) STRICT;"
    "CREATE TRIGGER deletion_noted AFTER INSERT ON deletion BEGIN"
    "  DELETE FROM deletion WHERE sequence <= new.sequence - 1000000;"
    "END;"
    "CREATE TRIGGER image_came_again AFTER INSERT ON image BEGIN"
    "  DELETE FROM deletion WHERE id = new.id;"
    "END;"
    /* How the catalogue was created: NULL if that was not examined yet, 0 if the originals are its
     * own, 1 if it was created beside originals. One that has had rows counts as their own. */
    "ALTER TABLE total ADD COLUMN origin INTEGER;"
    "UPDATE total SET origin = 0 WHERE version > 0;",

    /* The bytes of each image's thumbnails and WebP variants, and their total. For images that
     * already exist, the next sweep counts them. */
    "ALTER TABLE image ADD COLUMN derived INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE total ADD COLUMN derived INTEGER NOT NULL DEFAULT 0;"
    "CREATE TRIGGER derived_changed AFTER UPDATE OF derived ON image BEGIN"
    "  UPDATE total SET derived = derived + new.derived - old.derived;"
    "END;"
    "CREATE TRIGGER derived_removed AFTER DELETE ON image WHEN old.derived <> 0 BEGIN"
    "  UPDATE total SET derived = derived - old.derived;"
    "END;",

    /* The order of names. A program that writes a name without its key, such as one of an older
     * version, leaves an empty key, which the next opening finds and fills. The index is made after
     * the keys, which is faster. */
    "ALTER TABLE image ADD COLUMN name_key BLOB NOT NULL DEFAULT x'';"
    "ALTER TABLE total ADD COLUMN name_keys TEXT NOT NULL DEFAULT '';"
    "DROP INDEX image_by_name;"
    "UPDATE image SET name_key = key_of_name(name);"
    "CREATE INDEX image_by_name ON image (name_key, sequence);"
    "UPDATE total SET name_keys = name_keys_version(), version = version + (images > 0);"
    "CREATE TRIGGER name_changed AFTER UPDATE OF name ON image"
    " WHEN new.name COLLATE BINARY <> old.name AND new.name_key = old.name_key BEGIN"
    "  UPDATE image SET name_key = x'' WHERE sequence = new.sequence;"
    "END;",

    /* What the photograph knows. A program of an older version adds and changes images without
     * these columns, which have defaults: it may run until it is replaced. Images that are not
     * dated stand by the time of their upload in the order by time taken. The search index is
     * written only if its texts differ, so that other changes, of which a rescan makes many, leave
     * it alone. */
    "ALTER TABLE image ADD COLUMN taken INTEGER;"
    "ALTER TABLE image ADD COLUMN taken_offset INTEGER;"
    "ALTER TABLE image ADD COLUMN taken_from INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE image ADD COLUMN set_by_person INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE image ADD COLUMN camera TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE image ADD COLUMN lens TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE image ADD COLUMN focal_length REAL NOT NULL DEFAULT 0;"
    "ALTER TABLE image ADD COLUMN focal_length_35 REAL NOT NULL DEFAULT 0;"
    "ALTER TABLE image ADD COLUMN aperture REAL NOT NULL DEFAULT 0;"
    "ALTER TABLE image ADD COLUMN exposure REAL NOT NULL DEFAULT 0;"
    "ALTER TABLE image ADD COLUMN iso INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE image ADD COLUMN flash INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE image ADD COLUMN latitude REAL;"
    "ALTER TABLE image ADD COLUMN longitude REAL;"
    "ALTER TABLE image ADD COLUMN altitude REAL;"
    "ALTER TABLE image ADD COLUMN rating INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE image ADD COLUMN description TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE image ADD COLUMN shown_time INTEGER AS (coalesce(taken, created)) VIRTUAL;"
    "CREATE INDEX image_by_taken ON image (shown_time, sequence);"
    "DROP TRIGGER image_changed;"
    "CREATE TRIGGER image_changed AFTER UPDATE OF name, tags, taken, taken_offset, taken_from,"
    " set_by_person, camera, lens, focal_length, focal_length_35, aperture, exposure, iso, flash,"
    " latitude, longitude, altitude, rating, description ON image BEGIN"
    "  UPDATE total SET version = version + 1;"
    "END;"
    "CREATE TRIGGER image_search_changed AFTER UPDATE OF name, tags ON image"
    " WHEN new.name COLLATE BINARY <> old.name OR new.tags <> old.tags BEGIN"
    "  INSERT INTO image_search (image_search, rowid, name, tags)"
    "    VALUES ('delete', old.sequence, old.name, old.tags);"
    "  INSERT INTO image_search (rowid, name, tags) VALUES (new.sequence, new.name, new.tags);"
    "END;",

    /* How many images each month has, in the order by time taken; a time outside the years 0 to
     * 9999 counts to the nearest month within. The triggers use only what SQLite has itself, so
     * that they also work in programs of an older version. */
    "ALTER TABLE image ADD COLUMN shown_month TEXT AS (strftime('%Y-%m',"
    "  min(max(coalesce(taken, created), -62167219200000), 253402300799999) / 1000.0,"
    "  'unixepoch')) VIRTUAL;"
    "CREATE TABLE month ("
    "  month TEXT PRIMARY KEY, images INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
    "INSERT INTO month SELECT shown_month, count(*) FROM image GROUP BY 1;"
    "CREATE TRIGGER month_added AFTER INSERT ON image BEGIN"
    "  INSERT INTO month VALUES (new.shown_month, 1)"
    "    ON CONFLICT (month) DO UPDATE SET images = images + 1;"
    "END;"
    "CREATE TRIGGER month_removed AFTER DELETE ON image BEGIN"
    "  UPDATE month SET images = images - 1 WHERE month = old.shown_month;"
    "  DELETE FROM month WHERE month = old.shown_month AND images <= 0;"
    "END;"
    "CREATE TRIGGER month_changed AFTER UPDATE OF taken, created ON image"
    " WHEN new.shown_month <> old.shown_month BEGIN"
    "  UPDATE month SET images = images - 1 WHERE month = old.shown_month;"
    "  DELETE FROM month WHERE month = old.shown_month AND images <= 0;"
    "  INSERT INTO month VALUES (new.shown_month, 1)"
    "    ON CONFLICT (month) DO UPDATE SET images = images + 1;"
    "END;"

    /* The search index with its own texts, so that any program can take an image out of it; to put
     * one in takes functions that only this version has. What `unindexed` names is not in the
     * index: at first, all images. */
    "DROP TRIGGER image_added;"
    "DROP TRIGGER image_removed;"
    "DROP TRIGGER image_search_changed;"
    "DROP TABLE image_search;" CATALOGUE_CREATE_SEARCH ";"
    "CREATE TABLE unindexed (sequence INTEGER PRIMARY KEY) STRICT;"
    "INSERT INTO unindexed SELECT sequence FROM image;"
    "CREATE TRIGGER image_added AFTER INSERT ON image BEGIN"
    "  UPDATE total SET images = images + 1, bytes = bytes + new.bytes, version = version + 1;"
    "  INSERT OR IGNORE INTO unindexed VALUES (new.sequence);"
    "END;"
    "CREATE TRIGGER image_removed AFTER DELETE ON image BEGIN"
    "  UPDATE total SET images = images - 1, bytes = bytes - old.bytes, version = version + 1;"
    "  DELETE FROM image_search WHERE rowid = old.sequence;"
    "  DELETE FROM unindexed WHERE sequence = old.sequence;"
    "END;"
    "CREATE TRIGGER image_search_changed AFTER UPDATE OF name, tags, type, created, taken, camera,"
    " lens, latitude, longitude, description, set_by_person ON image"
    " WHEN new.name COLLATE BINARY <> old.name OR new.tags <> old.tags OR new.type <> old.type"
    " OR new.shown_time <> old.shown_time OR new.camera <> old.camera OR new.lens <> old.lens"
    " OR new.latitude IS NOT old.latitude OR new.longitude IS NOT old.longitude"
    " OR new.description <> old.description OR new.set_by_person <> old.set_by_person BEGIN"
    "  DELETE FROM image_search WHERE rowid = new.sequence;"
    "  INSERT OR IGNORE INTO unindexed VALUES (new.sequence);"
    "END;"

    /* How many images have each tag. Tags are clean, and one a line; what is not becomes no list,
     * and counts nothing, as a trigger must not fail. */
    "ALTER TABLE image ADD COLUMN tag_list TEXT AS ('[\"' ||"
    "  replace(replace(replace(tags, '\\', '\\\\'), '\"', '\\\"'), char(10), '\",\"') || '\"]')"
    "  VIRTUAL;"
    "CREATE TABLE tag (tag TEXT PRIMARY KEY, images INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE INDEX tag_by_name ON tag (tag COLLATE NOCASE, images);"
    "CREATE INDEX tag_by_count ON tag (images DESC, tag);"
    "INSERT INTO tag " CATALOGUE_TAGS_COUNTED ";"
    "CREATE TRIGGER tag_added AFTER INSERT ON image WHEN new.tags <> '' BEGIN"
    "  INSERT INTO tag SELECT DISTINCT value, 1"
    "    FROM json_each(iif(json_valid(new.tag_list), new.tag_list, '[]')) WHERE true"
    "    ON CONFLICT (tag) DO UPDATE SET images = images + 1;"
    "END;"
    "CREATE TRIGGER tag_removed AFTER DELETE ON image WHEN old.tags <> '' BEGIN"
    "  UPDATE tag SET images = images - 1 WHERE tag IN"
    "    (SELECT value FROM json_each(iif(json_valid(old.tag_list), old.tag_list, '[]')));"
    "  DELETE FROM tag WHERE images <= 0 AND tag IN"
    "    (SELECT value FROM json_each(iif(json_valid(old.tag_list), old.tag_list, '[]')));"
    "END;"
    "CREATE TRIGGER tag_changed AFTER UPDATE OF tags ON image WHEN new.tags <> old.tags BEGIN"
    "  UPDATE tag SET images = images - 1 WHERE tag IN"
    "    (SELECT value FROM json_each(iif(json_valid(old.tag_list), old.tag_list, '[]')));"
    "  INSERT INTO tag SELECT DISTINCT value, 1"
    "    FROM json_each(iif(json_valid(new.tag_list), new.tag_list, '[]')) WHERE true"
    "    ON CONFLICT (tag) DO UPDATE SET images = images + 1;"
    "  DELETE FROM tag WHERE images <= 0 AND tag IN"
    "    (SELECT value FROM json_each(iif(json_valid(old.tag_list), old.tag_list, '[]')));"
    "END;",
};

_Static_assert(sizeof migrations / sizeof migrations[0] == CATALOGUE_SCHEMA_VERSION,
               "one migration for each version");

static int read_schema_version(sqlite3 *db, int *version)
{
    sqlite3_stmt *statement;
    int code = sqlite3_prepare_v2(db, "PRAGMA user_version", -1, &statement, NULL);

    if (code != SQLITE_OK)
        return code;
    code = sqlite3_step(statement);
    if (code == SQLITE_ROW)
        *version = sqlite3_column_int(statement, 0);
    (void)sqlite3_finalize(statement);
    return code == SQLITE_ROW ? SQLITE_OK : code;
}

static int execute(sqlite3 *db, const char *text)
{
    return sqlite3_exec(db, text, NULL, NULL, NULL);
}

int catalogue_schema_migrate(sqlite3 *db, int wanted, int *version)
{
    char set_version[40];
    int code = read_schema_version(db, version);

    if (code != SQLITE_OK || *version >= wanted)
        return code;
    code = execute(db, "BEGIN IMMEDIATE");
    if (code != SQLITE_OK)
        return code;
    /* Read again: another worker may have migrated while this one waited for the lock. */
    code = read_schema_version(db, version);
    while (code == SQLITE_OK && *version < wanted) {
        code = execute(db, migrations[*version]);
        if (code == SQLITE_OK)
            (*version)++;
    }
    (void)snprintf(set_version, sizeof set_version, "PRAGMA user_version = %d", *version);
    if (code == SQLITE_OK)
        code = execute(db, set_version);
    if (code == SQLITE_OK)
        code = execute(db, "COMMIT");
    if (!sqlite3_get_autocommit(db))
        (void)execute(db, "ROLLBACK");
    return code;
}
