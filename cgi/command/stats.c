/* vitrine stats */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "command/command.h"
#include "command/commands.h"

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

static void print_row(const char *what, const struct usage *usage)
{
    char text[TEXT_BYTES_SIZE];

    if (usage->files > 0)
        (void)printf("  %-13s %10" PRIu64 "  %12s\n", what, usage->files,
                     text_bytes(usage->bytes, text));
}

static void print_stats(const struct totals *totals, uint64_t unread,
                        const struct store_usage *usage, const struct largest *largest)
{
    char text[TEXT_BYTES_SIZE], name[NAME_SIZE];

    (void)printf("images %" PRIu64 "\nbytes %" PRIu64 "\n", totals->images, totals->bytes);
    if (unread > 0)
        (void)printf("unread %" PRIu64 "\n", unread);
    (void)printf("\non disk\n");
    print_row("originals", &usage->originals);
    print_row("thumbnails", &usage->thumbnails);
    print_row("WebP variants", &usage->webp_variants);
    print_row("copies", &usage->copies);
    print_row("unfinished", &usage->stages);
    print_row("other", &usage->strays);
    print_row("lost+found", &usage->set_aside);
    (void)printf("\nby type\n");
    for (int i = 0; i < IMAGE_TYPE_COUNT; i++)
        print_row(image_type_extension((enum image_type)i), &usage->types[i]);
    (void)printf("\nlargest\n");
    for (size_t i = 0; i < largest->count; i++) {
        /* An older version may have stored what a terminal acts on. */
        text_clean(largest->rows[i].name, strlen(largest->rows[i].name), name, sizeof name);
        (void)printf("  %12s  %s  %s\n", text_bytes(largest->rows[i].bytes, text),
                     largest->rows[i].id, name);
    }
}

int command_stats(int argc, char **argv)
{
    static const struct argp argp = {
        .parser = command_parse_nothing,
        .children = command_children,
        .doc = "Counts images and bytes: in all, on the disk, by type, and the largest.",
    };
    const struct listing_query query = {.sort = SORT_SIZE, .limit = LARGEST};
    struct command admin = {.noun = ""};
    struct vt_reason why = {""};
    struct largest largest = {.count = 0};
    struct listing_page page;
    struct store_usage usage;
    struct totals totals;
    uint64_t unread = 0;
    enum vt_error err;
    int status = command_begin(&admin, "stats", &argp, argc, argv);

    if (status != COMMAND_OK)
        return command_end(&admin, status);
    gallery_keep_page(admin.gallery);
    err = gallery_open(admin.gallery, &why);
    if (err == VT_OK)
        err = gallery_totals(admin.gallery, &totals);
    if (err == VT_OK)
        err = upkeep_rescan_left(admin.gallery, &unread);
    if (err == VT_OK)
        err = upkeep_usage(admin.gallery, &usage);
    if (err == VT_OK)
        err = gallery_list(admin.gallery, &query, keep_row, &largest, &page);
    if (err != VT_OK)
        return command_end(&admin, command_fail(&admin, err, &why));
    if (admin.json)
        command_print(
            &admin,
            json_pack("{s:I, s:I, s:I, s:{s:o, s:o, s:o, s:o, s:o, s:o, s:o}, s:o, s:o}", "images",
                      (json_int_t)totals.images, "bytes", (json_int_t)totals.bytes, "unread",
                      (json_int_t)unread, "disk", "originals", usage_json(&usage.originals),
                      "thumbnails", usage_json(&usage.thumbnails), "webp_variants",
                      usage_json(&usage.webp_variants), "copies", usage_json(&usage.copies),
                      "unfinished", usage_json(&usage.stages), "other", usage_json(&usage.strays),
                      "lost+found", usage_json(&usage.set_aside), "types", types_json(&usage),
                      "largest", largest_json(&largest)));
    else
        print_stats(&totals, unread, &usage, &largest);
    return command_end(&admin, COMMAND_OK);
}
