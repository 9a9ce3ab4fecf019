#include "command/import_beside.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define LOOKED_AT 1000 /* names that begin like a picture's */
#define CUT_MIN 44     /* bytes of a name that may have been cut, whatever its characters are */
#define BEGIN_MAX 40   /* bytes of a picture's name by which it is looked for */
#define WHOLE 3        /* how well a file fits that has the whole name, or a multiple of it */
#define SUPPLEMENT ".supplemental-metadata"

/* ---- the list ---- */

static bool has_extension(const char *path, const char *extension)
{
    size_t len = strlen(path), end = strlen(extension);

    return len > end && strcasecmp(path + len - end, extension) == 0;
}

static bool is_beside(const char *path)
{
    return has_extension(path, ".xmp") || has_extension(path, ".json");
}

static int compare(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

enum vt_error import_beside_take(struct import_list *list, struct import_beside *beside)
{
    size_t kept = 0, count = 0;

    for (size_t i = 0; i < list->count; i++)
        count += is_beside(list->paths[i]);
    *beside = IMPORT_BESIDE_INIT;
    beside->paths = calloc(count + 1, sizeof *beside->paths);
    if (beside->paths == NULL)
        return VT_ERR_MEMORY;
    for (size_t i = 0; i < list->count; i++) {
        if (is_beside(list->paths[i]))
            beside->paths[beside->count++] = list->paths[i];
        else
            list->paths[kept++] = list->paths[i];
    }
    list->count = kept;
    qsort(beside->paths, beside->count, sizeof *beside->paths, compare);
    return VT_OK;
}

void import_beside_free(struct import_beside *beside)
{
    for (size_t i = 0; i < beside->count; i++)
        free(beside->paths[i]);
    free(beside->paths);
    *beside = IMPORT_BESIDE_INIT;
}

/* The first path that is not before the text. */
static size_t find_first(const struct import_beside *beside, const char *text)
{
    size_t from = 0, to = beside->count;

    while (from < to) {
        size_t middle = from + (to - from) / 2;

        if (strcmp(beside->paths[middle], text) < 0)
            from = middle + 1;
        else
            to = middle;
    }
    return from;
}

/* ---- names ---- */

/* A part of a name. */
struct part {
    const char *text;
    size_t len;
};

/* A name as Takeout counts: `IMG_1(2).jpg` is the second other `IMG_1.jpg`. */
struct name {
    struct part stem, extension; /* the latter with its dot */
    struct part number;          /* "(2)", or nothing */
};

static bool is_part(struct part a, struct part b)
{
    return a.len == b.len && memcmp(a.text, b.text, a.len) == 0;
}

/* Takes a number in parentheses off the end. */
static bool cut_number(struct part *text, struct part *number)
{
    size_t at = text->len;

    if (at == 0 || text->text[at - 1] != ')')
        return false;
    for (at--; at > 0 && text->text[at - 1] >= '0' && text->text[at - 1] <= '9'; at--)
        continue;
    if (at < 2 || text->text[at - 1] != '(' || at == text->len - 1)
        return false;
    *number = (struct part){text->text + at - 1, text->len - at + 1};
    text->len = at - 1;
    return true;
}

/* Takes off what Google Photos appends to the name of a picture that it has changed, in the
 * language of the person. */
static bool cut_edited(struct part *stem)
{
    static const char *const words[] = {
        "-edited",   "-bearbeitet", "-modifié",     "-editado",    "-editada",  "-modificato",
        "-bewerkt",  "-edytowane",  "-redigeret",   "-redigerad",  "-muokattu", "-upraveno",
        "-изменено", "-editat",     "-szerkesztve", "-düzenlendi", "-編集済み", "-已修改"};

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        size_t len = strlen(words[i]);

        if (stem->len > len && memcmp(stem->text + stem->len - len, words[i], len) == 0) {
            stem->len -= len;
            return true;
        }
    }
    return false;
}

static struct name split(const char *picture)
{
    const char *dot = strrchr(picture, '.');
    size_t len = strlen(picture), stem = dot != NULL ? (size_t)(dot - picture) : len;

    return (struct name){{picture, stem}, {picture + stem, len - stem}, {"", 0}};
}

/* Whether the text is the beginning of: the stem, the extension, and what Takeout appends. Gives 3
 * if it has the whole name, 2 if it may have been cut, 1 if it is the stem alone, else 0. */
static unsigned covers(struct part text, const struct name *name)
{
    const struct part parts[] = {name->stem, name->extension, {SUPPLEMENT, strlen(SUPPLEMENT)}};
    size_t at = 0;

    for (size_t i = 0; i < sizeof parts / sizeof parts[0] && at < text.len; i++) {
        size_t left = text.len - at, len = left < parts[i].len ? left : parts[i].len;

        if (memcmp(text.text + at, parts[i].text, len) != 0)
            return 0;
        at += len;
    }
    if (at < text.len) /* it is longer than all of them */
        return 0;
    if (text.len >= name->stem.len + name->extension.len)
        return WHOLE;
    if (text.len >= CUT_MIN)
        return 2;
    return text.len == name->stem.len ? 1 : 0;
}

/* The name of a JSON file without its extension has its number at the end, or none. */
static unsigned fit_json(struct part json, const struct name *name)
{
    const struct part none = {"", 0};
    struct part number = none, whole = json;
    unsigned fit = is_part(name->number, none) ? covers(whole, name) : 0;

    if (fit == 0 && cut_number(&json, &number) && is_part(number, name->number))
        fit = covers(json, name);
    return fit;
}

/* For an edited picture, what fits the original fits less. */
static unsigned fit_takeout(const char *picture, struct part json)
{
    const struct name whole = split(picture);
    struct name numbered = whole, edited;
    unsigned fit = fit_json(json, &whole);

    if (cut_number(&numbered.stem, &numbered.number)) {
        unsigned with_number = fit_json(json, &numbered);

        if (with_number > fit)
            fit = with_number;
        else if (fit == 2 && with_number == 0) /* it is rather that of the picture without it */
            fit = 1;
    }
    if (fit > 0)
        return WHOLE + fit;
    edited = numbered;
    if (!cut_edited(&edited.stem))
        return 0;
    fit = fit_json(json, &edited);
    if (fit == 0 && edited.number.len == 0 && cut_number(&edited.stem, &edited.number))
        fit = fit_json(json, &edited);
    return fit;
}

unsigned import_beside_fit(const char *picture, const char *beside)
{
    const struct name name = split(picture);
    const struct part whole = {picture, strlen(picture)};
    struct part text = {beside, strlen(beside)};

    if (has_extension(beside, ".json")) {
        text.len -= strlen(".json");
        return fit_takeout(picture, text);
    }
    if (!has_extension(beside, ".xmp"))
        return 0;
    text.len -= strlen(".xmp");
    if (is_part(text, whole))
        return 2;
    return is_part(text, name.stem) ? 1 : 0;
}

/* Whether the text begins with the part, in which `_` stands for any character. */
static bool begins_like(const char *text, struct part part)
{
    for (size_t i = 0; i < part.len; i++, text++) {
        if (*text == '\0' || (part.text[i] != '_' && part.text[i] != *text))
            return false;
        while (part.text[i] == '_' && ((unsigned char)text[1] & 0xc0) == 0x80)
            text++; /* the rest of the character */
    }
    return true;
}

bool import_beside_is_of_another(const char *picture, const char *json, const char *title)
{
    struct part stem = split(picture).stem, number;
    bool is_like = begins_like(title, stem);

    if (title[0] == '\0' || strlen(json) < CUT_MIN + strlen(".json") ||
        import_beside_fit(picture, json) % WHOLE == 0)
        return false;
    is_like |= cut_number(&stem, &number) && begins_like(title, stem);
    is_like |= cut_edited(&stem) && begins_like(title, stem);
    is_like |= cut_number(&stem, &number) && begins_like(title, stem);
    return !is_like;
}

bool import_beside_is_title(const char *picture, const char *title)
{
    struct name name = split(picture);

    (void)cut_number(&name.stem, &name.number);
    return title[0] != '\0' && strncmp(picture, title, name.stem.len) == 0;
}

/* ---- finding ---- */

static size_t folder_length(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash != NULL ? (size_t)(slash - path) + 1 : 0;
}

/* Writes the beginning that the paths of a picture's files have: a part of its own, before what may
 * be different. Returns its length. */
static size_t write_beginning(const char *picture, char out[PATH_MAX])
{
    size_t folder = folder_length(picture);
    struct name name = split(picture + folder);

    (void)cut_number(&name.stem, &name.number);
    if (cut_edited(&name.stem))
        (void)cut_number(&name.stem, &name.number);
    if (name.stem.len > BEGIN_MAX)
        name.stem.len = BEGIN_MAX;
    if (folder + name.stem.len >= PATH_MAX)
        return 0;
    memcpy(out, picture, folder + name.stem.len);
    out[folder + name.stem.len] = '\0';
    return folder + name.stem.len;
}

void import_beside_find(const struct import_beside *beside, const char *picture,
                        struct import_beside_files *files)
{
    char beginning[PATH_MAX] = "";
    size_t folder = folder_length(picture), len = write_beginning(picture, beginning);
    size_t at = find_first(beside, beginning);
    unsigned best_xmp = 0, best_json = 0;

    *files = (struct import_beside_files){NULL, NULL};
    for (size_t end = at + LOOKED_AT; len > 0 && at < beside->count && at < end; at++) {
        const char *path = beside->paths[at];
        bool is_xmp = has_extension(path, ".xmp");
        unsigned fit, *best = is_xmp ? &best_xmp : &best_json;

        if (strncmp(path, beginning, len) != 0)
            break;
        fit =
            folder_length(path) == folder ? import_beside_fit(picture + folder, path + folder) : 0;
        if (fit <= *best)
            continue;
        *best = fit;
        *(is_xmp ? &files->xmp : &files->json) = path;
    }
}

/* A name without a dot before its extension: files of pictures have one. */
static bool may_be_album(const char *name)
{
    return has_extension(name, ".json") && strchr(name, '.') == strrchr(name, '.');
}

size_t import_beside_albums(const struct import_beside *beside, const char *picture,
                            const char **paths, size_t most)
{
    size_t folder = folder_length(picture), count = 0, at, end;
    char text[PATH_MAX];

    if (most == 0 ||
        snprintf(text, sizeof text, "%.*smetadata.json", (int)folder, picture) >= (int)sizeof text)
        return 0;
    at = find_first(beside, text);
    if (at < beside->count && strcmp(beside->paths[at], text) == 0) {
        paths[0] = beside->paths[at];
        return 1;
    }
    text[folder] = '\0';
    at = find_first(beside, text);
    for (end = at + LOOKED_AT; at < beside->count && at < end && count < most; at++) {
        const char *path = beside->paths[at];

        if (strncmp(path, text, folder) != 0)
            break;
        if (folder_length(path) == folder && may_be_album(path + folder))
            paths[count++] = path;
    }
    return count;
}
