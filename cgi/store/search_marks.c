/* The marks by which filters find images: words of the search index that no search of people sees.
 * They begin alike, which keeps the index of the beginnings of words small.
 *
 *   zzy + extension       the type
 *   zzt + hexadecimal     a tag
 *   zzc + hexadecimal     the camera
 *   zzf20, zze2024, zzm202405, zzd20240512    the century, year, month and day
 *   zzp                   any place
 *   zzg + level + cell    the place, in a grid of each size */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/hex.h"
#include "base/photo.h"
#include "store/search_text.h"

#define EARTH_KM 6371.0088 /* the mean radius */
#define DEGREES (180 / M_PI)

/* ---- the grid ---- */

#define LEVELS 4
#define ROWS 64u /* of the coarsest level, of 2.8 degrees each; it has twice as many columns */
#define FINER 8u /* so many times as many rows has the next level; the finest cells have 610 m */
#define CELLS_ENOUGH                                                                               \
    16u                /* a circle is covered by at most so many cells, if a level allows that     \
                        */
#define CELLS_MOST 64u /* if it takes more, any place is looked at */

static uint32_t rows_of(unsigned level)
{
    uint32_t rows = ROWS;

    while (level-- > 0)
        rows *= FINER;
    return rows;
}

static uint32_t row_of(double latitude, unsigned level)
{
    double rows = rows_of(level), row = floor((latitude + 90) / 180 * rows);

    return (uint32_t)fmin(fmax(row, 0), rows - 1);
}

/* Not yet taken around the Earth, so it may be negative. */
static int64_t column_of(double longitude, unsigned level)
{
    return (int64_t)floor((longitude + 180) / 180 * rows_of(level));
}

static void write_cell(unsigned level, uint32_t row, int64_t column, char out[24])
{
    uint32_t columns = 2 * rows_of(level);
    int64_t around = ((column % columns) + columns) % columns;

    (void)snprintf(out, 24, "zzg%u%llx", level,
                   (unsigned long long)row * columns + (uint64_t)around);
}

/* The part of the grid that a circle lies in. */
struct area {
    uint32_t first_row, rows;
    int64_t first_column;
    uint32_t columns;
};

static struct area area_of(const struct listing_filter *near, unsigned level)
{
    double angle = near->km / EARTH_KM, height = angle * DEGREES + 1e-9;
    double south = near->latitude - height, north = near->latitude + height;
    double ratio = sin(fmin(angle, M_PI / 2)) / cos(near->latitude / DEGREES);
    bool has_pole = south <= -90 || north >= 90 || !(ratio < 1);
    double width = has_pole ? 180 : asin(ratio) * DEGREES + 1e-9;
    uint32_t all = 2 * rows_of(level);
    struct area area = {.first_row = row_of(fmax(south, -90), level)};
    int64_t columns;

    area.rows = row_of(fmin(north, 90), level) - area.first_row + 1;
    area.first_column = column_of(near->longitude - width, level);
    columns = column_of(near->longitude + width, level) - area.first_column + 1;
    area.columns = columns > all ? all : (uint32_t)columns;
    return area;
}

static void put_cells(struct buf *out, const struct area *area, unsigned level)
{
    char cell[24];

    for (uint32_t row = 0; row < area->rows; row++)
        for (uint32_t column = 0; column < area->columns; column++) {
            write_cell(level, area->first_row + row, area->first_column + column, cell);
            buf_printf(out, "%s%s", row + column > 0 ? " OR " : "", cell);
        }
}

static void match_near(struct buf *out, const struct listing_filter *filter)
{
    unsigned level = LEVELS;
    struct area area;

    do
        area = area_of(filter, --level);
    while (level > 0 && (uint64_t)area.rows * area.columns > CELLS_ENOUGH);
    if (area.rows * area.columns > CELLS_MOST)
        buf_puts(out, "zzp");
    else
        put_cells(out, &area, level);
}

bool search_text_is_near(double latitude, double longitude, double other_latitude,
                         double other_longitude, double km)
{
    double north = sin((other_latitude - latitude) / DEGREES / 2);
    double east = sin((other_longitude - longitude) / DEGREES / 2);
    double half =
        north * north + cos(latitude / DEGREES) * cos(other_latitude / DEGREES) * east * east;

    return 2 * EARTH_KM * asin(sqrt(fmin(half, 1))) <= km;
}

/* ---- days ---- */

/* The first and the last time of the calendar that marks can say: of the years 0 and 9999. */
#define FIRST_TIME INT64_C(-62167219200000)
#define LAST_TIME INT64_C(253402300799999)

static unsigned day_of(int64_t time)
{
    struct photo_time clamped = {.local = time, .offset = PHOTO_TIME_NO_OFFSET};
    struct photo_time_parts parts;

    if (time < FIRST_TIME)
        clamped.local = FIRST_TIME;
    if (time > LAST_TIME)
        clamped.local = LAST_TIME;
    photo_time_to_parts(clamped, &parts);
    return parts.year * 10000 + parts.month * 100 + parts.day;
}

/* The spans of time that have marks: the digits of yyyymmdd by which each is written. */
static const struct {
    const char *kind;
    int digits;
    unsigned days, first, count; /* its part of yyyymmdd: one span, the first of them, how many */
} spans[] = {
    {"zzf", 2, 1000000, 0, 100}, /* a century */
    {"zze", 4, 10000, 0, 100},   /* a year */
    {"zzm", 6, 100, 1, 12},
    {"zzd", 8, 1, 1, 31},
};

#define SPANS (sizeof spans / sizeof spans[0])

/* Covers the filter's days within those that begin with `before` by the fewest marks. */
static void put_spans(struct buf *out, const struct listing_filter *filter, unsigned before,
                      size_t level)
{
    for (unsigned i = 0; i < spans[level].count; i++) {
        unsigned first = before + (spans[level].first + i) * spans[level].days;
        unsigned last = first + spans[level].days - 1;

        if (last < filter->first_day || first > filter->last_day)
            continue;
        if (first >= filter->first_day && last <= filter->last_day)
            buf_printf(out, "%s%s%0*u", out->data[out->len - 1] == '(' ? "" : " OR ",
                       spans[level].kind, spans[level].digits, first / spans[level].days);
        else if (level + 1 < SPANS)
            put_spans(out, filter, first, level + 1);
    }
}

static void put_day(struct buf *out, unsigned day)
{
    for (size_t i = 0; i < SPANS; i++)
        buf_printf(out, " %s%0*u", spans[i].kind, spans[i].digits, day / spans[i].days);
}

/* ---- marks ---- */

static void put_hex(struct buf *out, const char *kind, const char *text, size_t len)
{
    char hex[2 * PHOTO_MODEL_SIZE + 1];

    if (len >= PHOTO_MODEL_SIZE)
        len = PHOTO_MODEL_SIZE - 1;
    hex_write(text, len, hex);
    buf_printf(out, "%s%s", kind, hex);
}

static void put_tags(struct buf *out, const char *tags)
{
    while (*tags != '\0') {
        size_t len = strcspn(tags, "\n");

        put_hex(out, " zzt", tags, len);
        tags += len;
        tags += *tags == '\n';
    }
}

void search_text_marks(struct buf *out, const struct search_text_facts *facts)
{
    char cell[24];

    buf_printf(out, "zzy%s", facts->type);
    put_day(out, day_of(facts->time));
    put_tags(out, facts->tags);
    if (facts->camera[0] != '\0')
        put_hex(out, " zzc", facts->camera, strlen(facts->camera));
    if (!facts->has_place || !isfinite(facts->latitude) || !isfinite(facts->longitude))
        return;
    buf_puts(out, " zzp");
    for (unsigned level = 0; level < LEVELS; level++) {
        write_cell(level, row_of(facts->latitude, level), column_of(facts->longitude, level), cell);
        buf_printf(out, " %s", cell);
    }
}

/* Begins the query of one mark or of several. */
static void begin(struct buf *out)
{
    buf_puts(out, out->len > 0 ? " AND marks : (" : "marks : (");
}

void search_text_match_filter(struct buf *out, const struct listing_filter *filter)
{
    if (filter->type[0] != '\0') {
        begin(out);
        buf_printf(out, "zzy%s)", filter->type);
    }
    if (filter->camera[0] != '\0') {
        begin(out);
        put_hex(out, "zzc", filter->camera, strlen(filter->camera));
        buf_puts(out, ")");
    }
    if (filter->tag[0] != '\0') {
        begin(out);
        put_hex(out, "zzt", filter->tag, strlen(filter->tag));
        buf_puts(out, ")");
    }
    if (filter->has_place) {
        begin(out);
        buf_puts(out, "zzp)");
    }
    if (filter->near[0] != '\0') {
        begin(out);
        match_near(out, filter);
        buf_puts(out, ")");
    }
    if (filter->taken[0] != '\0') {
        begin(out);
        if (buf_ok(out))
            put_spans(out, filter, 0, 0);
        buf_puts(out, ")");
    }
}
