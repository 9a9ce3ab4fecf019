/* The columns of an image: the one list from which statements are built, bound and read. A new
 * column is a line here, a member of struct record, and a migration in catalogue_schema.c.
 *
 * COLUMN(name, KIND, ABSENT): the column and the member of struct record have that name. KIND says
 * how it is bound and read: TEXT, NUMBER, FLAG, TYPE (a type of images, by its extension) or HASH
 * (DIGEST_SIZE bytes). ABSENT is the SQL that salvage uses instead if a file of an older schema has
 * no such column; REQUIRED if there is no image without it. `sequence`, the key, comes before all
 * of them. */
#ifndef VITRINE_STORE_CATALOGUE_COLUMNS_H
#define VITRINE_STORE_CATALOGUE_COLUMNS_H

#define REQUIRED NULL

/* The columns that a person may change. */
#define CATALOGUE_CHANGED_COLUMNS(COLUMN)                                                          \
    COLUMN(name, TEXT, "id")                                                                       \
    COLUMN(tags, TEXT, "''")

#define CATALOGUE_COLUMNS(COLUMN)                                                                  \
    COLUMN(id, TEXT, REQUIRED)                                                                     \
    CATALOGUE_CHANGED_COLUMNS(COLUMN)                                                              \
    COLUMN(type, TYPE, REQUIRED)                                                                   \
    COLUMN(width, NUMBER, REQUIRED)                                                                \
    COLUMN(height, NUMBER, REQUIRED)                                                               \
    COLUMN(bytes, NUMBER, REQUIRED)                                                                \
    COLUMN(created, NUMBER, REQUIRED)                                                              \
    COLUMN(alpha, FLAG, REQUIRED)                                                                  \
    COLUMN(token_hash, HASH, "zeroblob(32)")

#define CATALOGUE_COLUMN_OF_SELECT(name, kind, absent) ", " #name

/* The columns of a SELECT, as catalogue_sqlite_read() reads them. */
#define CATALOGUE_SELECTED "sequence" CATALOGUE_COLUMNS(CATALOGUE_COLUMN_OF_SELECT)

#endif
