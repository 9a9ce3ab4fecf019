/* Parses the values of HTTP header fields. All of them are untrusted input from the network. */
#ifndef VITRINE_HTTP_HTTP_HEADER_H
#define VITRINE_HTTP_HTTP_HEADER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/* Whether the value's media type (RFC 9110, 8.3.1), ignoring parameters, is this one. A type that
 * ends in slash-star matches every subtype. Case does not matter. */
bool http_header_is_media_type(const char *value, const char *type) VT_MUST_CHECK;

/* Finds a parameter (RFC 9110, 5.6.6) of a value such as `form-data; name="a"` and unquotes it into
 * out. VT_ERR_NOT_FOUND if it is absent, VT_ERR_MALFORMED if the value cannot be parsed,
 * VT_ERR_TOO_LARGE if the parameter and its NUL need more than size bytes. In a quoted string only
 * \" and \\ are escapes, since old browsers send `C:\dir\name` there. */
enum vt_error http_header_parameter(const char *value, const char *name, char *out,
                                    size_t size) VT_MUST_CHECK;

/* The file name of a Content-Disposition value: filename* (RFC 8187, in UTF-8 or ISO-8859-1) if
 * there is one, else filename, in which %22, %0D and %0A are decoded as HTML's multipart encoding
 * writes them. The bytes are still untrusted: clean them with text_clean_name(). Errors are those
 * of http_header_parameter(). */
enum vt_error http_header_filename(const char *value, char *out, size_t size) VT_MUST_CHECK;

/* The token of an `Authorization: Bearer TOKEN` value (RFC 6750, 2.1), or NULL. Points into value.
 */
const char *http_header_bearer_token(const char *value);

/* Whether an Accept value (RFC 9110, 12.5.1) names text/html with a quality other than 0. Wildcards
 * do not count: a script's default Accept does not ask for a page. */
bool http_header_accepts_html(const char *accept) VT_MUST_CHECK;

/* Whether an If-None-Match value (RFC 9110, 13.1.2) matches the quoted entity tag by weak
 * comparison, since nginx makes the tag of a response that it compresses weak. */
bool http_header_etag_matches(const char *if_none_match, const char *etag) VT_MUST_CHECK;

#endif
