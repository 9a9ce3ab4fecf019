/* HEIC and AVIF: which pictures are accepted, and why others are refused. */
#include <string.h>

#include "../support/heif.h"

#define BYTES(literal) literal, sizeof(literal) - 1
#define GRID(rows, columns, width, height) forged_grid(rows, columns, width, height), 8
#define AV1 BYTES(FORGED_DATA_AV1)
#define COUNT(table) ((int)(sizeof(table) / sizeof(table)[0]))

/* Properties 1 to 6 of every file: the sizes of tile and canvas, two depths of tile, a smaller one,
 * and what says transparency. */
enum { TILE = 1, CANVAS, CODEC, DEEP, SMALL, ALPHA };
#define TILES "\1\3"
static void properties(struct buf *out)
{
    forged_ispe(out, 64, 64);
    forged_ispe(out, 100, 128);
    forged_av1(out, 64, 64, 8);
    forged_av1(out, 64, 64, 10);
    forged_av1(out, 32, 64, 8);
    forged_alpha(out);
}

static struct forged_heif four_tiles(const char *grid)
{
    return (struct forged_heif){"avif",
                                3,
                                {{"av01", AV1, TILES},
                                 {"av01", AV1, TILES},
                                 {"grid", grid, 8, "\2"},
                                 {"av01", AV1, TILES "\6"},
                                 {"av01", AV1, "\1\4"},
                                 {"av01", AV1, "\1\5"}},
                                .method = 1};
}

static enum vt_error read(struct forged_heif *heif, struct image_header *header,
                          struct vt_reason *why)
{
    struct buf file = BUF_INIT;
    enum vt_error err;

    if (heif->properties.len == 0)
        properties(&heif->properties);
    forged_heif(heif, &file);
    why->text[0] = '\0';
    err = image_header_read(file.data, file.len, header, why);
    for (size_t len = 0; len < file.len; len++) { /* no beginning is read past its end */
        struct image_header other;
        struct buf part = BUF_INIT;

        buf_append(&part, file.data, len);
        if (len > 0)
            ck_assert_int_ne(forged_read(&part, &other), VT_OK);
        buf_free(&part);
    }
    buf_free(&file);
    return err;
}

static void refuses(struct forged_heif *heif, const char *reason)
{
    struct image_header header;
    struct vt_reason why;

    ck_assert_int_eq(read(heif, &header, &why), VT_ERR_INVALID_IMAGE);
    ck_assert_msg(strstr(why.text, reason) != NULL, "%s", why.text);
}

static void takes(struct forged_heif *heif, uint32_t width, uint32_t height, bool alpha)
{
    struct image_header header;
    struct vt_reason why;
    enum vt_error err = read(heif, &header, &why);

    ck_assert_msg(err == VT_OK, "%s", why.text);
    ck_assert_uint_eq(header.width, width);
    ck_assert_uint_eq(header.height, height);
    ck_assert_int_eq(header.alpha, alpha);
}

START_TEST(a_grid_that_its_tiles_cover_is_taken)
{
    struct forged_heif heif = four_tiles(forged_grid(2, 2, 100, 128));

    forged_reference(&heif.references, "dimg", 3, "\1\2\1\2");
    takes(&heif, 100, 128, false);
}
END_TEST

static const struct {
    unsigned rows, columns, width, height;
    const char *tiles, *reason;
} grids[] = {
    {1, 2, 100, 128, "\1\2", "do not fit"},
    {2, 3, 100, 128, "\1\2\1\2\1\2", "do not fit"},
    {2, 2, 100, 128, "\1\2\1", "another number of tiles"},
    {2, 2, 100, 128, "\1\2\1\2\1", "another number of tiles"},
    {2, 2, 100, 127, "\1\2\1\2", "two sizes"},
    {2, 2, 0, 128, "\1\2\1\2", "no width"},
    {2, 2, 100, 128, "\1\2\1\3", "refers to itself"},
    {2, 2, 100, 128, "\1\2\1\x09", "not there"},
    {2, 2, 100, 128, "\1\2\1\5", "not of one size and depth"},
    {2, 2, 100, 128, "\1\2\1\6", "another size than its data"},
    {100, 100, 100, 128, "\1", "too many tiles"},
};

START_TEST(a_grid_that_contradicts_itself_is_refused)
{
    struct forged_heif heif = four_tiles(
        forged_grid(grids[_i].rows, grids[_i].columns, grids[_i].width, grids[_i].height));

    forged_reference(&heif.references, "dimg", 3, grids[_i].tiles);
    refuses(&heif, grids[_i].reason);
}
END_TEST

START_TEST(a_picture_made_of_others_in_another_way_is_refused)
{
    static const char *const types[] = {"iovl", "iden", "tmap", "Exif"};

    for (int i = 0; i < COUNT(types); i++) {
        struct forged_heif heif = four_tiles(forged_grid(2, 2, 100, 128));

        heif.items[2].type = types[i];
        forged_reference(&heif.references, "dimg", 3, "\1\2\1\2");
        refuses(&heif, "in a way other than a grid");
    }
}
END_TEST

/* One picture of 64 by 64 with that data. */
static struct forged_heif one(const char *brand, const char *type, const char *data, size_t len)
{
    struct forged_heif heif = {brand, 1, {{type, data, len, "\1\2"}}, .method = 1};

    forged_ispe(&heif.properties, 64, 64);
    if (strcmp(brand, "avif") == 0)
        forged_av1(&heif.properties, 64, 64, 8);
    else
        forged_hevc(&heif.properties, 64, 64, 8);
    return heif;
}

static struct forged_heif one_avif(void)
{
    return one("avif", "av01", AV1);
}

/* Takes what is as much as may be, and refuses what is one more. */
static void bounds(struct forged_heif *most, struct forged_heif *more, const char *reason)
{
    struct buf file = BUF_INIT;
    struct image_header header;
    struct vt_reason why = {""};

    forged_heif(most, &file);
    ck_assert_msg(image_header_read(file.data, file.len, &header, &why) == VT_OK, "%s", why.text);
    buf_free(&file);
    forged_heif(more, &file);
    ck_assert_int_eq(image_header_read(file.data, file.len, &header, &why), VT_ERR_INVALID_IMAGE);
    ck_assert_msg(strstr(why.text, reason) != NULL, "%s", why.text);
    buf_free(&file);
}

START_TEST(there_are_at_most_2048_items_in_4096_pieces)
{
    struct forged_heif most = one_avif(), more = one_avif();

    most.spares = 2047;
    more.spares = 2048;
    bounds(&most, &more, "it has too many items");
    most = one_avif();
    more = one_avif();
    most.pieces = 4095;
    more.pieces = 4096;
    bounds(&most, &more, "its data lies in too many pieces");
}
END_TEST

START_TEST(there_are_at_most_1024_properties)
{
    struct forged_heif most = one_avif(), more = one_avif();

    for (int i = 2; i < 1024; i++)
        forged_box(&most.properties, "pixi", "", 0);
    for (int i = 2; i < 1025; i++)
        forged_box(&more.properties, "pixi", "", 0);
    bounds(&most, &more, "it has too many properties");
}
END_TEST

START_TEST(a_codec_s_configuration_has_at_most_64_kilobytes)
{
    static const char long_one[65537];
    struct forged_heif most = one_avif(), more = one_avif();

    forged_box(&most.properties, "av1C", long_one, 65536);
    forged_box(&more.properties, "av1C", long_one, 65537);
    bounds(&most, &more, "the configuration of its codec is too long");
}
END_TEST

START_TEST(there_are_at_most_8192_references)
{
    struct forged_heif most = one_avif(), more = one_avif();

    for (int i = 0; i < 8192; i++)
        forged_reference(&most.references, "cdsc", 1000, "\1");
    for (int i = 0; i < 8193; i++)
        forged_reference(&more.references, "cdsc", 1000, "\1");
    bounds(&most, &more, "it has too many references");
}
END_TEST

START_TEST(there_are_at_most_4096_units_of_a_codec)
{
    struct buf av1 = BUF_INIT, hevc = BUF_INIT;
    struct forged_heif most, more;

    for (int i = 0; i < 4097; i++) {
        PUT(&av1, FORGED_DATA_AV1);
        PUT(&hevc, FORGED_DATA_HEVC);
    }
    most = one("avif", "av01", av1.data, 4096 * (sizeof FORGED_DATA_AV1 - 1));
    more = one("avif", "av01", av1.data, av1.len);
    bounds(&most, &more, "its data comes in too many units");
    most = one("heic", "hvc1", hevc.data, 4096 * (sizeof FORGED_DATA_HEVC - 1));
    more = one("heic", "hvc1", hevc.data, hevc.len);
    bounds(&most, &more, "its data comes in too many units");
    buf_free(&av1);
    buf_free(&hevc);
}
END_TEST

START_TEST(a_grid_of_grids_is_refused)
{
    struct forged_heif heif = four_tiles(forged_grid(1, 1, 64, 64));

    heif.items[0] = heif.items[2];
    heif.items[0].properties = heif.items[2].properties = "\1";
    forged_reference(&heif.references, "dimg", 3, "\1");
    forged_reference(&heif.references, "dimg", 1, "\3");
    refuses(&heif, "made of other pictures");
}
END_TEST

START_TEST(items_that_nothing_leads_to_may_be_of_any_kind)
{
    struct forged_heif heif = four_tiles(forged_grid(2, 2, 100, 128));

    heif.items[3] = (struct forged_item){"iovl", BYTES("?"), ""};
    heif.items[4] = (struct forged_item){"tmap", BYTES("?"), ""};
    forged_reference(&heif.references, "dimg", 3, "\1\2\1\2");
    forged_reference(&heif.references, "dimg", 5, "\3\4");
    takes(&heif, 100, 128, false);
}
END_TEST

START_TEST(data_outside_of_the_file_is_refused_whatever_item_it_is_of)
{
    struct forged_heif heif = four_tiles(forged_grid(2, 2, 100, 128));

    heif.past = 1;
    forged_reference(&heif.references, "dimg", 3, "\1\2\1\2");
    refuses(&heif, "cut off");
    heif = four_tiles(forged_grid(2, 2, 100, 128));
    heif.method = 2;
    refuses(&heif, "made from another item's");
}
END_TEST

/* ---- transparency ---- */

static const struct {
    unsigned item;
    const char *properties, *reason; /* NULL: taken */
} alphas[] = {
    {1, "\1\3\6", NULL},
    {1, "\1\4\6", "another size or depth"},
    {1, "\1\5\6", "another size than its data"},
    {1, "\3\6", NULL}, /* of no named size: libheif leaves it alone */
};

START_TEST(transparency_is_like_its_colours)
{
    struct forged_heif heif = four_tiles(forged_grid(2, 2, 100, 128));

    heif.primary = alphas[_i].item;
    heif.items[3].properties = alphas[_i].properties;
    forged_reference(&heif.references, "auxl", 4, "\1");
    if (alphas[_i].reason == NULL)
        takes(&heif, 64, 64, true);
    else
        refuses(&heif, alphas[_i].reason);
}
END_TEST

START_TEST(transparency_of_transparency_or_of_a_tile_is_refused)
{
    struct forged_heif heif = four_tiles(forged_grid(2, 2, 100, 128));

    heif.primary = 1;
    heif.items[0].properties = heif.items[3].properties;
    forged_reference(&heif.references, "auxl", 4, "\1");
    forged_reference(&heif.references, "auxl", 1, "\4");
    refuses(&heif, "more than one transparency");
    heif = four_tiles(forged_grid(2, 2, 100, 128));
    forged_reference(&heif.references, "dimg", 3, "\1\2\1\2");
    forged_reference(&heif.references, "auxl", 4, "\2");
    refuses(&heif, "transparency of its own");
}
END_TEST

/* ---- codecs ---- */

/* A sequence header of 64 by 64 whose frames say their size in 8 bits a side, and a frame. */
static void put_frame(struct buf *out, unsigned width, unsigned height)
{
    struct forged_bits sequence = {0}, frame = {0};

    forged_put_bits(&sequence, 5, 0);  /* profile, still, reduced */
    forged_put_bits(&sequence, 2, 0);  /* no timing, no delay */
    forged_put_bits(&sequence, 22, 0); /* one operating point */
    forged_put_bits(&sequence, 8, 0x77);
    forged_put_bits(&sequence, 16, 0x3f3f);
    forged_put_bits(&sequence, 9, 0);
    forged_put_bits(&sequence, 2, 0); /* screen content tools: never */
    forged_put_bits(&sequence, 8, 0);
    PUT(out, "\x0a\x0a");
    buf_append(out, sequence.bytes, 10);
    forged_put_bits(&frame, 4, 1); /* a key frame that is shown */
    forged_put_bits(&frame, 2, 1); /* with a size of its own */
    forged_put_bits(&frame, 8, width - 1);
    forged_put_bits(&frame, 8, height - 1);
    PUT(out, "\x32\x04");
    buf_append(out, frame.bytes, 4);
}

START_TEST(a_frame_larger_than_its_sequence_is_refused)
{
    static const struct {
        unsigned width, height;
        bool taken;
    } frames[] = {{64, 64, true}, {32, 64, true}, {65, 64, false}, {64, 256, false}};

    for (int i = 0; i < COUNT(frames); i++) {
        struct forged_heif heif = {"avif", 1, {{"av01", NULL, 0, "\1\2"}}, .method = 1};
        struct buf data = BUF_INIT;

        put_frame(&data, frames[i].width, frames[i].height);
        heif.items[0].data = data.data;
        heif.items[0].len = data.len;
        forged_ispe(&heif.properties, 64, 64);
        forged_box(&heif.properties, "av1C", "\x81\0\0\0", 4);
        if (frames[i].taken)
            takes(&heif, 64, 64, false);
        else
            refuses(&heif, "a frame larger than it says");
        buf_free(&data);
    }
}
END_TEST

START_TEST(a_size_other_than_the_codec_s_is_refused)
{
    static const uint32_t sizes[][2] = {{64, 62}, {66, 64}, {16384, 16384}};

    for (int i = 0; i < COUNT(sizes); i++) {
        struct forged_heif avif = {"avif", 1, {{"av01", AV1, "\1\2"}}, .method = 1};
        struct forged_heif heic = {
            "heic", 1, {{"hvc1", BYTES(FORGED_DATA_HEVC), "\1\2"}}, .method = 1};

        forged_ispe(&avif.properties, 64, 64);
        forged_av1(&avif.properties, sizes[i][0], sizes[i][1], 8);
        refuses(&avif, "another size than its data");
        forged_ispe(&heic.properties, 64, 64);
        forged_hevc(&heic.properties, sizes[i][0], sizes[i][1], 8);
        refuses(&heic, "another size than its data");
    }
}
END_TEST

START_TEST(a_heic_has_the_size_and_depth_of_its_parameters)
{
    struct forged_heif heif = {"heic", 1, {{"hvc1", BYTES(FORGED_DATA_HEVC), "\1\2"}}, .method = 1};
    struct image_header header;
    struct vt_reason why;

    forged_ispe(&heif.properties, 4032, 3024);
    forged_hevc(&heif.properties, 4032, 3024, 10);
    ck_assert_int_eq(read(&heif, &header, &why), VT_OK);
    ck_assert_uint_eq(header.width, 4032);
    ck_assert_uint_eq(header.depth, 10);
}
END_TEST

static void clap(struct buf *out, uint32_t width, uint32_t height, uint32_t offset)
{
    const uint32_t numbers[] = {width, 1, height, 1, offset, 1, 0, 1};
    struct buf body = BUF_INIT;

    for (int i = 0; i < COUNT(numbers); i++)
        forged_big(&body, 4, numbers[i]);
    forged_box(out, "clap", body.data, body.len);
    buf_free(&body);
}

START_TEST(a_clean_aperture_lies_in_the_picture)
{
    static const struct {
        uint32_t width, height, offset;
        bool taken;
    } claps[] = {{64, 64, 0, true},        {32, 10, 16, true}, {32, 10, (uint32_t)-16, true},
                 {32, 10, 17, false},      {65, 64, 0, false}, {0, 64, 0, false},
                 {1, 1, 0x80000000, false}};

    for (int i = 0; i < COUNT(claps); i++) {
        struct forged_heif heif = {"avif", 1, {{"av01", AV1, "\1\2\3"}}, .method = 1};

        forged_ispe(&heif.properties, 64, 64);
        forged_av1(&heif.properties, 64, 64, 8);
        clap(&heif.properties, claps[i].width, claps[i].height, claps[i].offset);
        if (claps[i].taken)
            takes(&heif, 64, 64, false);
        else
            refuses(&heif, "clean aperture");
    }
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("image_header_heif");
    TCase *items = tcase_create("items"), *codecs = tcase_create("codecs");

    tcase_add_test(items, a_grid_that_its_tiles_cover_is_taken);
    tcase_add_loop_test(items, a_grid_that_contradicts_itself_is_refused, 0, COUNT(grids));
    tcase_add_test(items, a_picture_made_of_others_in_another_way_is_refused);
    tcase_add_test(items, there_are_at_most_2048_items_in_4096_pieces);
    tcase_add_test(items, there_are_at_most_1024_properties);
    tcase_add_test(items, a_codec_s_configuration_has_at_most_64_kilobytes);
    tcase_add_test(items, there_are_at_most_8192_references);
    tcase_add_test(items, there_are_at_most_4096_units_of_a_codec);
    tcase_add_test(items, a_grid_of_grids_is_refused);
    tcase_add_test(items, items_that_nothing_leads_to_may_be_of_any_kind);
    tcase_add_test(items, data_outside_of_the_file_is_refused_whatever_item_it_is_of);
    tcase_add_loop_test(items, transparency_is_like_its_colours, 0, COUNT(alphas));
    tcase_add_test(items, transparency_of_transparency_or_of_a_tile_is_refused);
    suite_add_tcase(suite, items);
    tcase_add_test(codecs, a_frame_larger_than_its_sequence_is_refused);
    tcase_add_test(codecs, a_size_other_than_the_codec_s_is_refused);
    tcase_add_test(codecs, a_heic_has_the_size_and_depth_of_its_parameters);
    tcase_add_test(codecs, a_clean_aperture_lies_in_the_picture);
    suite_add_tcase(suite, codecs);
    return suite;
}
