/* Reads and writes the query of a URL, one parameter after the other. */
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

/* Reads the parameter at *at and moves *at past it, by the rules of
 * application/x-www-form-urlencoded (plus is a space). *found is false at the end. VT_ERR_MALFORMED
 * on a bad percent escape, on %00, and on a name or value that does not fit with its NUL. */
enum vt_error http_query_next(const char **at, struct http_parameter_pair *pair, bool *found,
                              struct vt_reason *why) VT_MUST_CHECK;

/* Appends name=value to a query, after an & unless the query is empty. In both, all characters that
 * are not unreserved (RFC 3986, 2.3) are percent-encoded. */
void http_query_put(struct buf *query, const char *name, const char *value);

#endif
