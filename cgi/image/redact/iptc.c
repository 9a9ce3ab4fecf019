/* IPTC-IIM 4.2: a marker, a record, a number, a length and data for each data set. */
#include "image/redact/formats.h"

#define MARKER 0x1c
#define ENVELOPE 1
#define APPLICATION 2
#define LONGEST 0x7fff /* longer ones have another form of length */

/* Whether a data set says nothing about a place: the character set; version, title, keywords,
 * times, authors, headline, rights, caption and its writer. Of the others, many name places. */
static bool is_kept(unsigned record, unsigned number)
{
    static const uint8_t kept[] = {0, 5, 25, 55, 60, 62, 63, 80, 85, 105, 110, 115, 116, 120, 122};

    if (record == ENVELOPE)
        return number == 90;
    for (size_t i = 0; record == APPLICATION && i < sizeof kept; i++)
        if (kept[i] == number)
            return true;
    return false;
}

void image_redact_iptc(enum image_redact_level level, const uint8_t *data, size_t len,
                       struct buf *out)
{
    struct reader in = {data, len, 0, NULL};
    const uint8_t *head;

    if (level != IMAGE_REDACT_PLACE)
        return;
    while ((head = reader_take(&in, 5)) != NULL && head[0] == MARKER) {
        size_t bytes = reader_big16(head + 3);

        if (bytes > LONGEST || reader_take(&in, bytes) == NULL)
            return;
        if (is_kept(head[1], head[2]))
            buf_append(out, head, 5 + bytes);
    }
}
