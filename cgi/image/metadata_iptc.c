#include "image/metadata_iptc.h"

#include <stdio.h>
#include <string.h>

#include "base/reader.h"

#define MARKER 0x1c
#define RECORD 2 /* of what is about the picture */
#define LONGEST 0x7fff

/* Numbers of data sets in that record. */
enum {
    OBJECT_NAME = 5,
    KEYWORDS = 25,
    DATE_CREATED = 55,
    TIME_CREATED = 60,
    DIGITAL_DATE = 62,
    DIGITAL_TIME = 63,
    CAPTION = 120
};

/* Makes a time of a date, CCYYMMDD, and a time of day, HHMMSS+HHMM, which may be absent. */
static void read_time(struct metadata_span date, struct metadata_span clock,
                      struct photo_time *time)
{
    char text[64];
    const char *d = (const char *)date.data, *c = (const char *)clock.data;
    int len;

    if (date.data == NULL || date.len != 8)
        return;
    len = snprintf(text, sizeof text, "%.4s-%.2s-%.2s", d, d + 4, d + 6);
    if (len == 10 && clock.data != NULL && clock.len >= 6) {
        struct metadata_span whole = {(const uint8_t *)text, 0};

        len += snprintf(text + len, sizeof text - (size_t)len, "T%.2s:%.2s:%.2s", c, c + 2, c + 4);
        if (clock.len == 11 && len < 40)
            len += snprintf(text + len, sizeof text - (size_t)len, "%.3s:%.2s", c + 6, c + 9);
        whole.len = (size_t)len;
        metadata_fields_time(whole, (struct metadata_span){0}, (struct metadata_span){0}, time);
    }
    if (time->local == PHOTO_TIME_UNKNOWN) /* with a broken time of day, the day is left */
        metadata_fields_time((struct metadata_span){(const uint8_t *)text, 10},
                             (struct metadata_span){0}, (struct metadata_span){0}, time);
}

void metadata_iptc_read(struct metadata_span block, struct metadata_fields *fields)
{
    struct reader in = {block.data, block.len, 0, NULL};
    struct metadata_span date = {0}, clock = {0}, digital_date = {0}, digital_clock = {0};
    bool has_room = true;
    const uint8_t *head;

    while (block.data != NULL && (head = reader_take(&in, 5)) != NULL && head[0] == MARKER) {
        struct metadata_span value = {NULL, reader_big16(head + 3)};

        /* A longer length takes more bytes, and no field that is read is as long. */
        if (value.len > LONGEST || (value.data = reader_take(&in, value.len)) == NULL)
            break;
        if (head[1] != RECORD || value.len == 0)
            continue;
        switch (head[2]) {
        case OBJECT_NAME:
            metadata_fields_first_text(value, fields->photo.title, sizeof fields->photo.title);
            break;
        case CAPTION:
            metadata_fields_first_text(value, fields->photo.description,
                                       sizeof fields->photo.description);
            break;
        case KEYWORDS:
            has_room = has_room && metadata_fields_keyword(&fields->photo, value);
            break;
        case DATE_CREATED:
            date = value;
            break;
        case TIME_CREATED:
            clock = value;
            break;
        case DIGITAL_DATE:
            digital_date = value;
            break;
        case DIGITAL_TIME:
            digital_clock = value;
            break;
        default:
            break;
        }
    }
    read_time(date, clock, &fields->original);
    read_time(digital_date, digital_clock, &fields->digitized);
}
