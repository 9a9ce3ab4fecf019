#include "web/change_json.h"

#include <string.h>
#include <time.h>

static enum vt_error read_tags(json_t *value, struct change *change, const char **tags,
                               struct vt_reason *why)
{
    json_t *tag;
    size_t i;

    change->tags = tags;
    json_array_foreach(value, i, tag)
    {
        if (!json_is_string(tag))
            return vt_fail(why, VT_ERR_MALFORMED, "a tag is not a string");
        if (i < CHANGE_JSON_TAGS)
            tags[change->tag_count++] = json_string_value(tag);
    }
    return VT_OK;
}

static enum vt_error read_taken(json_t *value, struct change *change, struct vt_reason *why)
{
    struct timespec now;

    change->sets_taken = true;
    if (json_is_null(value))
        return VT_OK;
    if (!json_is_string(value) ||
        !photo_time_read(json_string_value(value), json_string_length(value), &change->taken))
        return vt_fail(why, VT_ERR_MALFORMED,
                       "taken is a date, as 2024-05-12, or a time, as 2024-05-12T10:11:12+02:00, "
                       "of which the offset may be absent, or null");
    if (clock_gettime(CLOCK_REALTIME, &now) == 0 &&
        photo_time_is_after(change->taken, (int64_t)now.tv_sec * 1000))
        return vt_fail(why, VT_ERR_MALFORMED, "taken is in the future");
    return VT_OK;
}

static enum vt_error read_place(json_t *value, struct change *change, struct vt_reason *why)
{
    struct change_place *place = &change->place;
    const char *key;
    json_t *number;
    bool has_latitude = false, has_longitude = false, is_right = json_is_object(value);

    change->sets_place = true;
    if (json_is_null(value))
        return VT_OK;
    json_object_foreach(value, key, number)
    {
        is_right &= json_is_number(number);
        if (strcmp(key, "latitude") == 0) {
            place->latitude = json_number_value(number);
            has_latitude = true;
        } else if (strcmp(key, "longitude") == 0) {
            place->longitude = json_number_value(number);
            has_longitude = true;
        } else if (strcmp(key, "altitude") == 0) {
            place->altitude = json_number_value(number);
            place->has_altitude = true;
        } else {
            is_right = false;
        }
    }
    if (!is_right || !has_latitude || !has_longitude)
        return vt_fail(why, VT_ERR_MALFORMED,
                       "a place has latitude and longitude, in degrees, and may have altitude, in "
                       "metres, all numbers, and nothing else; or it is null");
    place->is_known = true;
    return VT_OK;
}

static enum vt_error read_member(const char *key, json_t *value, struct change *change,
                                 const char **tags, struct vt_reason *why)
{
    if (strcmp(key, "name") == 0 && json_is_string(value)) {
        change->name = json_string_value(value);
        return VT_OK;
    }
    if (strcmp(key, "tags") == 0 && json_is_array(value))
        return read_tags(value, change, tags, why);
    if (strcmp(key, "taken") == 0)
        return read_taken(value, change, why);
    if (strcmp(key, "place") == 0)
        return read_place(value, change, why);
    if (strcmp(key, "description") == 0 && (json_is_string(value) || json_is_null(value))) {
        change->description = json_is_null(value) ? "" : json_string_value(value);
        return VT_OK;
    }
    return vt_fail(why, VT_ERR_MALFORMED,
                   "a change has name, a string, tags, an array, taken, a time, description, a "
                   "string, and place, an object, and nothing else");
}

enum vt_error change_json_read(json_t *json, struct change *change,
                               const char *tags[CHANGE_JSON_TAGS], struct vt_reason *why)
{
    enum vt_error err = VT_OK;
    const char *key;
    json_t *value;

    *change = (struct change){.taken = PHOTO_TIME_NONE};
    if (!json_is_object(json))
        return vt_fail(why, VT_ERR_MALFORMED, "the body is not a JSON object");
    if (json_object_size(json) == 0)
        return vt_fail(why, VT_ERR_MALFORMED,
                       "the change has neither name, tags, taken, description nor place");
    json_object_foreach(json, key, value)
    {
        err = read_member(key, value, change, tags, why);
        if (err != VT_OK)
            return err;
    }
    return VT_OK;
}
