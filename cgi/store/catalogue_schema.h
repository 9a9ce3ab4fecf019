/* The SQLite catalogue's tables, triggers and indexes, and the way from each version to the next.
 * Part of catalogue_sqlite.c, which alone uses it. */
#ifndef VITRINE_STORE_CATALOGUE_SCHEMA_H
#define VITRINE_STORE_CATALOGUE_SCHEMA_H

#include <sqlite3.h>

#define CATALOGUE_SCHEMA_VERSION 6

/* SQL: the tags and how many images have each, counted from the rows. */
#define CATALOGUE_TAGS_COUNTED                                                                     \
    "SELECT value, count(DISTINCT sequence) FROM image,"                                           \
    " json_each(iif(json_valid(tag_list), tag_list, '[]')) WHERE tags <> '' GROUP BY value"

/* SQL: the search index as schema 6 makes it, and as a repair makes it anew. It collects 16 MB
 * before it writes, which makes indexing many images a third faster. */
#define CATALOGUE_CREATE_SEARCH                                                                    \
    "CREATE VIRTUAL TABLE image_search USING fts5 (shown, parts, known, marks,"                    \
    " tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3', columnsize = 0);"                \
    "INSERT INTO image_search (image_search, rank) VALUES ('hashsize', 16777216)"

/* Brings the database to the wanted version, CATALOGUE_SCHEMA_VERSION at most, all in one
 * transaction, and leaves one that is there or past it alone. Tests want older versions. The
 * connection has catalogue_sqlite_set_up_names()'s functions. *version is the version found or
 * reached. Returns an SQLite code; after a failure the schema is as it was. */
int catalogue_schema_migrate(sqlite3 *db, int wanted, int *version);

#endif
