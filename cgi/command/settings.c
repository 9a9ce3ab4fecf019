/* vitrine settings: the table of settings, for people and for tests. It neither reads a setting nor
 * needs one. */
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "base/settings.h"
#include "command/command.h"
#include "command/commands.h"

/* The words of a setting's places. */
static json_t *places_json(const struct setting *setting)
{
    json_t *places = json_array();
    const char *word = setting->places;

    while (*word != '\0') {
        size_t len = strcspn(word, " ");

        if (json_array_append_new(places, json_stringn(word, len)) != 0) {
            json_decref(places);
            return NULL;
        }
        word += len + strspn(word + len, " ");
    }
    return places;
}

static void print_json(struct command *admin, const struct setting *setting)
{
    char range[SETTINGS_RANGE_SIZE];

    command_print(admin,
                  json_pack("{s:s, s:o, s:s, s:s?, s:s?, s:s, s:s}", "name", setting->name,
                            "places", places_json(setting), "default", settings_default(setting),
                            "default_value", setting->default_value, "container_value",
                            setting->container_value, "range", settings_range(setting, range),
                            "help", setting->help));
}

static void print_text(const struct setting *setting)
{
    char range[SETTINGS_RANGE_SIZE];

    (void)settings_range(setting, range);
    (void)printf("%s\n    %s\n    default: %s", setting->name, setting->help,
                 settings_default(setting));
    if (setting->container_value != NULL)
        (void)printf("; in containers: %s", setting->container_value);
    (void)printf("\n%s%s%s", range[0] != '\0' ? "    range: " : "", range,
                 range[0] != '\0' ? "\n" : "");
}

int command_settings(int argc, char **argv)
{
    static const struct argp argp = {
        .parser = command_parse_nothing,
        .children = command_children,
        .doc = "Lists the settings, which are environment variables: what each is, its default, "
               "and the values that it may have.",
    };
    struct command admin = {.command = "settings", .noun = ""};

    if (argp_parse(&argp, argc, argv, 0, NULL, &admin) != 0)
        return EX_USAGE;
    for (size_t i = 0; i < settings_count; i++) {
        if (admin.json)
            print_json(&admin, &settings_table[i]);
        else
            print_text(&settings_table[i]);
    }
    return command_end(&admin, COMMAND_OK);
}
