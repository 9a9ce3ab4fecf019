#include "image/metadata_fields.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define TEXT_LIMIT 8192 /* bytes of a text that are looked at */

static bool is_utf8(const char *text, size_t len)
{
    for (size_t i = 0; i < len;) {
        size_t used = text_character(text + i, len - i);

        if (used == 1 && (unsigned char)text[i] >= 0x80)
            return false;
        i += used;
    }
    return true;
}

/* Removes a character that was cut off by the limit, so that the rest is judged alone. */
static size_t whole_characters(const char *text, size_t len)
{
    size_t cut = len;

    while (cut > 0 && len - cut < 4 && ((unsigned char)text[cut - 1] & 0xc0) == 0x80)
        cut--;
    return cut > 0 && (unsigned char)text[cut - 1] >= 0xc0 ? cut - 1 : len;
}

void metadata_fields_text(struct metadata_span span, char *out, size_t size)
{
    char text[2 * TEXT_LIMIT];
    size_t len = 0, at = 0;
    bool is_latin;

    if (span.data != NULL)
        len = strnlen((const char *)span.data, span.len < TEXT_LIMIT ? span.len : TEXT_LIMIT);
    if (len == TEXT_LIMIT)
        len = whole_characters((const char *)span.data, len);
    is_latin = !is_utf8((const char *)span.data, len);
    for (size_t i = 0; i < len; i++) {
        uint8_t byte = span.data[i];

        if (byte == '\n' && i > 0 && span.data[i - 1] == '\r')
            continue; /* one line break, of two characters */
        if (byte == '\n' || byte == '\r' || byte == '\t') {
            text[at++] = ' ';
        } else if (is_latin && byte >= 0x80) {
            text[at++] = (char)(0xc0 | byte >> 6);
            text[at++] = (char)(0x80 | (byte & 0x3f));
        } else {
            text[at++] = (char)byte;
        }
    }
    text_clean(text, at, out, size);
}

void metadata_fields_first_text(struct metadata_span span, char *out, size_t size)
{
    if (out[0] == '\0')
        metadata_fields_text(span, out, size);
}

/* Whether the line is among the lines of the list. */
static bool has_line(const char *list, const char *line, size_t len)
{
    while (*list != '\0') {
        size_t one = strcspn(list, "\n");

        if (one == len && memcmp(list, line, len) == 0)
            return true;
        list += one;
        list += *list == '\n' ? 1 : 0;
    }
    return false;
}

bool metadata_fields_keyword(struct photo *photo, struct metadata_span span)
{
    char keyword[NAME_SIZE];
    size_t len, used = strlen(photo->keywords);

    metadata_fields_text(span, keyword, sizeof keyword);
    len = strlen(keyword);
    if (len == 0 || has_line(photo->keywords, keyword, len))
        return true;
    if (used + len + 2 > sizeof photo->keywords)
        return false;
    if (used > 0)
        photo->keywords[used++] = '\n';
    memcpy(photo->keywords + used, keyword, len + 1);
    return true;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Whether text begins as the pattern says, in which 0 is any digit, : any separator of a date, and
 * everything else itself. */
static bool is_like(const char *text, const char *pattern)
{
    for (; *pattern != '\0'; pattern++, text++) {
        if (*pattern == '0'   ? !is_digit(*text)
            : *pattern == ':' ? *text == '\0' || strchr(":-/.", *text) == NULL
                              : *text != *pattern)
            return false;
    }
    return true;
}

#define EXIF_TIME "0000:00:00 00:00:00"
#define EXIF_TIME_LEN (sizeof EXIF_TIME - 1)

/* Turns a time in EXIF's form into that of photo_time_read(): a fraction or offset behind it stays.
 */
static void rewrite(char *text)
{
    if (!is_like(text, EXIF_TIME))
        return;
    text[4] = text[7] = '-';
    text[13] = text[16] = ':';
}

/* Copies the beginning of a span, up to a NUL and without blanks at its ends. */
static void copy(struct metadata_span span, char *out, size_t size)
{
    size_t len = span.len < size - 1 ? span.len : size - 1;

    if (span.data == NULL)
        len = 0;
    len = len > 0 ? strnlen((const char *)span.data, len) : 0;
    for (; len > 0 && *span.data == ' '; span.data++)
        len--;
    while (len > 0 && span.data[len - 1] == ' ')
        len--;
    if (len > 0)
        memcpy(out, span.data, len);
    out[len] = '\0';
}

void metadata_fields_time(struct metadata_span text, struct metadata_span subsecond,
                          struct metadata_span offset, struct photo_time *time)
{
    char written[64], digits[12], zone[12], whole[sizeof written + sizeof digits + sizeof zone + 1];
    struct photo_time with;

    copy(text, written, sizeof written);
    copy(subsecond, digits, sizeof digits);
    copy(offset, zone, sizeof zone);
    rewrite(written);
    if (!photo_time_read(written, strlen(written), time))
        return;
    /* Each is tried alone, so that a broken one does not spoil the other. */
    if (digits[0] != '\0' && strlen(written) == EXIF_TIME_LEN) {
        (void)snprintf(whole, sizeof whole, "%s.%s", written, digits);
        if (photo_time_read(whole, strlen(whole), &with))
            time->local = with.local;
    }
    if (zone[0] != '\0' && time->offset == PHOTO_TIME_NO_OFFSET) {
        (void)snprintf(whole, sizeof whole, "%s%s", written, zone);
        if (photo_time_read(whole, strlen(whole), &with))
            time->offset = with.offset;
    }
}

double metadata_fields_number(double value, double most)
{
    return isfinite(value) && value > 0 && value <= most ? value : 0;
}

void metadata_fields_place(struct photo *photo, double latitude, double longitude)
{
    if (!isfinite(latitude) || !isfinite(longitude) || fabs(latitude) > PHOTO_LATITUDE_MAX ||
        fabs(longitude) > PHOTO_LONGITUDE_MAX || (latitude == 0 && longitude == 0))
        return;
    photo->has_place = true;
    photo->latitude = latitude;
    photo->longitude = longitude;
}

void metadata_fields_altitude(struct photo *photo, double metres)
{
    if (!isfinite(metres) || fabs(metres) > PHOTO_ALTITUDE_MAX)
        return;
    photo->has_altitude = true;
    photo->altitude = metres;
}

void metadata_fields_rating(struct photo *photo, double rating)
{
    if (isfinite(rating) && rating >= 1 && rating < 6)
        photo->rating = (uint32_t)rating;
}
