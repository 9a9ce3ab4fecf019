/* The query of a URL, one parameter after the other: read and written. */
#ifndef VITRINE_HTTP_HTTP_QUERY_H
#define VITRINE_HTTP_HTTP_QUERY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/error.h"

#define HTTP_QUERY_NAME_SIZE 32
#define HTTP_QUERY_VALUE_SIZE 1024

struct http_parameter_pair {
    char name[HTTP_QUERY_NAME_SIZE];
    char value[HTTP_QUERY_VALUE_SIZE];
};

/* Reads the parameter at *at and moves *at behind it, by the rules of
 * application/x-www-form-urlencoded (plus is a space). *found is false at the end. VT_ERR_MALFORMED
 * on a bad percent escape, on %00, and on a name or value that does not fit with its NUL. */
enum vt_error http_query_next(const char **at, struct http_parameter_pair *pair, bool *found,
                              struct vt_reason *why) VT_MUST_CHECK;

/* Appends name=value to a query that may be empty yet, an & before it where it is not. Of both,
 * whatever is not unreserved (RFC 3986, 2.3) is percent-encoded. */
void http_query_put(struct buf *query, const char *name, const char *value);

#endif
