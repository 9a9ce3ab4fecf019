/* The worker with its own main() and loop, and one change made by the linker (--wrap): whenever it
 * publishes the first page, it first attempts an action that the sandbox must prevent.
 *
 * The file `tmp/attempt` in the data folder holds the number of the attempt. The worker writes the
 * expected result to standard error before the attempt, and the errno after it;
 * VITRINE_TEST_OUTSIDE names the folder outside. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../support/attempts.h"
#include "base/config.h"
#include "base/log.h"
#include "gallery/gallery.h"

enum vt_error __real_listing_json_first(struct gallery *gallery, struct buf *page);
enum vt_error __wrap_listing_json_first(struct gallery *gallery, struct buf *page);

static const char *name_of(int code)
{
    if (code == ATTEMPT_DEADLY)
        return "SIGSYS";
    return code == 0 ? "success" : strerrorname_np(code);
}

/* Reads the number and removes the file, so that there is only one attempt. */
static int read_number(const char *data, size_t *number)
{
    char path[PATH_MAX];
    int len = snprintf(path, sizeof path, "%s/tmp/attempt", data);
    FILE *file = len > 0 && (size_t)len < sizeof path ? fopen(path, "re") : NULL;
    int count;

    if (file == NULL)
        return 0;
    count = fscanf(file, "%zu", number);
    (void)fclose(file);
    return unlink(path) == 0 && count == 1;
}

enum vt_error __wrap_listing_json_first(struct gallery *gallery, struct buf *page)
{
    const char *data = getenv("VITRINE_DATA"), *outside = getenv("VITRINE_TEST_OUTSIDE");
    const char *pool = getenv("VITRINE_POOL");
    size_t number = 0;

    if (data == NULL || outside == NULL || pool == NULL || !read_number(data, &number))
        return __real_listing_json_first(gallery, page);
    if (number >= support_attempt_count) {
        log_info("attempt %zu: there is none", number);
    } else {
        const struct attempt *attempt = &support_attempts[number];
        int wanted = strcmp(pool, "image") == 0 ? attempt->image : attempt->api;

        log_info("attempt %zu: %s: wanted %s", number, attempt->name, name_of(wanted));
        log_info("attempt %zu: %s: got %s", number, attempt->name,
                 name_of(attempt->try(data, outside)));
    }
    return __real_listing_json_first(gallery, page);
}
