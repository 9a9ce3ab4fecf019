#include "image/redact/places.h"

#include <stdlib.h>
#include <string.h>

static void note(struct image_redact_places *places, const struct image_redact_place *place)
{
    if (places->err != VT_OK || place->length == 0)
        return;
    if (place->at > places->file_size || place->length > places->file_size - place->at ||
        places->places.len >= IMAGE_REDACT_PLACES_MAX * sizeof *place) {
        places->err = VT_ERR_UNSUPPORTED;
        return;
    }
    buf_append(&places->places, place, sizeof *place);
    if (!buf_ok(&places->places))
        places->err = VT_ERR_MEMORY;
}

void image_redact_places_keep(struct image_redact_places *places, size_t at, size_t length)
{
    note(places, &(struct image_redact_place){at, length, 0});
}

void image_redact_places_replace(struct image_redact_places *places, size_t at, const void *data,
                                 size_t length)
{
    const struct image_redact_place place = {at, length, places->bytes.len + 1};

    buf_append(&places->bytes, data, length);
    if (!buf_ok(&places->bytes) || places->bytes.len > IMAGE_REDACT_INSERTED_MAX)
        places->err = buf_ok(&places->bytes) ? VT_ERR_UNSUPPORTED : VT_ERR_MEMORY;
    note(places, &place);
}

void image_redact_places_keep_to(struct image_redact_places *places, size_t at)
{
    if (at < places->done)
        places->err = places->err == VT_OK ? VT_ERR_UNSUPPORTED : places->err;
    else
        image_redact_places_keep(places, places->done, at - places->done);
    places->done = at;
}

void image_redact_places_put(struct image_redact_places *places, size_t at, const void *data,
                             size_t length)
{
    image_redact_places_keep_to(places, at);
    image_redact_places_replace(places, at, data, length);
    places->done = at + length;
}

void image_redact_places_skip(struct image_redact_places *places, size_t at, size_t length)
{
    image_redact_places_keep_to(places, at);
    places->done = at + length;
}

static int compare(const void *a, const void *b)
{
    const struct image_redact_place *first = a, *second = b;

    return (first->at > second->at) - (first->at < second->at);
}

enum vt_error image_redact_places_finish(struct image_redact_places *places,
                                         struct image_redact_plan *plan)
{
    size_t count = places->places.len / sizeof(struct image_redact_place), done = 0;
    bool is_replaced = false; /* what ends at `done` */

    if (places->err != VT_OK)
        return places->err;
    if (count > 0)
        qsort(places->places.data, count, sizeof(struct image_redact_place), compare);
    for (size_t i = 0; i < count; i++) {
        struct image_redact_place place;

        memcpy(&place, places->places.data + i * sizeof place, sizeof place);
        if (place.at < done && (is_replaced || place.replaced != 0))
            return VT_ERR_UNSUPPORTED;
        if (place.at > done) {
            image_redact_plan_zeros(plan, place.at - done);
            done = place.at;
        }
        if (place.at + place.length <= done)
            continue; /* it is kept already */
        is_replaced = place.replaced != 0;
        if (is_replaced)
            image_redact_plan_insert(plan, places->bytes.data + place.replaced - 1, place.length);
        else
            image_redact_plan_copy(plan, done, place.at + place.length - done);
        done = place.at + place.length;
    }
    image_redact_plan_zeros(plan, places->file_size - done);
    return VT_OK;
}

void image_redact_places_free(struct image_redact_places *places)
{
    buf_free(&places->places);
    buf_free(&places->bytes);
}
