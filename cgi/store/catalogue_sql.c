/* The SQL of the catalogue's statements. */
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

const char *const catalogue_sql[STATEMENT_COUNT] = {
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
