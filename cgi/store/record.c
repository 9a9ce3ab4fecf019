#include "store/record.h"

#include <math.h>
#include <string.h>

#include "base/hex.h"

void record_write_id(const uint8_t hash[DIGEST_SIZE], char id[ID_LENGTH + 1])
{
    hex_write(hash, ID_LENGTH / 2, id);
}

enum vt_error record_read_id(int fd, char id[ID_LENGTH + 1])
{
    uint8_t hash[DIGEST_SIZE];
    enum vt_error err = digest_of_file(fd, hash);

    id[0] = '\0';
    if (err == VT_OK)
        record_write_id(hash, id);
    return err;
}

bool record_is_dated(const struct record *record)
{
    const struct photo *photo = &record->photo;

    return photo->taken_from != PHOTO_TAKEN_UNKNOWN && photo->taken.local != PHOTO_TIME_UNKNOWN;
}

int64_t record_time(const struct record *record)
{
    return record_is_dated(record) ? record->photo.taken.local : record->created;
}

void record_set_photo(struct record *record, const struct photo *photo)
{
    const struct photo before = record->photo;
    unsigned kept = record->set_by_person;

    record->photo = *photo;
    record->photo.title[0] = record->photo.keywords[0] = '\0';
    if (kept & (RECORD_SET_TAKEN | RECORD_BESIDE_TAKEN)) {
        record->photo.taken = before.taken;
        record->photo.taken_from = before.taken_from;
    }
    if (kept & (RECORD_SET_DESCRIPTION | RECORD_BESIDE_DESCRIPTION))
        memcpy(record->photo.description, before.description, sizeof before.description);
    if ((kept & RECORD_BESIDE_CAMERA) != 0 && photo->camera[0] == '\0')
        memcpy(record->photo.camera, before.camera, sizeof before.camera);
    if ((kept & RECORD_BESIDE_CAMERA) != 0 && photo->lens[0] == '\0')
        memcpy(record->photo.lens, before.lens, sizeof before.lens);
    if (kept & RECORD_BESIDE_RATING)
        record->photo.rating = before.rating;
    if (kept & (RECORD_SET_PLACE | RECORD_BESIDE_PLACE)) {
        record->photo.has_place = before.has_place;
        record->photo.latitude = before.latitude;
        record->photo.longitude = before.longitude;
        record->photo.has_altitude = before.has_altitude;
        record->photo.altitude = before.altitude;
    }
}

static void clean_text(char *text, size_t size)
{
    char cleaned[PHOTO_DESCRIPTION_SIZE];

    text_clean(text, strlen(text), cleaned, size);
    memcpy(text, cleaned, strlen(cleaned) + 1);
}

static bool is_within(double number, double limit)
{
    return isfinite(number) && fabs(number) <= limit;
}

static void clean_number(double *number, double limit)
{
    if (!is_within(*number, limit) || *number < 0)
        *number = 0;
}

static void clean_time(struct photo *photo)
{
    const struct photo_time_parts first = {.year = PHOTO_TIME_FIRST_YEAR, .month = 1, .day = 1};
    const struct photo_time_parts last = {.year = 9999, .month = 12, .day = 31, .hour = 24 - 1};
    struct photo_time from = PHOTO_TIME_NONE, to = PHOTO_TIME_NONE;

    if (photo->taken_from < PHOTO_TAKEN_UNKNOWN || photo->taken_from > PHOTO_TAKEN_BY_PERSON)
        photo->taken_from = PHOTO_TAKEN_UNKNOWN;
    if (photo->taken_from == PHOTO_TAKEN_UNKNOWN || !photo_time_from_parts(&first, &from) ||
        !photo_time_from_parts(&last, &to) || photo->taken.local < from.local ||
        photo->taken.local > to.local)
        photo->taken = PHOTO_TIME_NONE;
    if (photo->taken.offset < -PHOTO_TIME_OFFSET_MAX || photo->taken.offset > PHOTO_TIME_OFFSET_MAX)
        photo->taken.offset = PHOTO_TIME_NO_OFFSET;
    if (photo->taken.local == PHOTO_TIME_UNKNOWN && photo->taken_from != PHOTO_TAKEN_BY_PERSON)
        photo->taken_from = PHOTO_TAKEN_UNKNOWN;
}

static void clean_place(struct photo *photo)
{
    if (!is_within(photo->latitude, PHOTO_LATITUDE_MAX) ||
        !is_within(photo->longitude, PHOTO_LONGITUDE_MAX))
        photo->has_place = false;
    if (!photo->has_place || !is_within(photo->altitude, PHOTO_ALTITUDE_MAX))
        photo->has_altitude = false;
    if (!photo->has_place)
        photo->latitude = photo->longitude = 0;
    if (!photo->has_altitude)
        photo->altitude = 0;
}

void record_clean_photo(struct record *record)
{
    struct photo *photo = &record->photo;

    clean_text(photo->camera, sizeof photo->camera);
    clean_text(photo->lens, sizeof photo->lens);
    clean_text(photo->description, sizeof photo->description);
    clean_number(&photo->focal_length, PHOTO_FOCAL_LENGTH_MAX);
    clean_number(&photo->focal_length_35, PHOTO_FOCAL_LENGTH_MAX);
    clean_number(&photo->aperture, PHOTO_APERTURE_MAX);
    clean_number(&photo->exposure, PHOTO_EXPOSURE_MAX);
    clean_time(photo);
    clean_place(photo);
    if (photo->flash < PHOTO_FLASH_UNKNOWN || photo->flash > PHOTO_FLASH_FIRED)
        photo->flash = PHOTO_FLASH_UNKNOWN;
    if (photo->iso > PHOTO_ISO_MAX)
        photo->iso = 0;
    if (photo->rating > PHOTO_RATING_MAX)
        photo->rating = 0;
    record->set_by_person &= RECORD_SET_ALL | RECORD_BESIDE_ALL;
}

bool record_is_id(const char *text)
{
    return strspn(text, "0123456789abcdef") == ID_LENGTH && text[ID_LENGTH] == '\0';
}
