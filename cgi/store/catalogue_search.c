/* The search index of the SQLite catalogue. It has a text of each image (search_text.h), which
 * statements compute by our SQL functions. Triggers, which cannot call them, as they also run in
 * other programs, take what is no longer right out of the index and note the image in the table
 * `unindexed`; whoever has changed the image indexes it, or the next opening does. */
#include <string.h>

#include "base/log.h"
#include "store/catalogue_sqlite.h"
#include "store/search_text.h"

#define BATCH "25000" /* rows of one transaction; others that want to write wait so long */

/* Only our own statements may call these functions: other programs could not use a trigger or an
 * index that calls them. */
#define FUNCTION_FLAGS (SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_DIRECTONLY)

static const char *text_of(sqlite3_value *value)
{
    const unsigned char *text = sqlite3_value_text(value);

    return text != NULL ? (const char *)text : "";
}

/* Gives the buffer's content as the function's result, and frees it. */
static void give(sqlite3_context *context, struct buf *text)
{
    if (!buf_ok(text))
        sqlite3_result_error_nomem(context);
    else
        sqlite3_result_text(context, text->len > 0 ? text->data : "", (int)text->len,
                            SQLITE_TRANSIENT);
    buf_free(text);
}

/* search_shown(name, tags, description, set_by_person): what everybody is told. */
static void search_shown(sqlite3_context *context, int count, sqlite3_value **values)
{
    struct buf text = BUF_INIT;

    (void)count;
    buf_printf(&text, "%s\n%s", text_of(values[0]), text_of(values[1]));
    if (sqlite3_value_int(values[3]) & RECORD_SET_DESCRIPTION)
        buf_printf(&text, "\n%s", text_of(values[2]));
    give(context, &text);
}

/* search_parts(name, tags): parts of their words. */
static void search_parts(sqlite3_context *context, int count, sqlite3_value **values)
{
    struct buf text = BUF_INIT;

    (void)count;
    search_text_parts(&text, text_of(values[0]));
    search_text_parts(&text, text_of(values[1]));
    give(context, &text);
}

/* search_known(camera, lens, description, set_by_person): what may be hidden. */
static void search_known(sqlite3_context *context, int count, sqlite3_value **values)
{
    struct buf text = BUF_INIT;

    (void)count;
    buf_printf(&text, "%s\n%s", text_of(values[0]), text_of(values[1]));
    if (!(sqlite3_value_int(values[3]) & RECORD_SET_DESCRIPTION))
        buf_printf(&text, "\n%s", text_of(values[2]));
    give(context, &text);
}

static bool is_known(sqlite3_value *value)
{
    return sqlite3_value_type(value) != SQLITE_NULL;
}

/* search_marks(type, tags, camera, shown_time, latitude, longitude): for filters. */
static void search_marks(sqlite3_context *context, int count, sqlite3_value **values)
{
    struct buf text = BUF_INIT;
    const struct search_text_facts facts = {
        .type = text_of(values[0]),
        .tags = text_of(values[1]),
        .camera = text_of(values[2]),
        .time = sqlite3_value_int64(values[3]),
        .has_place = is_known(values[4]) && is_known(values[5]),
        .latitude = sqlite3_value_double(values[4]),
        .longitude = sqlite3_value_double(values[5]),
    };

    (void)count;
    search_text_marks(&text, &facts);
    give(context, &text);
}

/* is_near(latitude, longitude, of the circle: latitude, longitude, kilometres) */
static void is_near(sqlite3_context *context, int count, sqlite3_value **values)
{
    (void)count;
    sqlite3_result_int(context, is_known(values[0]) && is_known(values[1]) &&
                                    search_text_is_near(sqlite3_value_double(values[0]),
                                                        sqlite3_value_double(values[1]),
                                                        sqlite3_value_double(values[2]),
                                                        sqlite3_value_double(values[3]),
                                                        sqlite3_value_double(values[4])));
}

int catalogue_sqlite_set_up_search(sqlite3 *db)
{
    static const struct {
        const char *name;
        int values;
        void (*function)(sqlite3_context *, int, sqlite3_value **);
    } functions[] = {
        {"search_shown", 4, search_shown}, {"search_parts", 2, search_parts},
        {"search_known", 4, search_known}, {"search_marks", 6, search_marks},
        {"is_near", 5, is_near},
    };
    int code = SQLITE_OK;

    for (size_t i = 0; code == SQLITE_OK && i < sizeof functions / sizeof functions[0]; i++)
        code =
            sqlite3_create_function_v2(db, functions[i].name, functions[i].values, FUNCTION_FLAGS,
                                       NULL, functions[i].function, NULL, NULL, NULL);
    return code;
}

/* The newest rows come first, since they are looked for most; within a batch the oldest do, as the
 * index is faster then. */
#define NEWEST                                                                                     \
    "(SELECT min(sequence) FROM (SELECT sequence FROM unindexed ORDER BY sequence DESC"            \
    " LIMIT " BATCH "))"
#define INDEX_BATCH                                                                                \
    CATALOGUE_INDEX_ROWS                                                                           \
    " WHERE sequence IN (SELECT sequence FROM unindexed WHERE sequence >= " NEWEST                 \
    ") ORDER BY sequence; DELETE FROM unindexed WHERE sequence >= " NEWEST                         \
    "; UPDATE total SET version = version + 1"

#define IS_BEHIND "SELECT EXISTS (SELECT 1 FROM unindexed)"

static int index_batch(sqlite3 *db)
{
    int code = sqlite3_exec(db, "BEGIN IMMEDIATE; " INDEX_BATCH "; COMMIT", NULL, NULL, NULL);

    if (!sqlite3_get_autocommit(db))
        (void)sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
    return code;
}

void catalogue_sqlite_refresh_search(sqlite3 *db)
{
    bool behind = false;
    int code = catalogue_sqlite_ask(db, IS_BEHIND, &behind);

    while (code == SQLITE_OK && behind) {
        code = index_batch(db);
        if (code == SQLITE_OK)
            code = catalogue_sqlite_ask(db, IS_BEHIND, &behind);
    }
    if (code != SQLITE_OK)
        log_warning("catalogue: a search may not find all images: %s", sqlite3_errstr(code));
}

/* Runs a statement that takes nothing but an image's id. */
static enum vt_error run_with_id(struct catalogue_sqlite *self, enum statement which,
                                 const char *id)
{
    sqlite3_stmt *statement = NULL;
    enum vt_error err = catalogue_sqlite_prepare(self, which, &statement);

    if (err != VT_OK)
        return err;
    if (catalogue_sqlite_bind_text(statement, 1, id) != SQLITE_OK) {
        catalogue_sqlite_release(statement);
        return VT_ERR_MEMORY;
    }
    return catalogue_sqlite_run(self, statement);
}

enum vt_error catalogue_sqlite_index(struct catalogue_sqlite *self, const char *id)
{
    enum vt_error err = run_with_id(self, INDEX_IMAGE, id);

    return err == VT_OK ? run_with_id(self, NOTE_INDEXED, id) : err;
}
