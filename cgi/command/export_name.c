#include "command/export_name.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define MAX_EXTENSION 16 /* bytes, with the dot: a longer one does not count */

/* The catalogue's names are clean except for separators; but a catalogue may come from anywhere. */
static void write_own(const char *name, char out[EXPORT_NAME_SIZE])
{
    text_clean(name, strlen(name), out, EXPORT_NAME_SIZE);
    for (char *at = out; *at != '\0'; at++)
        if (*at == '/' || *at == '\\')
            *at = '_';
    if (out[0] == '.')
        out[0] = '_';
    if (out[0] == '\0')
        (void)snprintf(out, EXPORT_NAME_SIZE, "untitled");
}

/* Finds where the extension begins, with its dot; the end of the name if it has none. */
static const char *find_extension(const char *name)
{
    const char *dot = strrchr(name, '.'), *end = name + strlen(name);

    if (dot == NULL || dot == name || dot + 1 == end || end - dot > MAX_EXTENSION)
        return end;
    for (const char *at = dot + 1; at < end; at++)
        if (!isalnum((unsigned char)*at))
            return end;
    return dot;
}

/* Appends the extension of the verified type if the name has another one, so that the file is not
 * opened as what its uploader called it, a program or a page. */
static void add_extension(enum image_type type, char name[EXPORT_NAME_SIZE])
{
    const char *dot = find_extension(name);
    char whole[EXPORT_NAME_SIZE], tail[MAX_EXTENSION + 2];

    if (*dot != '\0' && image_type_has_extension(type, dot + 1))
        return;
    memcpy(whole, name, EXPORT_NAME_SIZE);
    (void)snprintf(tail, sizeof tail, ".%s", image_type_extension(type));
    /* Between two characters. */
    text_clean(whole, strlen(whole), name, EXPORT_NAME_SIZE - strlen(tail));
    memcpy(name + strlen(name), tail, strlen(tail) + 1);
}

void export_name(const struct record *record, enum export_name which, char out[EXPORT_NAME_SIZE])
{
    char own[EXPORT_NAME_SIZE], tail[ID_LENGTH + MAX_EXTENSION + 2];
    const char *extension = image_type_extension(record->type), *dot;

    write_own(record->name, own);
    add_extension(record->type, own);
    switch (which) {
    case EXPORT_NAME_OWN:
        memcpy(out, own, EXPORT_NAME_SIZE);
        return;
    case EXPORT_NAME_WITH_ID:
        dot = find_extension(own);
        (void)snprintf(tail, sizeof tail, "-%s%s", record->id, dot);
        /* Between two characters. */
        text_clean(own, (size_t)(dot - own), out, EXPORT_NAME_SIZE - strlen(tail));
        memcpy(out + strlen(out), tail, strlen(tail) + 1);
        return;
    default:
        (void)snprintf(out, EXPORT_NAME_SIZE, "%s.%s", record->id, extension);
    }
}
