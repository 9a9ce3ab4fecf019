/* The listing's first page as a file, for nginx to serve without a worker:
 *
 *   listing/first.json      the page
 *   listing/first.json.gz   the same, compressed
 *
 * A process that is about to commit a change of the catalogue removes the page first and writes the
 * new one after the commit, both under the catalogue's write lock. So a page that exists is always
 * that of the catalogue in its current state. docs/architecture.md has the proof. */
#ifndef VITRINE_STORE_FIRST_PAGE_H
#define VITRINE_STORE_FIRST_PAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"

struct first_page;

/* Opens the page's folder in a data folder. Unless keep is true, it removes an existing page, which
 * may be outdated after a power cut or written by another version of the program. The caller closes
 * *page. */
enum vt_error first_page_open(const char *data, bool keep, struct first_page **first) VT_MUST_CHECK;

/* Makes the folder of the page if it does not exist. */
enum vt_error first_page_make_folder(const struct first_page *first) VT_MUST_CHECK;

/* Gives everything back; the page stays. NULL is allowed. */
void first_page_close(struct first_page *first);

/* Removes the page; it is no error if there is none. Safe at any time. After a failure the page may
 * still be served: the catalogue must not be changed then. */
enum vt_error first_page_remove(struct first_page *first) VT_MUST_CHECK;

/* Whether the page exists. */
bool first_page_is_there(const struct first_page *first) VT_MUST_CHECK;

/* Whether those of the two files that exist hold the page. Only under the catalogue's write lock.
 */
bool first_page_holds(const struct first_page *first, const struct buf *page) VT_MUST_CHECK;

/* Writes the page atomically. Only under the catalogue's write lock, with what was read under it.
 * version is the catalogue's: nginx makes its entity tags from a file's time and size, and each
 * version gives a different time. After a failure there is no page. */
enum vt_error first_page_write(struct first_page *first, const struct buf *page,
                               uint64_t version) VT_MUST_CHECK;

/* Checks that an existing page could be removed: VT_ERR_UNAVAILABLE if not. */
enum vt_error first_page_check(const struct first_page *first) VT_MUST_CHECK;

#endif
