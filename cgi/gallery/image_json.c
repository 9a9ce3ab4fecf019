#include "gallery/image_json.h"

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

void image_json_url(const struct record *record, char out[IMAGE_JSON_URL_SIZE])
{
    write_file(stpcpy(out, "/uploads/"), record, image_type_extension(record->type));
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

void image_json_members(struct buf *buf, const struct record *record)
{
    char created[IMAGE_JSON_TIME_SIZE], url[IMAGE_JSON_URL_SIZE];

    image_json_time(record->created, created);
    image_json_url(record, url);
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
    buf_puts(buf, "\",\"thumbs\":");
    put_thumbs(buf, record);
}

void image_json(struct buf *buf, const struct record *record)
{
    buf_puts(buf, "{");
    image_json_members(buf, record);
    buf_puts(buf, "}");
}
