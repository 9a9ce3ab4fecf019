/* The listing's first page as a file, for nginx to serve without a worker:
 *
 *   listing/first.json      the page
 *   listing/first.json.gz   the same, compressed
 *
 * Whoever is about to commit a change of the catalogue removes the page first, and writes the new
 * one after the commit, both under the catalogue's write lock: a page that is there is that of the
 * catalogue as it is. docs/architecture.md has the proof. */
#ifndef VITRINE_STORE_FIRST_PAGE_H
#define VITRINE_STORE_FIRST_PAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"

struct first_page;

/* Opens the place of the page in a data folder. Unless keep, it removes a page that is there: after
 * a power cut it may be an old one, and another version of the program may have written it. The
 * caller closes *page. */
enum vt_error first_page_open(const char *data, bool keep, struct first_page **first) VT_MUST_CHECK;

/* Makes the folder that the page is in, where it is not there. */
enum vt_error first_page_make_folder(const struct first_page *first) VT_MUST_CHECK;

/* Gives everything back; the page stays. NULL is allowed. */
void first_page_close(struct first_page *first);

/* Removes the page; one that is not there is removed already. Safe at any time. After a failure the
 * page may still be served: the catalogue must not be changed then. */
enum vt_error first_page_remove(struct first_page *first) VT_MUST_CHECK;

/* Whether the page is there. */
bool first_page_is_there(const struct first_page *first) VT_MUST_CHECK;

/* Whether each of the two files that is there holds the page. Only under the catalogue's write
 * lock.
 */
bool first_page_holds(const struct first_page *first, const struct buf *page) VT_MUST_CHECK;

/* Writes the page, in one step for whoever reads. Only under the catalogue's write lock, with what
 * was read under it. version is the catalogue's: nginx makes its entity tags of a file's time and
 * size, and each version gives another time. After a failure no page is there. */
enum vt_error first_page_write(struct first_page *first, const struct buf *page,
                               uint64_t version) VT_MUST_CHECK;

/* Whether the page could be removed, were it there: VT_ERR_UNAVAILABLE where not. */
enum vt_error first_page_check(const struct first_page *first) VT_MUST_CHECK;

#endif
