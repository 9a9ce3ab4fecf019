/* Every setting, once: name, where it counts, default, range and a line of help. The table is in
 * settings.c. config.c parses the workers' settings by it; `vitrine settings` prints it;
 * provision/install, the Vagrantfile and tests take names from it. tests/settings.sh compares it
 * with the scripts, .env.example, docker-compose.yml, the manual pages and docs/. */
#ifndef VITRINE_BASE_SETTINGS_H
#define VITRINE_BASE_SETTINGS_H

#include <stddef.h>

enum setting_kind {
    SETTING_TEXT,   /* checked where it is used: none of these is a program's in C */
    SETTING_PATH,   /* a folder; required if it has no default */
    SETTING_TOKEN,  /* characters of a bearer token; the range is that of its length */
    SETTING_NUMBER, /* a whole number */
    SETTING_SIZE,   /* bytes, or with k, m or g for powers of 1024 */
    SETTING_CHOICE  /* one of a few words; in struct config, its index */
};

#define SETTING_CHOICES_MAX 3

struct setting {
    const char *name;
    /* Words that say where it counts:
     *
     *   host     in /etc/default/vitrine, which provision/install writes; Vagrant passes it on
     *   guest    the same, but the Vagrantfile decides the value
     *   worker   in .env; docker-compose.yml passes it to the workers' container
     *   web      in .env; docker-compose.yml passes it to nginx's container
     *   compose  in .env, used by docker-compose.yml itself
     *   serve    for vitrine-serve and ./run serve, beside all settings that the programs read
     *   program  for people who package Vitrine or start a program in another way
     *   vagrant  in the environment of vagrant, used by the Vagrantfile itself */
    const char *places;
    const char *help;            /* a line: what it is */
    const char *default_value;   /* as it would be set; NULL: there is none, or it is computed */
    const char *default_help;    /* what people are told of the default; NULL: the value */
    const char *container_value; /* the default in containers; NULL: the same */
    const char *least, *most;    /* the range, or NULL; written as a value is */
    const char *choices[SETTING_CHOICES_MAX + 1]; /* until the first NULL */
    size_t offset, size; /* the member of struct config; size 0: no program in C reads it */
    enum setting_kind kind;
};

extern const struct setting settings_table[];
extern const size_t settings_count;

#define SETTINGS_RANGE_SIZE 64

/* Writes the values that a setting may have for people: "1 to 100", "on, require or off", "16 to
 * 255 characters"; an empty text if there is no range. Returns out. */
const char *settings_range(const struct setting *setting, char out[SETTINGS_RANGE_SIZE]);

/* What people are told of the default: never NULL, "none" if there is none. */
const char *settings_default(const struct setting *setting);

#endif
