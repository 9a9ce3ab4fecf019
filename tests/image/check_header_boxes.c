/* Headers of TIFF, HEIC and AVIF files that no encoder writes. */
#include <stdlib.h>

#include "../support/forged.h"
#include "../support/heif.h"

#define BYTES(literal) literal, sizeof(literal) - 1

#define COUNT(table) ((int)(sizeof(table) / sizeof(table)[0]))

/* ---- pictures of a size, without pixels ---- */

/* A page at the end of the file, its size as SHORT values where `shorts`. */
static void tiff_page(struct buf *out, uint32_t width, uint32_t height, bool shorts, uint32_t next)
{
    forged_little(out, 2, 2);
    forged_little(out, 4, 256 | (shorts ? 3u : 4u) << 16);
    forged_little(out, 4, 1);
    forged_little(out, 4,
                  shorts ? width | 0xabcd0000 : width); /* what follows a SHORT means nothing */
    forged_little(out, 4, 257 | 4u << 16);
    forged_little(out, 4, 1);
    forged_little(out, 4, height);
    forged_little(out, 4, next);
}

static void make_tiff(struct buf *out, uint32_t width, uint32_t height)
{
    PUT(out, "II*\0\x08\0\0\0");
    tiff_page(out, width, height, width < 65536, 0);
}

static void make_big_endian_tiff(struct buf *out, uint32_t width, uint32_t height)
{
    PUT(out, "MM\0*\0\0\0\x0a..\0\x03"
             "\x01\0\0\x04\0\0\0\x01");
    forged_big(out, 4, width);
    PUT(out, "\x01\x01\0\x04\0\0\0\x01");
    forged_big(out, 4, height);
    PUT(out, "\x01\x02\0\x03\0\0\0\x01\0\x08\0\0\0\0\0\0");
}

static void box(struct buf *out, const char *name, const struct buf *body)
{
    forged_big(out, 4, 8 + body->len);
    buf_puts(out, name);
    buf_append(out, body->data, body->len);
}

/* Puts the box around all of `inner`, which is emptied. */
static void wrap(struct buf *inner, const char *name)
{
    struct buf outer = BUF_INIT;

    box(&outer, name, inner);
    buf_free(inner);
    *inner = outer;
}

#define FTYP_AVIF                                                                                  \
    "\0\0\0\x10"                                                                                   \
    "ftypavif\0\0\0\0"

static void make_heic(struct buf *out, uint32_t width, uint32_t height)
{
    struct forged_heif heif = {"heic", 1, {{"hvc1", BYTES(FORGED_DATA_HEVC), "\1\2"}}, .method = 1};

    forged_hevc(&heif.properties, width, height, 8);
    forged_ispe(&heif.properties, width + width % 2, height + height % 2);
    forged_heif(&heif, out);
}

static void make_avif(struct buf *out, uint32_t width, uint32_t height)
{
    struct forged_heif heif = {"avif", 1, {{"av01", BYTES(FORGED_DATA_AV1), "\1\2"}}, .method = 1};

    forged_av1(&heif.properties, width, height, 8);
    forged_ispe(&heif.properties, width, height);
    forged_heif(&heif, out);
}

static const struct forged_maker makers[] = {
    {make_tiff, IMAGE_TIFF, UINT32_MAX},
    {make_big_endian_tiff, IMAGE_TIFF, UINT32_MAX},
    {make_avif, IMAGE_AVIF, 65536},
};

START_TEST(size_is_read_whatever_it_is)
{
    forged_expect_sizes(&makers[_i]);
}
END_TEST

START_TEST(picture_without_pixels_is_refused)
{
    forged_expect_none_empty(&makers[_i]);
}
END_TEST

/* ---- TIFF ---- */

START_TEST(tiff_counts_pages_and_the_largest_size)
{
    struct buf file = BUF_INIT;

    PUT(&file, "II*\0\x08\0\0\0");
    tiff_page(&file, 10, 30000, true, 38);
    tiff_page(&file, 20, 5, true, 68);
    tiff_page(&file, 1, 1, true, 0);
    forged_expect_size(&file, 20, 30000, 3);
}
END_TEST

START_TEST(tiff_with_a_ring_of_pages_is_refused)
{
    struct buf file = BUF_INIT;

    PUT(&file, "II*\0\x08\0\0\0");
    tiff_page(&file, 10, 10, true, 8);
    forged_expect_refused(&file);
    PUT(&file, "II*\0\x08\0\0\0");
    tiff_page(&file, 10, 10, true, 38);
    tiff_page(&file, 10, 10, true, 8);
    forged_expect_refused(&file);
}
END_TEST

/* Walked again and again it would take longer than a test may. */
START_TEST(tiff_with_a_ring_of_the_largest_page_is_refused_at_once)
{
    struct buf file = BUF_INIT;

    PUT(&file, "II*\0\x08\0\0\0\xff\xff");
    for (int i = 0; i < 65535; i++)
        PUT(&file, "\0\x01\x03\0\x01\0\0\0\x0a\0\0\0");
    PUT(&file, "\x08\0\0\0");
    forged_expect_refused(&file);
}
END_TEST

/* Looked at for each entry, 400,000 depths would take minutes. */
START_TEST(tiff_whose_entries_share_their_values_is_refused_at_once)
{
    struct buf file = BUF_INIT;

    PUT(&file, "II*\0\x08\0\0\0\xff\xff"
               "\0\x01\x03\0\x01\0\0\0\x0a\0\0\0\x01\x01\x03\0\x01\0\0\0\x0a\0\0\0");
    for (int i = 2; i < 65535; i++) /* 400,000 depths, from the beginning of the file on */
        PUT(&file, "\x02\x01\x03\0\x80\x1a\x06\0\0\0\0\0");
    PUT(&file, "\0\0\0\0");
    while (file.len < 800000)
        PUT(&file, "\0\0\0\0\0\0\0\0");
    forged_expect_refused(&file);
}
END_TEST

START_TEST(tiff_does_not_hide_a_size_behind_another)
{
    struct buf file = BUF_INIT;

    PUT(&file, "II*\0\x08\0\0\0\x03\0"
               "\0\x01\x03\0\x01\0\0\0\x30\x75\0\0" /* 30000 wide, and then 10 */
               "\0\x01\x03\0\x01\0\0\0\x0a\0\0\0"
               "\x01\x01\x03\0\x01\0\0\0\x0a\0\0\0\0\0\0\0");
    forged_expect_size(&file, 30000, 10, 1);
}
END_TEST

START_TEST(tiff_says_its_depth_and_what_is_beside_its_colours)
{
    static const char *const depths[] = {
        "\x02\x01\x03\0\x01\0\0\0\x20\0\0\0",   /* 32 */
        "\x02\x01\x04\0\x01\0\0\0\x20\0\0\0",   /* the same as a LONG */
        "\x02\x01\x03\0\x02\0\0\0\x08\0\x20\0", /* 8 and 32 */
        "\x02\x01\x03\0\x03\0\0\0\x3e\0\0\0",   /* behind the page: 8, 16, 32 */
    };

    for (size_t i = 0; i < sizeof depths / sizeof depths[0]; i++) {
        struct image_header header;
        struct buf file = BUF_INIT;

        PUT(&file, "II*\0\x08\0\0\0\x04\0"
                   "\0\x01\x03\0\x01\0\0\0\x0a\0\0\0\x01\x01\x03\0\x01\0\0\0\x0a\0\0\0"
                   "\x52\x01\x03\0\x01\0\0\0\x01\0\0\0"); /* extra samples */
        buf_append(&file, depths[i], 12);
        PUT(&file, "\0\0\0\0\x08\0\x10\0\x20\0");
        ck_assert_int_eq(forged_read(&file, &header), VT_OK);
        ck_assert_uint_eq(header.depth, 32);
        ck_assert(header.alpha);
    }
}
END_TEST

/* ---- BigTIFF ---- */

static void put_number(struct buf *out, bool big_endian, unsigned bytes, uint64_t value)
{
    (big_endian ? forged_big : forged_little)(out, bytes, value);
}

static void big_page(struct buf *out, bool big_endian, uint32_t width, uint32_t height,
                     uint64_t entries, uint64_t next)
{
    const uint64_t sizes[] = {width, height};

    put_number(out, big_endian, 8, entries);
    for (unsigned i = 0; i < 2; i++) {
        put_number(out, big_endian, 2, 256 + i);
        put_number(out, big_endian, 2, i == 0 ? 4 : 16); /* LONG, LONG8 */
        put_number(out, big_endian, 8, 1);
        put_number(out, big_endian, i == 0 ? 4 : 8, sizes[i]);
        put_number(out, big_endian, i == 0 ? 4 : 0, 0);
    }
    put_number(out, big_endian, 8, next);
}

static void make_big(struct buf *out, bool big_endian, uint64_t entries, uint64_t next)
{
    *out = BUF_INIT;
    if (big_endian)
        PUT(out, "MM\0+\0\x08\0\0");
    else
        PUT(out, "II+\0\x08\0\0\0");
    put_number(out, big_endian, 8, 16);
    big_page(out, big_endian, 30000, 20, entries, next);
}

START_TEST(bigtiff_says_its_size_and_pages)
{
    struct buf file;

    make_big(&file, _i == 1, 2, 72);
    big_page(&file, _i == 1, 10, 200, 2, 0);
    forged_expect_size(&file, 30000, 200, 2);
}
END_TEST

START_TEST(bigtiff_of_bad_numbers_is_refused)
{
    static const uint64_t counts[] = {65536, UINT64_MAX, UINT64_C(1) << 60, 3};
    struct buf file;

    make_big(&file, false, counts[_i], 0);
    forged_expect_refused(&file);
    make_big(&file, false, 2, 0);
    file.data[23 + 8] = 0x7f; /* how many widths */
    forged_expect_refused(&file);
    make_big(&file, false, 2, 0);
    file.data[15] = 0x7f; /* where the page is */
    forged_expect_refused(&file);
}
END_TEST

/* ---- pages that cannot be read, behind one that can ---- */

START_TEST(tiff_ends_before_a_page_that_cannot_be_read)
{
    static const uint32_t offsets[] = {0xffffffff, 0x7fffffff, 38, 10};
    struct buf file = BUF_INIT;

    PUT(&file, "II*\0\x08\0\0\0");
    tiff_page(&file, 10, 20, true, offsets[_i]);
    PUT(&file, "\x01\0\0\x01\x0c\0\xff\xff\xff\xffrest"); /* a width that is none */
    forged_expect_size(&file, 10, 20, 1);
}
END_TEST

/* ---- camera raw files ---- */

struct raw_entry {
    uint32_t tag, type, count, value;
};

static void raw_page(struct buf *out, const struct raw_entry *entries, unsigned count)
{
    forged_little(out, 2, count);
    for (unsigned i = 0; i < count; i++) {
        forged_little(out, 2, entries[i].tag);
        forged_little(out, 2, entries[i].type);
        forged_little(out, 4, entries[i].count);
        forged_little(out, 4, entries[i].value);
    }
    forged_little(out, 4, 0);
}

#define RAW_AT 100 /* where the maker's name is; a page below the first is 20 bytes further */

static const struct {
    const char *maker;
    struct raw_entry entry; /* in the first page */
    uint32_t photometric;   /* of the page below it */
    const char *words;      /* of the refusal; NULL if the file is a TIFF like others */
} raws[] = {
    {"Some", {50706, 1, 4, 0x00000401}, 2, "a DNG camera raw file"},
    {"NIKON CORPORATION", {330, 4, 1, RAW_AT + 20}, 32803, "a Nikon NEF camera raw file"},
    {"SONY", {330, 13, 1, RAW_AT + 20}, 32803, "a Sony ARW camera raw file"},
    {"PENTAX", {262, 3, 1, 32803}, 2, "a Pentax PEF camera raw file"},
    {"SAMSUNG", {330, 4, 1, RAW_AT + 20}, 34892, "a Samsung SRW camera raw file"},
    {"Someone's", {330, 4, 1, RAW_AT + 20}, 32803, "the file is a camera raw file"},
    {"NIKON CORPORATION", {330, 4, 1, RAW_AT + 20}, 2, NULL},
    {"NIKON CORPORATION", {330, 4, 1, 0xfffffff0}, 2, NULL},
    {"Canon", {262, 3, 1, 2}, 32803, NULL},
};

static void make_raw(int number, struct buf *file)
{
    const struct raw_entry entries[] = {{256, 3, 1, 160},
                                        {257, 3, 1, 120},
                                        {271, 2, (uint32_t)strlen(raws[number].maker) + 1, RAW_AT},
                                        raws[number].entry};
    const struct raw_entry below[] = {{262, 3, 1, raws[number].photometric}};

    *file = BUF_INIT;
    PUT(file, "II*\0\x08\0\0\0");
    raw_page(file, entries, COUNT(entries));
    while (file->len < RAW_AT)
        PUT(file, "\0");
    buf_append(file, raws[number].maker, strlen(raws[number].maker));
    while (file->len < RAW_AT + 20)
        PUT(file, "\0");
    raw_page(file, below, 1);
}

static void expect_kind(const struct buf *file, const char *words)
{
    const struct image_limits limits = {100 * 1000 * 1000, 65535, 1000};
    struct image_header header;
    struct vt_reason why = {""};

    ck_assert_int_eq(image_header_read(file->data, file->len, &header, &why), VT_OK);
    ck_assert_int_eq(image_header_check(&header, &limits, &why),
                     words != NULL ? VT_ERR_UNSUPPORTED : VT_OK);
    ck_assert_msg(words == NULL || strstr(why.text, words) != NULL, "%s", why.text);
}

START_TEST(camera_raw_is_refused_by_its_kind_and_other_tiffs_are_not)
{
    struct buf file;

    make_raw(_i, &file);
    expect_kind(&file, raws[_i].words);
    buf_free(&file);
}
END_TEST

/* Which of two pages is shown, and so gives the size of the record. */
START_TEST(the_size_shown_is_that_of_the_first_tiff_page_that_is_no_preview)
{
    const struct raw_entry small[] = {{254, 4, 1, (uint32_t)_i}, {256, 3, 1, 64}, {257, 3, 1, 48}};
    const struct raw_entry large[] = {{256, 3, 1, 100}, {257, 3, 1, 80}};
    struct image_header header;
    struct buf file = BUF_INIT;

    PUT(&file, "II*\0\x08\0\0\0");
    raw_page(&file, small, COUNT(small));
    file.data[file.len - 4] = (char)file.len;
    raw_page(&file, large, COUNT(large));
    ck_assert_int_eq(image_header_read(file.data, file.len, &header, NULL), VT_OK);
    ck_assert_uint_eq(header.width, 100);
    ck_assert_uint_eq(header.height, 80);
    ck_assert_uint_eq(header.shown_width, _i == 1 ? 100 : 64);
    ck_assert_uint_eq(header.shown_height, _i == 1 ? 80 : 48);
    buf_free(&file);
}
END_TEST

/* libtiff would keep a copy of the values for each entry: here 60 MB of a file of 4 KB. */
START_TEST(tiff_entries_that_share_their_values_are_refused)
{
    enum { SHARED = 2000, ENTRIES = 30000 };
    struct raw_entry *entries = calloc(ENTRIES, sizeof *entries);
    struct image_header header;
    struct vt_reason why = {""};
    struct buf file = BUF_INIT;

    SUPPORT_MUST(entries != NULL);
    entries[0] = (struct raw_entry){256, 3, 1, 64};
    entries[1] = (struct raw_entry){257, 3, 1, 48};
    for (unsigned i = 2; i < ENTRIES; i++)
        entries[i] = (struct raw_entry){32768 + i, 1, SHARED, 8};
    PUT(&file, "II*\0\x08\0\0\0");
    raw_page(&file, entries, _i == 0 ? ENTRIES : 100);
    while (file.len < SHARED * 98)
        PUT(&file, "\0");
    ck_assert_int_eq(image_header_read(file.data, file.len, &header, &why),
                     _i == 0 ? VT_ERR_INVALID_IMAGE : VT_OK);
    ck_assert_str_eq(why.text,
                     _i == 0 ? "the image is corrupt: a TIFF's entries share their values" : "");
    free(entries);
    buf_free(&file);
}
END_TEST

/* A scanner's raw file has the picture where a camera's has the sensor's pixels. */
START_TEST(tiff_whose_pages_are_all_previews_of_another_picture_is_refused)
{
    static const struct {
        uint32_t first, below, width;
        const char *words;
    } files[] = {
        {1, 0, 4000, "the file is a camera raw file"},
        {0, 0, 4000, NULL},
        {1, 1, 4000, NULL},
        {1, 0, 160, NULL},
    };
    const struct raw_entry entries[] = {
        {254, 4, 1, files[_i].first}, {256, 3, 1, 160}, {257, 3, 1, 120}, {330, 4, 1, RAW_AT}};
    const struct raw_entry below[] = {
        {254, 4, 1, files[_i].below}, {256, 3, 1, files[_i].width}, {262, 3, 1, 2}};
    struct buf file = BUF_INIT;

    PUT(&file, "II*\0\x08\0\0\0");
    raw_page(&file, entries, COUNT(entries));
    while (file.len < RAW_AT)
        PUT(&file, "\0");
    raw_page(&file, below, COUNT(below));
    expect_kind(&file, files[_i].words);
    buf_free(&file);
}
END_TEST

/* Canon and Phase One leave a mark between the header and the first page. */
START_TEST(camera_raw_is_told_by_its_mark)
{
    static const struct {
        const char *head, *words;
    } marks[] = {
        {"II*\0\x10\0\0\0CR\2\0\0\0\0\0", "a Canon CR2 camera raw file"},
        {"II*\0\x10\0\0\0IIIITwaR", "a Phase One IIQ camera raw file"},
    };
    struct buf file = BUF_INIT;

    buf_append(&file, marks[_i].head, 16);
    tiff_page(&file, 160, 120, true, 0);
    expect_kind(&file, marks[_i].words);
    buf_free(&file);
}
END_TEST

START_TEST(camera_raw_that_is_no_tiff_is_named_too)
{
    static const struct {
        const char *head, *words;
    } heads[] = {
        {"IIRO\x08\0\0\0........", "an Olympus ORF camera raw file"},
        {"IIU\0\x08\0\0\0........", "a Panasonic RW2 camera raw file"},
        {"FUJIFILMCCD-RAW ", "a Fujifilm RAF camera raw file"},
        {"\0\0\0\x18"
         "ftypcrx \0\0\0\1",
         "a Canon CR3 camera raw file"},
    };
    struct image_header header;
    struct vt_reason why = {""};

    ck_assert_int_eq(image_header_read(heads[_i].head, 16, &header, &why), VT_ERR_UNSUPPORTED);
    ck_assert_msg(strstr(why.text, heads[_i].words) != NULL, "%s", why.text);
}
END_TEST

static const struct {
    const char *bytes;
    size_t len;
} tiffs[] = {
    {"II*\0\0\0\0\0", 8},                                            /* no page */
    {"II*\0\x08\0\0\0\0\0\0\0\0\0", 14},                             /* an empty page */
    {"II*\0\xff\xff\xff\xff", 8},                                    /* a page past the end */
    {"II*\0\x08\0\0\0", 8},                                          /* a page at the end */
    {"II*\0\x08\0\0\0\xff\xff\0\x01\x03\0\x01\0\0\0\x0a\0\0\0", 22}, /* entries past it */
    {"II*\0\0\0\0\x80", 8},                                          /* 2 GiB away */
};

static const char *const tiff_entries[] = {
    "\0\x01\x10\0\x01\0\0\0\x0a\0\0\0",         /* a width of type LONG8 */
    "\x01\x01\x01\0\x01\0\0\0\x0a\0\0\0",       /* a height of type BYTE */
    "\0\x01\x03\0\x02\0\0\0\x0a\0\x0a\0",       /* two widths in one entry */
    "\0\x01\x03\0\0\0\0\0\x0a\0\0\0",           /* none in one */
    "\x02\x01\x03\0\x03\0\0\0\x30\0\0\0",       /* three values, the last one cut off */
    "\x02\x01\x0c\0\xff\xff\xff\xff\0\0\0\0",   /* more bytes than 32 bits count */
    "\x02\x01\x03\0\x03\0\0\0\xff\xff\xff\xff", /* values at the end of the address space */
};

START_TEST(tiff_of_a_bad_entry_is_refused)
{
    struct buf file = BUF_INIT;

    PUT(&file, "II*\0\x08\0\0\0\x03\0"
               "\0\x01\x03\0\x01\0\0\0\x0a\0\0\0\x01\x01\x03\0\x01\0\0\0\x0a\0\0\0");
    buf_append(&file, tiff_entries[_i], 12);
    PUT(&file, "\0\0\0\0.");
    forged_expect_refused(&file);
}
END_TEST

START_TEST(tiff_may_have_broken_private_entries)
{
    struct buf file = BUF_INIT;

    PUT(&file, "II*\0\x08\0\0\0\x04\0"
               "\0\x01\x03\0\x01\0\0\0\x0a\0\0\0\x01\x01\x03\0\x01\0\0\0\x0a\0\0\0"
               "\x02\x01\xff\0\xff\0\0\0\0\0\0\0"       /* of a type to come */
               "\x69\x87\x01\0\xff\xff\xff\xff\0\0\0\0" /* EXIF, nowhere */
               "\0\0\0\0");
    forged_expect_size(&file, 10, 10, 1);
}
END_TEST

START_TEST(tiff_of_bad_pages_is_refused)
{
    struct buf file = BUF_INIT;

    buf_append(&file, tiffs[_i].bytes, tiffs[_i].len);
    forged_expect_refused(&file);
}
END_TEST

/* ---- HEIC and AVIF ---- */

START_TEST(boxes_nested_too_deeply_hide_nothing)
{
    struct buf inner = BUF_INIT, file = BUF_INIT;

    forged_ispe(&inner, 10, 10);
    for (int depth = 0; depth < 2000; depth++)
        wrap(&inner, depth % 2 == 0 ? "ipco" : "iprp");
    PUT(&file, FTYP_AVIF);
    buf_append(&file, inner.data, inner.len);
    forged_expect_refused(&file);
    buf_free(&inner);
}
END_TEST

START_TEST(box_sizes_of_64_bits_and_to_the_end_are_read)
{
    struct buf file = BUF_INIT;

    make_avif(&file, 30000, 20);
    PUT(&file, "\0\0\0\x01mdat\0\0\0\0\0\0\0\x14"
               "data\0\0\0\0mdat");
    forged_expect_size(&file, 30000, 20, 1);
}
END_TEST

static const struct {
    const char *bytes;
    size_t len;
} boxes[] = {
    {"\0\0\0\x07mdat", 8}, /* smaller than its header */
    {"\0\0\0\x02mdat", 8},
    {"\0\0\0\x09mdat", 8}, /* past the end */
    {"\x7f\xff\xff\xffmdat", 8},
    {"\0\0\0\x01mdat", 8}, /* 64 bits that are not there */
    {"\0\0\0\x01mdat\0\0\0\0\0\0\0\x0f", 16},
    {"\0\0\0\x01mdat\0\0\0\0\0\0\0\0", 16},
    {"\0\0\0\x01mdat\0\0\0\0\0\0\0\x11", 16},
    {"\0\0\0\x01mdat\0\0\0\x01\0\0\0\x10", 16}, /* 4 GiB more than that */
    {"\0\0\0\x01mdat\xff\xff\xff\xff\xff\xff\xff\xff", 16},
    {"\0\0\0\x0bmeta\0\0\0", 11},                 /* no room for its version */
    {"\0\0\0\x14meta\0\0\0\0\0\0\0\x09iprp", 20}, /* longer than what holds it */
    {"mda", 3},
    {"\0\0\0\x08mdat", 8}, /* sound, but without any size */
};

START_TEST(an_invalid_box_is_refused)
{
    struct buf file = BUF_INIT;

    PUT(&file, FTYP_AVIF);
    buf_append(&file, boxes[_i].bytes, boxes[_i].len);
    forged_expect_refused(&file);
    if (_i == COUNT(boxes) - 1)
        return;
    make_heic(&file, 10, 10); /* before the bad box a good one */
    buf_append(&file, boxes[_i].bytes, boxes[_i].len);
    forged_expect_refused(&file);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("image_header_boxes");
    TCase *sizes = tcase_create("sizes"), *formats = tcase_create("formats");

    tcase_add_loop_test(sizes, size_is_read_whatever_it_is, 0, COUNT(makers));
    tcase_add_loop_test(sizes, picture_without_pixels_is_refused, 0, COUNT(makers));
    suite_add_tcase(suite, sizes);
    tcase_add_test(formats, tiff_counts_pages_and_the_largest_size);
    tcase_add_test(formats, tiff_with_a_ring_of_pages_is_refused);
    tcase_add_test(formats, tiff_with_a_ring_of_the_largest_page_is_refused_at_once);
    tcase_add_test(formats, tiff_whose_entries_share_their_values_is_refused_at_once);
    tcase_add_test(formats, tiff_does_not_hide_a_size_behind_another);
    tcase_add_test(formats, tiff_says_its_depth_and_what_is_beside_its_colours);
    tcase_add_loop_test(formats, tiff_of_bad_pages_is_refused, 0, COUNT(tiffs));
    tcase_add_loop_test(formats, tiff_of_a_bad_entry_is_refused, 0, COUNT(tiff_entries));
    tcase_add_test(formats, tiff_may_have_broken_private_entries);
    tcase_add_loop_test(formats, bigtiff_says_its_size_and_pages, 0, 2);
    tcase_add_loop_test(formats, bigtiff_of_bad_numbers_is_refused, 0, 4);
    tcase_add_loop_test(formats, tiff_ends_before_a_page_that_cannot_be_read, 0, 4);
    tcase_add_loop_test(formats, camera_raw_is_refused_by_its_kind_and_other_tiffs_are_not, 0,
                        COUNT(raws));
    tcase_add_loop_test(formats, the_size_shown_is_that_of_the_first_tiff_page_that_is_no_preview,
                        0, 2);
    tcase_add_loop_test(formats, tiff_entries_that_share_their_values_are_refused, 0, 2);
    tcase_add_loop_test(formats, tiff_whose_pages_are_all_previews_of_another_picture_is_refused, 0,
                        4);
    tcase_add_loop_test(formats, camera_raw_is_told_by_its_mark, 0, 2);
    tcase_add_loop_test(formats, camera_raw_that_is_no_tiff_is_named_too, 0, 4);
    tcase_add_test(formats, boxes_nested_too_deeply_hide_nothing);
    tcase_add_test(formats, box_sizes_of_64_bits_and_to_the_end_are_read);
    tcase_add_loop_test(formats, an_invalid_box_is_refused, 0, COUNT(boxes));
    suite_add_tcase(suite, formats);
    return suite;
}
