/* vitrine check, gc, stats */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "command/command.h"
#include "command/commands.h"
#include "command/libraries.h"
#include "process/sandbox_probe.h"

static const struct argp_child children[] = {{&admin_argp, 0, NULL, 0}, {NULL, 0, NULL, 0}};

/* ---- check ---- */

/* Checks for what would keep every worker from starting, so that it is found before anything
 * starts. */
static enum vt_error check_sandbox(const struct config *config, struct vt_reason *why)
{
    struct vt_reason lacks = {""};
    enum vt_error err = VT_OK;

    if (config->sandbox == SANDBOX_REQUIRE)
        err = sandbox_probe(&lacks);
    if (err == VT_OK)
        return VT_OK;
    return vt_fail(why, err, "VITRINE_SANDBOX is require, and %s", lacks.text);
}

enum { OPTION_SETTINGS = 1001, OPTION_STORE, OPTION_LIBRARIES };

struct check {
    struct command admin;
    int only; /* an option, or 0 for everything */
};

static error_t parse_check(int key, char *argument, struct argp_state *state)
{
    struct check *check = state->input;

    switch (key) {
    case OPTION_SETTINGS:
    case OPTION_STORE:
    case OPTION_LIBRARIES:
        if (check->only != 0 && check->only != key)
            argp_error(state, "one of --settings, --store and --libraries, please");
        check->only = key;
        return 0;
    default:
        return command_parse_nothing(key, argument, state);
    }
}

/* Checks the store by opening it. *report is for programs, and NULL if the store cannot be opened.
 */
static enum vt_error check_store(struct gallery *gallery, json_t **report, struct vt_reason *why)
{
    struct health health;
    enum vt_error err = gallery_open(gallery, why);

    if (err != VT_OK)
        return err;
    gallery_check(gallery, &health);
    err = health.catalogue != VT_OK ? health.catalogue : health.disk;
    if (err == VT_ERR_NO_SPACE && health.catalogue == VT_OK)
        err = VT_OK; /* existing images can be viewed and deleted */
    if (!health.made_anew && health.notice.text[0] != '\0')
        log_warning("check: %s", health.notice.text);
    if (err == VT_OK && gallery_renew(gallery) != VT_OK)
        log_warning("check: the listing keeps its entity tags: they are not right for a catalogue"
                    " that was restored");
    *report = json_pack("{s:s, s:s, s:I, s:b}", "catalogue", vt_strerror(health.catalogue), "disk",
                        vt_strerror(health.disk), "free_bytes", (json_int_t)health.free_bytes,
                        "made_anew", (int)health.made_anew);
    if (err == VT_OK || health.catalogue == VT_ERR_DAMAGED)
        return err;
    return vt_fail(why, err, "catalogue: %s, disk: %s", vt_strerror(health.catalogue),
                   vt_strerror(health.disk));
}

/* Reports each library with a known vulnerability, and what to do. */
static void tell_libraries(json_t *found)
{
    const char *library, *package, *version, *needed, *hole;
    json_t *one;
    size_t i;

    json_array_foreach(found, i, one)
    {
        if (json_unpack(one, "{s:s, s:s, s:s, s:s, s:s}", "library", &library, "package", &package,
                        "found", &version, "needed", &needed, "hole", &hole) == 0)
            (void)fprintf(stderr,
                          "vitrine: check: %s %s (Debian's package: %s) has a known hole, %s; "
                          "from %s on it is mended\n",
                          library, version, package, hole, needed);
    }
    if (json_array_size(found) > 0)
        (void)fputs("vitrine: check: to upgrade: provision/install; in containers, docker compose "
                    "build --pull --no-cache, and up -d\n",
                    stderr);
}

int command_check(int argc, char **argv)
{
    static const struct argp_option options[] = {
        {"settings", OPTION_SETTINGS, NULL, 0, "Look at the settings only, and leave the store", 0},
        {"store", OPTION_STORE, NULL, 0, "Look at the settings and the store only", 0},
        {"libraries", OPTION_LIBRARIES, NULL, 0,
         "Look for libraries with known holes only, and leave the store", 0},
        {NULL, 0, NULL, 0, NULL, 0}};
    static const struct argp argp = {
        .options = options,
        .parser = parse_check,
        .children = children,
        .doc = "Opens the store, brings its catalogue up to this version, and says whether it can "
               "be used. Names the libraries that have a known hole.",
    };
    struct check check = {.admin.noun = ""};
    struct command *admin = &check.admin;
    struct vt_reason why = {""};
    json_t *report = NULL, *found = NULL;
    enum vt_error err = VT_OK;
    int status = command_begin(admin, "check", &argp, argc, argv);

    if (status != ADMIN_OK)
        return command_end(admin, status);
    if (check.only != OPTION_LIBRARIES)
        err = check_sandbox(&admin->config, &why);
    if (err == VT_OK && (check.only == 0 || check.only == OPTION_STORE))
        err = check_store(admin->gallery, &report, &why);
    if (err == VT_OK && (check.only == 0 || check.only == OPTION_LIBRARIES))
        err = command_libraries_find(&admin->config, &found, &why);
    if (found != NULL) {
        tell_libraries(found);
        status = json_array_size(found) > 0 ? ADMIN_FOUND : ADMIN_OK;
        report = report != NULL ? report : json_object();
        (void)json_object_set_new(report, "libraries", found);
    }
    if (admin->json && report != NULL)
        command_print(admin, report);
    else
        json_decref(report);
    return command_end(admin, err == VT_OK ? status : command_fail(admin, err, &why));
}

/* ---- gc ---- */

int command_gc(int argc, char **argv)
{
    static const struct argp argp = {
        .parser = command_parse_nothing,
        .children = children,
        .doc = "Removes what killed processes have left of uploads, what deletions have left, and "
               "thumbnails without an image. Originals without a row are told and left.",
    };
    struct command admin = {.noun = ""};
    struct vt_reason why = {""};
    struct sweep sweep = {0};
    enum vt_error err;
    int status = command_begin(&admin, "gc", &argp, argc, argv);

    if (status != ADMIN_OK)
        return command_end(&admin, status);
    err = gallery_open(admin.gallery, &why);
    if (err == VT_OK)
        err = gallery_sweep(admin.gallery, command_is_stopped, &sweep);
    if (err != VT_OK)
        return command_end(&admin, command_fail(&admin, err, &why));
    if (admin.json)
        command_print(&admin,
                      json_pack("{s:I, s:I, s:I}", "unfinished", (json_int_t)sweep.stages, "files",
                                (json_int_t)sweep.blobs, "left", (json_int_t)sweep.left));
    else
        (void)printf("removed %u unfinished uploads and %u files without an image\n", sweep.stages,
                     sweep.blobs);
    if (sweep.made_anew)
        return command_end(
            &admin, command_fail(&admin, VT_ERR_DAMAGED, &(struct vt_reason){GALLERY_MADE_ANEW}));
    return command_end(&admin, ADMIN_OK);
}

/* ---- stats ---- */

#define LARGEST 5

struct largest {
    struct record rows[LARGEST];
    size_t count;
};

static enum vt_error keep_row(void *context, const struct record *record)
{
    struct largest *largest = context;

    if (largest->count == LARGEST)
        return VT_ERR_INTERNAL;
    largest->rows[largest->count++] = *record;
    return VT_OK;
}

static json_t *usage_json(const struct usage *usage)
{
    return json_pack("{s:I, s:I}", "files", (json_int_t)usage->files, "bytes",
                     (json_int_t)usage->bytes);
}

static json_t *types_json(const struct store_usage *usage)
{
    json_t *types = json_object();

    for (int i = 0; i < IMAGE_TYPE_COUNT; i++)
        if (usage->types[i].files > 0 &&
            json_object_set_new(types, image_type_extension((enum image_type)i),
                                usage_json(&usage->types[i])) != 0)
            return NULL;
    return types;
}

static json_t *largest_json(const struct largest *largest)
{
    json_t *array = json_array();

    for (size_t i = 0; i < largest->count; i++)
        if (json_array_append_new(array, json_pack("{s:s, s:s, s:I}", "id", largest->rows[i].id,
                                                   "name", largest->rows[i].name, "bytes",
                                                   (json_int_t)largest->rows[i].bytes)) != 0)
            return NULL;
    return array;
}

/* Formats bytes for people: 1,536 are "1.5 KiB". */
static const char *readable(uint64_t bytes, char out[32])
{
    static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
    double value = (double)bytes;
    size_t unit = 0;

    for (; value >= 1024 && unit + 1 < sizeof units / sizeof units[0]; unit++)
        value /= 1024;
    (void)snprintf(out, 32, unit == 0 ? "%.0f %s" : "%.1f %s", value, units[unit]);
    return out;
}

static void print_row(const char *what, const struct usage *usage)
{
    char text[32];

    if (usage->files > 0)
        (void)printf("  %-12s %10" PRIu64 "  %12s\n", what, usage->files,
                     readable(usage->bytes, text));
}

static void print_stats(const struct totals *totals, const struct store_usage *usage,
                        const struct largest *largest)
{
    char text[32];

    (void)printf("images %" PRIu64 "\nbytes %" PRIu64 "\n\non disk\n", totals->images,
                 totals->bytes);
    print_row("originals", &usage->originals);
    print_row("thumbnails", &usage->thumbnails);
    print_row("twins", &usage->twins);
    print_row("unfinished", &usage->stages);
    print_row("other", &usage->strays);
    print_row("lost+found", &usage->set_aside);
    (void)printf("\nby type\n");
    for (int i = 0; i < IMAGE_TYPE_COUNT; i++)
        print_row(image_type_extension((enum image_type)i), &usage->types[i]);
    (void)printf("\nlargest\n");
    for (size_t i = 0; i < largest->count; i++)
        (void)printf("  %12s  %s  %s\n", readable(largest->rows[i].bytes, text),
                     largest->rows[i].id, largest->rows[i].name);
}

int command_stats(int argc, char **argv)
{
    static const struct argp argp = {
        .parser = command_parse_nothing,
        .children = children,
        .doc = "Counts images and bytes: in all, on the disk, by type, and the largest.",
    };
    const struct listing_query query = {.sort = SORT_SIZE, .limit = LARGEST};
    struct command admin = {.noun = ""};
    struct vt_reason why = {""};
    struct largest largest = {.count = 0};
    struct listing_page page;
    struct store_usage usage;
    struct totals totals;
    enum vt_error err;
    int status = command_begin(&admin, "stats", &argp, argc, argv);

    if (status != ADMIN_OK)
        return command_end(&admin, status);
    gallery_keep_page(admin.gallery);
    err = gallery_open(admin.gallery, &why);
    if (err == VT_OK)
        err = gallery_totals(admin.gallery, &totals);
    if (err == VT_OK)
        err = upkeep_usage(admin.gallery, &usage);
    if (err == VT_OK)
        err = gallery_list(admin.gallery, &query, keep_row, &largest, &page);
    if (err != VT_OK)
        return command_end(&admin, command_fail(&admin, err, &why));
    if (admin.json)
        command_print(
            &admin, json_pack("{s:I, s:I, s:{s:o, s:o, s:o, s:o, s:o, s:o}, s:o, s:o}", "images",
                              (json_int_t)totals.images, "bytes", (json_int_t)totals.bytes, "disk",
                              "originals", usage_json(&usage.originals), "thumbnails",
                              usage_json(&usage.thumbnails), "twins", usage_json(&usage.twins),
                              "unfinished", usage_json(&usage.stages), "other",
                              usage_json(&usage.strays), "lost+found", usage_json(&usage.set_aside),
                              "types", types_json(&usage), "largest", largest_json(&largest)));
    else
        print_stats(&totals, &usage, &largest);
    return command_end(&admin, ADMIN_OK);
}
