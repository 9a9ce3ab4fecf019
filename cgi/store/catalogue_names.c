/* The order of names in the SQLite catalogue. Each row has the key of its name (name_key.h), which
 * statements compute by our SQL functions, and which is recomputed if it is not of this program's
 * version. */
#include "base/log.h"
#include "store/catalogue_sqlite.h"
#include "store/name_key.h"

/* Only our own statements may call these functions: other programs could not use a trigger or an
 * index that calls them. */
#define FUNCTION_FLAGS (SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_DIRECTONLY)

static void key_of_name(sqlite3_context *context, int count, sqlite3_value **values)
{
    const char *name = (const char *)sqlite3_value_text(values[0]);
    uint8_t key[NAME_KEY_SIZE];
    size_t len = 0;

    (void)count;
    if (name != NULL)
        len = name_key(name, (size_t)sqlite3_value_bytes(values[0]), key);
    sqlite3_result_blob(context, key, (int)len, SQLITE_TRANSIENT);
}

static void name_keys_version(sqlite3_context *context, int count, sqlite3_value **values)
{
    char version[NAME_KEY_VERSION_SIZE];

    (void)count;
    (void)values;
    name_key_version(version);
    sqlite3_result_text(context, version, -1, SQLITE_TRANSIENT);
}

int catalogue_sqlite_set_up_names(sqlite3 *db)
{
    int code = sqlite3_create_function_v2(db, "key_of_name", 1, FUNCTION_FLAGS, NULL, key_of_name,
                                          NULL, NULL, NULL);

    if (code == SQLITE_OK)
        code = sqlite3_create_function_v2(db, "name_keys_version", 0, FUNCTION_FLAGS, NULL,
                                          name_keys_version, NULL, NULL, NULL);
    return code;
}

/* A row has an empty key if another program has written its name, for instance one of the previous
 * schema that still runs. */
#define ARE_CURRENT                                                                                \
    "SELECT name_keys = name_keys_version()"                                                       \
    " AND NOT EXISTS (SELECT 1 FROM image WHERE name_key = x'' AND name <> '') FROM total"

#define MAKE_MISSING "UPDATE image SET name_key = key_of_name(name) WHERE name_key = x''"

/* Checks again under the lock, since another process may have done it meanwhile. */
static int refresh(sqlite3 *db)
{
    bool current = false;
    int code = sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL);

    if (code == SQLITE_OK)
        code = catalogue_sqlite_ask(db, ARE_CURRENT, &current);
    if (code == SQLITE_OK && !current)
        code = sqlite3_exec(db, MAKE_MISSING "; " CATALOGUE_REMAKE_NAME_KEYS, NULL, NULL, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_exec(db, "COMMIT", NULL, NULL, NULL);
    if (!sqlite3_get_autocommit(db))
        (void)sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
    return code;
}

void catalogue_sqlite_refresh_names(sqlite3 *db)
{
    bool current = false;
    int code = catalogue_sqlite_ask(db, ARE_CURRENT, &current);

    if (code == SQLITE_OK && !current)
        code = refresh(db);
    if (code != SQLITE_OK)
        log_warning("catalogue: the listing by name may be out of order: %s", sqlite3_errstr(code));
}
