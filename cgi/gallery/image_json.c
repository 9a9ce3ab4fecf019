#include "gallery/image_json.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "gallery/gallery.h"

static int append_chunk(const char *data, size_t len, void *context)
{
    buf_append(context, data, len);
    return 0;
}

void image_json_append(struct buf *buf, const json_t *json)
{
    if (json_dump_callback(json, append_chunk, buf, JSON_COMPACT | JSON_ENCODE_ANY) != 0)
        buf_fail(buf);
}

/* Writes a number, padded with zeroes to that many digits; returns the end. */
static char *write_number(char *at, uint64_t number, unsigned digits)
{
    char reversed[24];
    unsigned count = 0;

    do
        reversed[count++] = (char)('0' + number % 10);
    while ((number /= 10) > 0 || count < digits);
    while (count > 0)
        *at++ = reversed[--count];
    return at;
}

/* Without strftime() or the like, as a listing writes fifty times. */
void image_json_time(int64_t milliseconds, char out[IMAGE_JSON_TIME_SIZE])
{
    time_t seconds = (time_t)(milliseconds / 1000);
    struct tm parts;
    char *at = out;

    if (gmtime_r(&seconds, &parts) == NULL)
        memset(&parts, 0, sizeof parts);
    at = write_number(at, (uint64_t)(parts.tm_year + 1900), 4);
    *at++ = '-';
    at = write_number(at, (uint64_t)(parts.tm_mon + 1), 2);
    *at++ = '-';
    at = write_number(at, (uint64_t)parts.tm_mday, 2);
    *at++ = 'T';
    at = write_number(at, (uint64_t)parts.tm_hour, 2);
    *at++ = ':';
    at = write_number(at, (uint64_t)parts.tm_min, 2);
    *at++ = ':';
    at = write_number(at, (uint64_t)parts.tm_sec, 2);
    *at++ = '.';
    at = write_number(at, (uint64_t)(milliseconds % 1000), 3);
    *at++ = 'Z';
    *at = '\0';
}

/* ASCII texts without characters to escape are written to JSON as they are; the library handles all
 * others. */
static bool needs_no_escape(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (text[i] < ' ' || text[i] > '~' || text[i] == '"' || text[i] == '\\')
            return false;
    return true;
}

static void put_text(struct buf *buf, const char *text, size_t len)
{
    json_t *json;

    if (needs_no_escape(text, len)) {
        buf_puts(buf, "\"");
        buf_append(buf, text, len);
        buf_puts(buf, "\"");
        return;
    }
    json = json_stringn(text, len);
    if (json != NULL)
        image_json_append(buf, json);
    else
        buf_fail(buf);
    json_decref(json);
}

static void write_file(char *at, const struct record *record, const char *extension)
{
    at = mempcpy(at, record->id, 2);
    *at++ = '/';
    at = stpcpy(at, record->id);
    *at++ = '.';
    (void)stpcpy(at, extension);
}

const char *image_json_copy_word(enum metadata_mode mode)
{
    static const char *const words[] = {
        [METADATA_HIDE_PLACE] = "hide-place",
        [METADATA_HIDE_ALL] = "hide-all",
        [METADATA_SHOW] = "",
    };

    return words[mode];
}

void image_json_url(const struct record *record, enum metadata_mode mode,
                    char out[IMAGE_JSON_URL_SIZE])
{
    char *at;

    if (mode == METADATA_SHOW) {
        at = stpcpy(out, "/uploads/");
    } else {
        at = stpcpy(stpcpy(out, "/copies/"), image_json_copy_word(mode));
        *at++ = '/';
    }
    write_file(at, record, image_type_extension(record->type));
}

void image_json_thumbnail_url(const struct record *record, unsigned size,
                              char out[IMAGE_JSON_URL_SIZE])
{
    char *at = write_number(stpcpy(out, "/thumbs/"), size, 1);

    *at++ = '/';
    write_file(at, record, gallery_thumbnail_extension(record));
}

static void put_number(struct buf *buf, uint64_t number)
{
    char digits[24], *end = write_number(digits, number, 1);

    buf_append(buf, digits, (size_t)(end - digits));
}

/* Appends a member if its text is not empty. `key` has the comma, quotes and colon. */
static void put_known_text(struct buf *buf, const char *key, const char *text)
{
    if (text[0] == '\0')
        return;
    buf_puts(buf, key);
    put_text(buf, text, strlen(text));
}

static void put_tags(struct buf *buf, const char *tags)
{
    buf_puts(buf, "[");
    while (*tags != '\0') {
        size_t len = strcspn(tags, "\n");

        put_text(buf, tags, len);
        tags += len;
        tags += *tags == '\n';
        buf_puts(buf, *tags != '\0' ? "," : "");
    }
    buf_puts(buf, "]");
}

static void put_thumbs(struct buf *buf, const struct record *record)
{
    char url[IMAGE_JSON_URL_SIZE];

    for (size_t i = 0; i < GALLERY_THUMBNAIL_SIZES; i++) {
        if (!gallery_has_size(record, gallery_thumbnail_sizes[i]))
            continue;
        buf_puts(buf, i == 0 ? "{\"" : ",\"");
        put_number(buf, gallery_thumbnail_sizes[i]);
        buf_puts(buf, "\":\"");
        image_json_thumbnail_url(record, gallery_thumbnail_sizes[i], url);
        buf_puts(buf, url);
        buf_puts(buf, "\"");
    }
    buf_puts(buf, "}");
}

/* What `url` gives. Listings do not say it: they would have to look for a file of each image. */
static const char *url_gives(const struct image_json_form *form)
{
    if (form->view == IMAGE_JSON_TIME)
        return "";
    if (form->metadata == METADATA_SHOW)
        return "original";
    return form->has_no_copy ? "thumbnail" : "copy";
}

static void put_file(struct buf *buf, const struct record *record,
                     const struct image_json_form *form)
{
    char created[IMAGE_JSON_TIME_SIZE], url[IMAGE_JSON_URL_SIZE];

    image_json_time(record->created, created);
    image_json_url(record, form->metadata, url);
    buf_puts(buf, "\"id\":\"");
    buf_puts(buf, record->id);
    buf_puts(buf, "\",\"name\":");
    put_text(buf, record->name, strlen(record->name));
    buf_puts(buf, ",\"tags\":");
    put_tags(buf, record->tags);
    buf_puts(buf, ",\"type\":\"");
    buf_puts(buf, image_type_media(record->type));
    buf_puts(buf, "\",\"width\":");
    put_number(buf, record->width);
    buf_puts(buf, ",\"height\":");
    put_number(buf, record->height);
    buf_puts(buf, ",\"bytes\":");
    put_number(buf, record->bytes);
    buf_puts(buf, ",\"created\":\"");
    buf_puts(buf, created);
    buf_puts(buf, "\",\"url\":\"");
    buf_puts(buf, url);
    buf_puts(buf, "\"");
    put_known_text(buf, ",\"url_gives\":", url_gives(form));
    buf_puts(buf, ",\"thumbs\":");
    put_thumbs(buf, record);
}

/* ---- what the photograph knows ---- */

enum image_json_view image_json_view_of_others(const struct config *config)
{
    static const enum image_json_view views[] = {
        [METADATA_HIDE_PLACE] = IMAGE_JSON_WITHOUT_PLACE,
        [METADATA_HIDE_ALL] = IMAGE_JSON_LITTLE,
        [METADATA_SHOW] = IMAGE_JSON_WHOLE,
    };

    return views[config->metadata];
}

const char *image_json_taken_from(enum photo_taken_from from)
{
    switch (from) {
    case PHOTO_TAKEN_BY_FILE:
        return "file";
    case PHOTO_TAKEN_GUESSED:
        return "name";
    case PHOTO_TAKEN_BY_PERSON:
        return "person";
    case PHOTO_TAKEN_UNKNOWN:
    default:
        return NULL;
    }
}

/* Ten digits are a tenth of a millimetre of a place on Earth. */
static void put_real(struct buf *buf, const char *key, double number)
{
    char text[32];

    buf_puts(buf, key);
    (void)snprintf(text, sizeof text, "%.10g", isfinite(number) ? number : 0);
    buf_puts(buf, text);
}

static void put_known_real(struct buf *buf, const char *key, double number)
{
    if (number > 0)
        put_real(buf, key, number);
}

static void put_known_number(struct buf *buf, const char *key, uint64_t number)
{
    if (number == 0)
        return;
    buf_puts(buf, key);
    put_number(buf, number);
}

static void put_taken(struct buf *buf, const struct record *record, enum image_json_view view)
{
    const char *from;
    char text[PHOTO_TIME_SIZE];

    if (record_is_dated(record)) {
        photo_time_write(record->photo.taken, text);
        buf_puts(buf, ",\"taken\":\"");
        buf_puts(buf, text);
        buf_puts(buf, "\"");
    }
    if (view < IMAGE_JSON_WITHOUT_PLACE)
        return;
    /* Without a time, it says that a person has set that nobody knows. */
    from = image_json_taken_from(record->photo.taken_from);
    put_known_text(buf, ",\"taken_from\":", from != NULL ? from : "");
}

static void put_camera(struct buf *buf, const struct photo *photo)
{
    put_known_text(buf, ",\"camera\":", photo->camera);
    put_known_text(buf, ",\"lens\":", photo->lens);
    put_known_real(buf, ",\"focal_length\":", photo->focal_length);
    put_known_real(buf, ",\"focal_length_35\":", photo->focal_length_35);
    put_known_real(buf, ",\"aperture\":", photo->aperture);
    put_known_real(buf, ",\"exposure\":", photo->exposure);
    put_known_number(buf, ",\"iso\":", photo->iso);
    if (photo->flash != PHOTO_FLASH_UNKNOWN) {
        buf_puts(buf, ",\"flash\":");
        buf_puts(buf, photo->flash == PHOTO_FLASH_FIRED ? "true" : "false");
    }
}

static void put_place(struct buf *buf, const struct photo *photo)
{
    if (!photo->has_place)
        return;
    put_real(buf, ",\"place\":{\"latitude\":", photo->latitude);
    put_real(buf, ",\"longitude\":", photo->longitude);
    if (photo->has_altitude)
        put_real(buf, ",\"altitude\":", photo->altitude);
    buf_puts(buf, "}");
}

static void put_photo(struct buf *buf, const struct record *record, enum image_json_view view)
{
    const struct photo *photo = &record->photo;
    bool is_by_person = (record->set_by_person & RECORD_SET_DESCRIPTION) != 0;

    put_taken(buf, record, view);
    if (view >= IMAGE_JSON_WITHOUT_PLACE)
        put_camera(buf, photo);
    if (view >= IMAGE_JSON_WHOLE)
        put_place(buf, photo);
    if (view >= IMAGE_JSON_WITHOUT_PLACE)
        put_known_number(buf, ",\"rating\":", photo->rating);
    if (view >= IMAGE_JSON_WITHOUT_PLACE || (view == IMAGE_JSON_LITTLE && is_by_person))
        put_known_text(buf, ",\"description\":", photo->description);
}

void image_json_members(struct buf *buf, const struct record *record,
                        const struct image_json_form *form)
{
    put_file(buf, record, form);
    put_photo(buf, record, form->view);
}

void image_json(struct buf *buf, const struct record *record, const struct image_json_form *form)
{
    buf_puts(buf, "{");
    image_json_members(buf, record, form);
    buf_puts(buf, "}");
}
