/* Copies of HEICs and AVIFs: which items, properties and tracks are left. */
#include <string.h>

#include "../support/forged.h"
#include "../support/heif.h"
#include "../support/redact.h"

/* ---- items ---- */

/* A grid of two items, the first of this type and with one more property of this name. */
static void make_grid(const char *tile, const char *property, struct buf *out)
{
    struct forged_heif heif = {.brand = "avif", .primary = 1};

    forged_ispe(&heif.properties, 128, 64);
    forged_ispe(&heif.properties, 64, 64);
    forged_av1(&heif.properties, 64, 64, 8);
    forged_box(&heif.properties, property, "PROPERTY of sixteen", 19);
    forged_box(&heif.properties, "clli", "\1\2\3\4", 4);

    heif.items[0] = (struct forged_item){"grid", forged_grid(1, 2, 128, 64), 8, "\1"};
    heif.items[1] = (struct forged_item){tile, FORGED_DATA_AV1 SECRET, 8, "\2\3\4\5"};
    heif.items[2] = (struct forged_item){"av01", FORGED_DATA_AV1, 2, "\2\3"};
    heif.method = 1;
    forged_reference(&heif.references, "dimg", 1, "\2\3");
    forged_heif(&heif, out);
}

/* Also of a picture that the primary one is said to be made from. */
START_TEST(an_item_that_is_no_picture_is_left_out)
{
    enum image_redact_level level = redact_level(_i);
    struct buf file = BUF_INIT, copy = BUF_INIT;

    make_grid(_i < 2 ? "mime" : "av01", "udes", &file);
    redact_expect(IMAGE_AVIF, level, &file, &copy);
    ck_assert(redact_has(&copy, SECRET, 6) == (_i >= 2));
    buf_free(&file);
    buf_free(&copy);
}
END_TEST

START_TEST(a_property_that_no_decoder_needs_is_left_out)
{
    static const char *const names[] = {"udes", "crtt", "uuid", "cmex", "abcd"};
    enum image_redact_level level = redact_level(_i);
    struct buf file = BUF_INIT, copy = BUF_INIT;

    make_grid("av01", names[_i / 2], &file);
    ck_assert(redact_has(&file, "PROPERTY", 8));
    redact_expect(IMAGE_AVIF, level, &file, &copy);
    ck_assert_uint_eq(copy.len, file.len);
    ck_assert(!redact_has(&copy, "PROPERTY", 8) && !redact_has(&copy, names[_i / 2], 4));
    ck_assert(redact_has(&copy, "av1C", 4) && redact_has(&copy, "clli\1\2\3\4", 8));
    buf_free(&file);
    buf_free(&copy);
}
END_TEST

START_TEST(what_is_among_the_items_and_is_none_is_left_out)
{
    enum image_redact_level level = redact_level(_i);
    struct buf file = BUF_INIT, copy = BUF_INIT;
    char *entry;

    make_grid("av01", "udes", &file);
    entry = memmem(file.data, file.len, "infe\2\0\0\0\0\3", 10);
    ck_assert_ptr_nonnull(entry);
    memcpy(entry, "nameSECRET", 10);
    redact_expect(IMAGE_AVIF, level, &file, &copy);
    ck_assert(!redact_has(&copy, "nameSECRET", 10));
    buf_free(&file);
    buf_free(&copy);
}
END_TEST

/* ---- films ---- */

/* Two frames of 32 by 24 pixels, red and blue, by ffmpeg with libaom, in base64. */
static const char moving[] =
    "AAAALGZ0eXBhdmlzAAAAAGF2aXNhdmlmbXNmMWlzbzhtaWYxbWlhZk1BMUIAAAD5bWV0YQAAAAAA"
    "AAAvaGRscgAAAAAAAAAAcGljdAAAAAAAAAAAAAAAAFBpY3R1cmVIYW5kbGVyAAAAAA5waXRtAAAA"
    "AAABAAAAHmlsb2MAAAAARAAAAQABAAAAAQAAA7gAAAAhAAAAKGlpbmYAAAAAAAEAAAAaaW5mZQIA"
    "AAAAAQAAYXYwMUNvbG9yAAAAAGppcHJwAAAAS2lwY28AAAAUaXNwZQAAAAAAAAAgAAAAGAAAABBw"
    "aXhpAAAAAAMICAgAAAAMYXYxQ4EADAAAAAATY29scm5jbHgAAgACAAIAAAAAF2lwbWEAAAAAAAAA"
    "AQABBAECgwQAAAKLbW9vdgAAAGxtdmhkAAAAAAAAAAAAAAAAAAAoAAAAAAAAAQAAAQAAAAAAAAAA"
    "AAAAAAEAAAAAAAAAAAAAAAAAAAABAAAAAAAAAAAAAAAAAABAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
    "AAAAAAAAAAAAAgAAAhd0cmFrAAAAXHRraGQAAAADAAAAAAAAAAAAAAABAAAAAAAAAAAAAAAAAAAA"
    "AAAAAAAAAAAAAAEAAAAAAAAAAAAAAAAAAAABAAAAAAAAAAAAAAAAAABAAAAAACAAAAAYAAAAAAGz"
    "bWRpYQAAACBtZGhkAAAAAAAAAAAAAAAAAAAoAAAAEABVxAAAAAAAL2hkbHIAAAAAAAAAAHBpY3QA"
    "AAAAAAAAAAAAAABQaWN0dXJlSGFuZGxlcgAAAAFcbWluZgAAABR2bWhkAAAAAQAAAAAAAAAAAAAA"
    "JGRpbmYAAAAcZHJlZgAAAAAAAAABAAAADHVybCAAAAABAAABHHN0YmwAAACcc3RzZAAAAAAAAAAB"
    "AAAAjGF2MDEAAAAAAAAAAQAAAAAAAAAAAAAAAAAAAAAAIAAYAEgAAABIAAAAAAAAAAEYTGF2YzU5"
    "LjM3LjEwMCBsaWJhb20tYXYxAAAAAAAAAAAY//8AAAAMYXYxQ4EADAAAAAAKZmllbAEAAAAAEHBh"
    "c3AAAAABAAAAAQAAABBjY3N0AAAAAHwAAAAAAAAYc3R0cwAAAAAAAAABAAAAAgAACAAAAAAUc3Rz"
    "cwAAAAAAAAABAAAAAQAAABxzdHNjAAAAAAAAAAEAAAABAAAAAgAAAAEAAAAcc3RzegAAAAAAAAAA"
    "AAAAAgAAACEAAAAbAAAAFHN0Y28AAAAAAAAAAQAAA7gAAABEbWRhdAoKAAAAAifubXyAIDITEAC5"
    "gAACQAAAAS2W+shwW5a06TIZMAPAgAAABuQAAALAACAAHS3nWZphepqoxA==";

static void make_moving(struct buf *out)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    uint32_t bits = 0;

    for (size_t i = 0; moving[i] != '\0'; i++) {
        const char *digit = strchr(digits, moving[i]);

        bits = bits << 6 | (uint32_t)(digit != NULL ? digit - digits : 0);
        if (i % 4 == 3)
            forged_big(out, 3, bits & 0xffffff);
    }
    out->len -= 2; /* the padding */
}

/* Where the bytes are in the file from a place on; they must be there. */
static char *find_in(const struct buf *file, const char *from, const char *bytes)
{
    char *found = memmem(from, (size_t)(file->data + file->len - from), bytes, strlen(bytes));

    ck_assert_ptr_nonnull(found);
    return found;
}

/* Puts other bytes, or zeros, into a box of this name, behind its name, version and flags. */
static void put_times(struct buf *file, const char *box, const char *times)
{
    memcpy(find_in(file, file->data, box) + 8, times, 8);
}

START_TEST(a_sequence_of_pictures_goes_on_moving)
{
    enum image_redact_level level = redact_level(_i);
    static const char *const timed[] = {"mvhd", "tkhd", "mdhd"};
    struct buf file = BUF_INIT, copy = BUF_INIT;

    make_moving(&file);
    for (size_t i = 0; i < 3; i++)
        put_times(&file, timed[i], SECRET SECRET);
    redact_expect(IMAGE_AVIF, level, &file, &copy);
    memset(find_in(&file, file.data, "Color"), 0, 5); /* the name of the item */
    for (size_t i = 0; level == IMAGE_REDACT_ALL && i < 3; i++)
        put_times(&file, timed[i], "\0\0\0\0\0\0\0");
    if (level == IMAGE_REDACT_ALL) {
        char *end = file.data + file.len, *name;

        memset(find_in(&file, file.data, "\x18Lavc"), 0, 32);
        for (name = file.data; (name = memmem(name, (size_t)(end - name), "Pict", 4)) != NULL;)
            memset(name, 0, strlen("PictureHandler"));
    }
    ck_assert_uint_eq(copy.len, file.len);
    ck_assert_mem_eq(copy.data, file.data, file.len);
    buf_free(&file);
    buf_free(&copy);
}
END_TEST

/* So are bytes of no box at the end of their list. */
START_TEST(of_a_sequence_boxes_that_no_decoder_needs_are_left_out)
{
    enum image_redact_level level = redact_level(_i);
    struct buf file = BUF_INIT, copy = BUF_INIT;
    char *entry;

    make_moving(&file);
    entry = find_in(&file, file.data, "pasp"); /* and the last one, ccst: 32 bytes in all */
    memcpy(entry - 4, "\0\0\0\x19uuid" SECRET SECRET "xxxxx" SECRET "x", 32);
    redact_expect(IMAGE_AVIF, level, &file, &copy);
    ck_assert_uint_eq(copy.len, file.len);
    ck_assert(redact_has(&file, SECRET, 6) && !redact_has(&copy, SECRET, 6));
    ck_assert(redact_has(&copy, "fiel", 4) && redact_has(&copy, "stts", 4));
    buf_free(&file);
    buf_free(&copy);
}
END_TEST

/* Its first picture is that of an item, too. */
START_TEST(a_track_of_no_pictures_is_left_out)
{
    struct buf file = BUF_INIT, copy = BUF_INIT;

    make_moving(&file);
    memcpy(find_in(&file, find_in(&file, file.data, "mdia"), "pict"), "meta", 4);
    redact_expect(IMAGE_AVIF, IMAGE_REDACT_PLACE, &file, &copy);
    ck_assert_uint_eq(copy.len, file.len);
    ck_assert(!redact_has(&copy, "trak", 4) && !redact_has(&copy, "mdia", 4));
    for (size_t i = copy.len - 27; i < copy.len; i++) /* the second picture */
        ck_assert_int_eq(copy.data[i], 0);
    ck_assert_mem_eq(copy.data + copy.len - 60, file.data + file.len - 60, 33);
    buf_free(&file);
    buf_free(&copy);
}
END_TEST

START_TEST(a_film_with_any_byte_changed_harms_nothing)
{
    enum image_redact_level level = redact_level(_i);
    struct buf file = BUF_INIT;

    make_moving(&file);
    for (size_t at = 0; at < file.len; at++) {
        for (unsigned value = 0; value < 256; value += 51) {
            struct buf copy = BUF_INIT;
            char was = file.data[at];

            file.data[at] = (char)value;
            if (redact_copy(IMAGE_AVIF, level, &file, &copy) == VT_OK)
                ck_assert_uint_eq(copy.len, file.len);
            file.data[at] = was;
            buf_free(&copy);
        }
    }
    buf_free(&file);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("redact_heif");
    TCase *left = tcase_create("left"), *hostile = tcase_create("hostile");

    tcase_add_loop_test(left, an_item_that_is_no_picture_is_left_out, 0, 4);
    tcase_add_loop_test(left, a_property_that_no_decoder_needs_is_left_out, 0, 10);
    tcase_add_loop_test(left, what_is_among_the_items_and_is_none_is_left_out, 0, 2);
    tcase_add_loop_test(left, a_sequence_of_pictures_goes_on_moving, 0, 2);
    tcase_add_loop_test(left, of_a_sequence_boxes_that_no_decoder_needs_are_left_out, 0, 2);
    tcase_add_test(left, a_track_of_no_pictures_is_left_out);
    suite_add_tcase(suite, left);

    tcase_set_timeout(hostile, 120);
    tcase_add_loop_test(hostile, a_film_with_any_byte_changed_harms_nothing, 0, 2);
    suite_add_tcase(suite, hostile);
    return suite;
}
