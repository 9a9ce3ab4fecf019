/* A growable byte buffer.
 *
 * An append that cannot allocate marks the buffer as failed and drops its content; later appends do
 * nothing. Code that fills a buffer therefore checks once, at the end, with buf_ok(). */
#ifndef VITRINE_BASE_BUF_H
#define VITRINE_BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "base/error.h"

struct buf {
    char *data; /* NUL-terminated whenever it is not NULL; owned by the buffer */
    size_t len; /* bytes before that NUL */
    size_t cap;
    bool failed;
};

#define BUF_INIT ((struct buf){NULL, 0, 0, false})

/* Appends len bytes; data may be NULL where len is 0. */
void buf_append(struct buf *buf, const void *data, size_t len);

/* Appends a NUL-terminated string. It is inline so that the compiler can compute the length of a
 * literal. */
static inline void buf_puts(struct buf *buf, const char *text)
{
    buf_append(buf, text, strlen(text));
}

/* Appends formatted text. */
void buf_printf(struct buf *buf, const char *format, ...) VT_PRINTF(2, 3);

/* Appends text with & < > " ' written as HTML character references. */
void buf_puts_html(struct buf *buf, const char *text);

/* Marks the buffer as failed: for a caller that could not produce what it was to append. */
void buf_fail(struct buf *buf);

/* Clears the content and any failure, and keeps the memory. */
void buf_clear(struct buf *buf);

/* Whether every append since BUF_INIT or buf_clear() succeeded. */
bool buf_ok(const struct buf *buf) VT_MUST_CHECK;

/* Frees the memory and leaves an empty buffer. Safe on an empty one. */
void buf_free(struct buf *buf);

#endif
