/* The columns of an image: the one list from which statements are built, bound and read. A new
 * column is a line here, a member of struct record, and a migration in catalogue_schema.c.
 *
 * COLUMN(name, member, KIND, ABSENT): the column, and the member of struct record that has its
 * value. KIND says how it is bound and read: TEXT, NUMBER, REAL, FLAG, TYPE (a type of images, by
 * its extension), HASH (DIGEST_SIZE bytes), or one that is NULL if the value is not known: TIME and
 * OFFSET (of a photo_time), PLACE (a coordinate) and ALTITUDE. ABSENT is the SQL that salvage uses
 * instead if a file of an older schema has no such column; REQUIRED if there is no image without
 * it. `sequence`, the key, comes before all of them. */
#ifndef VITRINE_STORE_CATALOGUE_COLUMNS_H
#define VITRINE_STORE_CATALOGUE_COLUMNS_H

#define REQUIRED NULL

#define CATALOGUE_NAME_COLUMNS(COLUMN)                                                             \
    COLUMN(name, name, TEXT, "id")                                                                 \
    COLUMN(tags, tags, TEXT, "''")

#define CATALOGUE_TIME_COLUMNS(COLUMN)                                                             \
    COLUMN(taken, photo.taken.local, TIME, "NULL")                                                 \
    COLUMN(taken_offset, photo.taken.offset, OFFSET, "NULL")                                       \
    COLUMN(taken_from, photo.taken_from, NUMBER, "0")

/* The columns that say what the file is, and what it is called. */
#define CATALOGUE_FILE_COLUMNS(COLUMN)                                                             \
    COLUMN(id, id, TEXT, REQUIRED)                                                                 \
    CATALOGUE_NAME_COLUMNS(COLUMN)                                                                 \
    COLUMN(type, type, TYPE, REQUIRED)                                                             \
    COLUMN(width, width, NUMBER, REQUIRED)                                                         \
    COLUMN(height, height, NUMBER, REQUIRED)                                                       \
    COLUMN(bytes, bytes, NUMBER, REQUIRED)                                                         \
    COLUMN(created, created, NUMBER, REQUIRED)                                                     \
    COLUMN(alpha, alpha, FLAG, REQUIRED)                                                           \
    COLUMN(token_hash, token_hash, HASH, "zeroblob(32)")

/* What a listing reads. It has no more, since it reads many images. */
#define CATALOGUE_LISTED_COLUMNS(COLUMN)                                                           \
    CATALOGUE_FILE_COLUMNS(COLUMN)                                                                 \
    CATALOGUE_TIME_COLUMNS(COLUMN)

/* What only those read who ask for the whole image. */
#define CATALOGUE_DETAIL_COLUMNS(COLUMN)                                                           \
    COLUMN(set_by_person, set_by_person, NUMBER, "0")                                              \
    COLUMN(camera, photo.camera, TEXT, "''")                                                       \
    COLUMN(lens, photo.lens, TEXT, "''")                                                           \
    COLUMN(focal_length, photo.focal_length, REAL, "0")                                            \
    COLUMN(focal_length_35, photo.focal_length_35, REAL, "0")                                      \
    COLUMN(aperture, photo.aperture, REAL, "0")                                                    \
    COLUMN(exposure, photo.exposure, REAL, "0")                                                    \
    COLUMN(iso, photo.iso, NUMBER, "0")                                                            \
    COLUMN(flash, photo.flash, NUMBER, "0")                                                        \
    COLUMN(latitude, photo.latitude, PLACE, "NULL")                                                \
    COLUMN(longitude, photo.longitude, PLACE, "NULL")                                              \
    COLUMN(altitude, photo.altitude, ALTITUDE, "NULL")                                             \
    COLUMN(rating, photo.rating, NUMBER, "0")                                                      \
    COLUMN(description, photo.description, TEXT, "''")

#define CATALOGUE_COLUMNS(COLUMN)                                                                  \
    CATALOGUE_LISTED_COLUMNS(COLUMN)                                                               \
    CATALOGUE_DETAIL_COLUMNS(COLUMN)

/* The columns that catalogue_change() writes. */
#define CATALOGUE_CHANGED_COLUMNS(COLUMN)                                                          \
    CATALOGUE_NAME_COLUMNS(COLUMN)                                                                 \
    CATALOGUE_TIME_COLUMNS(COLUMN)                                                                 \
    CATALOGUE_DETAIL_COLUMNS(COLUMN)

#define CATALOGUE_COLUMN_OF_SELECT(name, member, kind, absent) ", " #name

/* The columns of a SELECT, as catalogue_sqlite_read() reads them, and as
 * catalogue_sqlite_read_listed() does. */
#define CATALOGUE_SELECTED "sequence" CATALOGUE_COLUMNS(CATALOGUE_COLUMN_OF_SELECT)
#define CATALOGUE_LISTED "sequence" CATALOGUE_LISTED_COLUMNS(CATALOGUE_COLUMN_OF_SELECT)

#endif
