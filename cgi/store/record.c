#include "store/record.h"

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

void record_set_photo(struct record *record, const struct photo *photo)
{
    const struct photo before = record->photo;
    unsigned kept = record->set_by_person;

    record->photo = *photo;
    record->photo.title[0] = record->photo.keywords[0] = '\0';
    if (kept & RECORD_SET_TAKEN) {
        record->photo.taken = before.taken;
        record->photo.taken_from = before.taken_from;
    }
    if (kept & RECORD_SET_DESCRIPTION)
        memcpy(record->photo.description, before.description, sizeof before.description);
    if (kept & RECORD_SET_PLACE) {
        record->photo.has_place = before.has_place;
        record->photo.latitude = before.latitude;
        record->photo.longitude = before.longitude;
        record->photo.has_altitude = before.has_altitude;
        record->photo.altitude = before.altitude;
    }
}

bool record_is_id(const char *text)
{
    return strspn(text, "0123456789abcdef") == ID_LENGTH && text[ID_LENGTH] == '\0';
}
