#include "http/multipart.h"

#include <stdlib.h>
#include <string.h>

#include "../support/support.h"

#define BOUNDARY "boundary"
#define BYTES(literal) literal, sizeof(literal) - 1
#define COUNT(table) ((int)(sizeof(table) / sizeof(table)[0]))
#define FILE_A "Content-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\n"
#define HEARD_A "<form-data; name=\"file\"; filename=\"a\">"

/* What the events said. A begin that comes after `parts_allowed` others fails, and so does a data
 * event once `data_allowed` bytes are over. */
struct heard {
    struct buf text; /* "<disposition>content" of each part */
    unsigned parts, parts_allowed;
    size_t data, data_allowed;
    unsigned failures;
};

#define HEARD_INIT ((struct heard){BUF_INIT, 0, 1000, 0, SIZE_MAX, 0})

static enum vt_error on_begin(void *context, const char *disposition, struct vt_reason *why)
{
    struct heard *heard = context;

    ck_assert_uint_eq(heard->failures, 0);
    if (heard->parts == heard->parts_allowed) {
        heard->failures++;
        return vt_fail(why, VT_ERR_NO_SPACE, "no more parts");
    }
    heard->parts++;
    buf_printf(&heard->text, "<%s>", disposition);
    return VT_OK;
}

static enum vt_error on_data(void *context, const void *data, size_t len, struct vt_reason *why)
{
    struct heard *heard = context;

    /* Not ck_assert(), which is slow where it holds: this is called millions of times. */
    if (heard->failures > 0 || heard->parts == 0 || len == 0)
        ck_abort_msg("data of %zu bytes in part %u", len, heard->parts);
    heard->data += len;
    if (heard->data > heard->data_allowed) {
        heard->failures++;
        return vt_fail(why, VT_ERR_UNAVAILABLE, "no more data");
    }
    buf_append(&heard->text, data, len);
    return VT_OK;
}

static const struct multipart_events events = {on_begin, on_data};

/* Feeds the first `first` bytes in one piece, the rest in pieces of `piece`, each a copy of its own
 * size, so that reading past one is seen. */
static enum vt_error parse(const char *body, size_t len, size_t first, size_t piece,
                           struct heard *heard, struct vt_reason *why)
{
    struct multipart *multipart;
    enum vt_error err = multipart_new(BOUNDARY, &events, heard, &multipart);

    ck_assert_int_eq(err, VT_OK);
    why->text[0] = '\0';
    for (size_t at = 0, count; err == VT_OK && at < len; at += count) {
        char *copy;

        count = at == 0 && first > 0 ? first : piece;
        if (count > len - at)
            count = len - at;
        copy = malloc(count);
        SUPPORT_MUST(copy != NULL);
        memcpy(copy, body + at, count);
        err = multipart_feed(multipart, copy, count, why);
        free(copy);
    }
    if (err == VT_OK)
        err = multipart_finish(multipart, why);
    multipart_free(multipart);
    return err;
}

/* ---- the boundary ---- */

#define TEN "0123456789"
#define SEVENTY TEN TEN TEN TEN TEN TEN TEN

static const struct {
    const char *type, *boundary; /* NULL where the type is to be refused */
} boundaries[] = {
    {"multipart/form-data; boundary=abc", "abc"},
    {"Multipart/Form-Data;BOUNDARY=abc", "abc"},
    {"multipart/form-data; charset=utf-8; boundary=abc; other=1", "abc"},
    {"multipart/form-data; boundary=\"a b:c?\"", "a b:c?"},
    {"multipart/form-data; boundary=----WebKitFormBoundaryA1", "----WebKitFormBoundaryA1"},
    {"multipart/form-data; boundary=" SEVENTY, SEVENTY},
    {"multipart/form-data; boundary=\"" SEVENTY "\"", SEVENTY},
    {"multipart/form-data; boundary=\"'()+_,-./:=?\"", "'()+_,-./:=?"},
    {"multipart/form-data; boundary=" SEVENTY "x", NULL},
    {"multipart/form-data; boundary=\"" SEVENTY "x\"", NULL},
    {"multipart/form-data", NULL},
    {"multipart/form-data; boundary", NULL},
    {"multipart/form-data; boundary=", NULL},
    {"multipart/form-data; boundary=\"\"", NULL},
    {"multipart/form-data; boundary=\"abc", NULL},
    {"multipart/form-data; boundary=\"abc \"", NULL},
    {"multipart/form-data; boundary=a\"b", NULL},
    {"multipart/form-data; boundary=a{b", NULL},
    {"multipart/form-data; boundary=\"a\r\nb\"", NULL},
    {"multipart/form-data; boundary=caf\xc3\xa9", NULL},
    {"multipart/mixed; boundary=abc", NULL},
    {"text/plain; boundary=abc", NULL},
    {"boundary=abc", NULL},
    {"", NULL},
};

START_TEST(boundary_is_taken_or_refused)
{
    char boundary[MULTIPART_BOUNDARY_MAX + 1];
    struct vt_reason why = {""};
    enum vt_error err = multipart_boundary(boundaries[_i].type, boundary, &why);

    if (boundaries[_i].boundary == NULL) {
        ck_assert_int_eq(err, VT_ERR_MALFORMED);
        ck_assert_str_ne(why.text, "");
    } else {
        ck_assert_int_eq(err, VT_OK);
        ck_assert_str_eq(boundary, boundaries[_i].boundary);
    }
}
END_TEST

START_TEST(parser_takes_a_boundary_of_70_characters_and_no_longer_one)
{
    struct heard heard = HEARD_INIT;
    struct multipart *multipart = NULL;
    static const char body[] = "--" SEVENTY "\r\n\r\nx\r\n--" SEVENTY "--";
    struct vt_reason why;

    ck_assert_int_eq(multipart_new(SEVENTY, &events, &heard, &multipart), VT_OK);
    ck_assert_int_eq(multipart_feed(multipart, body, sizeof body - 1, &why), VT_OK);
    ck_assert_int_eq(multipart_finish(multipart, &why), VT_OK);
    ck_assert_str_eq(heard.text.data, "<>x");
    multipart_free(multipart);
    buf_free(&heard.text);

    ck_assert_int_eq(multipart_new(SEVENTY "x", &events, &heard, &multipart), VT_ERR_MALFORMED);
    ck_assert_ptr_null(multipart);
    multipart_free(multipart);
}
END_TEST

/* ---- whole forms ---- */

static const struct {
    const char *body;
    size_t len;
    const char *heard;
    size_t heard_len;
} forms[] = {
    {BYTES("--boundary\r\n" FILE_A "content\r\n--boundary--\r\n"), BYTES(HEARD_A "content")},
    {BYTES("--boundary\r\n" FILE_A "no line end\r\n--boundary--"), BYTES(HEARD_A "no line end")},
    {BYTES("preamble\r\n\r\nof lines\r\n--boundary\r\n" FILE_A
           "x\r\n--boundary--\r\nepilogue\r\n--boundary\r\nstill epilogue"),
     BYTES(HEARD_A "x")},
    {BYTES("x--boundary\r\n--boundary\r\n" FILE_A "x\r\n--boundary--"), BYTES(HEARD_A "x")},
    {BYTES("\r\n--boundary\r\n" FILE_A "x\r\n--boundary--"), BYTES(HEARD_A "x")},
    {BYTES("--boundary--"), BYTES("")},
    {BYTES("--boundary--junk that is epilogue"), BYTES("")},
    {BYTES("--boundary\r\n" FILE_A "\r\n--boundary--"), BYTES(HEARD_A)},
    {BYTES("--boundary\r\n" FILE_A "\r\n\r\n\r\n--boundary--"), BYTES(HEARD_A "\r\n\r\n")},
    {BYTES("--boundary\r\n\r\nno headers\r\n--boundary--"), BYTES("<>no headers")},
    {BYTES("--boundary\r\n\r\n\r\n--boundary--"), BYTES("<>")},
    {BYTES("--boundary\r\n" FILE_A "\r\n--boundar\r\n--bounda\r\n--Boundary\r\n-\r\r\n--\r\n"
           "x--boundary\n--boundary\r--boundary\r\n --boundary\r\n--boundary--"),
     BYTES(HEARD_A "\r\n--boundar\r\n--bounda\r\n--Boundary\r\n-\r\r\n--\r\n"
                   "x--boundary\n--boundary\r--boundary\r\n --boundary")},
    {BYTES("--boundary\r\n" FILE_A "\0\0\r\n\0\r\n\r\n--\0boundary\xff\r\n--boundary--"),
     BYTES(HEARD_A "\0\0\r\n\0\r\n\r\n--\0boundary\xff")},
    {BYTES("--boundary\r\n" FILE_A "one\r\n--boundary\r\nContent-Disposition: two\r\n\r\n"
           "\r\n--boundary\r\n\r\nthree\r\n--boundary--\r\n"),
     BYTES(HEARD_A "one<two><>three")},
    {BYTES("--boundary \t \r\n" FILE_A "x\r\n--boundary\t\r\n" FILE_A "y\r\n--boundary--"),
     BYTES(HEARD_A "x" HEARD_A "y")},
    {BYTES("--boundary\r\nContent-Type: image/png\r\ncontent-disposition:\t form-data\r\n"
           "Content-Length: 1\r\n\r\nx\r\n--boundary--"),
     BYTES("<form-data>x")},
    {BYTES("--boundary\r\nContent-Disposition: first\r\nContent-Disposition: second\r\n\r\n"
           "\r\n--boundary--"),
     BYTES("<first>")},
    {BYTES("--boundary\r\nContent-Dispositions: a\r\nX-Content-Disposition: b\r\n\r\n"
           "x\r\n--boundary--"),
     BYTES("<>x")},
    {BYTES("--boundary\r\nX: a\0b\r\nContent-Disposition: form-data; filename=\"a\0b\"\r\n\r\n"
           "x\r\n--boundary--"),
     BYTES("<form-data; filename=\"a\x01"
           "b\">x")},
};

static void expect_form(int form, size_t first, size_t piece)
{
    struct heard heard = HEARD_INIT;
    struct vt_reason why;
    enum vt_error err = parse(forms[form].body, forms[form].len, first, piece, &heard, &why);

    ck_assert_msg(err == VT_OK, "pieces of %zu and %zu: %s", first, piece, why.text);
    ck_assert_uint_eq(heard.text.len, forms[form].heard_len);
    if (heard.text.len > 0)
        ck_assert_mem_eq(heard.text.data, forms[form].heard, heard.text.len);
    buf_free(&heard.text);
}

START_TEST(form_gives_the_same_events_in_pieces_of_every_size)
{
    for (size_t piece = forms[_i].len; piece > 0; piece--)
        expect_form(_i, 0, piece);
}
END_TEST

START_TEST(form_gives_the_same_events_cut_in_two_anywhere)
{
    for (size_t first = 1; first < forms[_i].len; first++)
        expect_form(_i, first, forms[_i].len);
}
END_TEST

START_TEST(every_beginning_of_a_form_is_refused)
{
    static const char body[] = "preamble\r\n--boundary \r\n" FILE_A "x\r\n--boundary--";
    struct vt_reason why;

    for (size_t len = 0; len < sizeof body - 1; len++) {
        struct heard heard = HEARD_INIT;

        ck_assert_int_eq(parse(body, len, 0, 16, &heard, &why), VT_ERR_MALFORMED);
        ck_assert_str_ne(why.text, "");
        buf_free(&heard.text);
    }
}
END_TEST

/* ---- what is not well formed ---- */

static const struct {
    const char *body;
    size_t len;
} malformed[] = {
    {BYTES("")},
    {BYTES("\r\n")},
    {BYTES("no delimiter at all, but quite some text")},
    {BYTES("x--boundary\r\n\r\nx\r\n--boundar--")},
    {BYTES("--boundaryjunk\r\n" FILE_A "x\r\n--boundary--")},
    {BYTES("--boundary junk\r\n" FILE_A "x\r\n--boundary--")},
    {BYTES("--boundary\n" FILE_A "x\r\n--boundary--")},
    {BYTES("--boundary\r" FILE_A "x\r\n--boundary--")},
    {BYTES("--boundary-\r\n" FILE_A "x\r\n--boundary--")},
    {BYTES("--boundary --\r\n" FILE_A "x\r\n--boundary--")},
    {BYTES("--boundary\0\r\n" FILE_A "x\r\n--boundary--")},
    {BYTES("--boundary\r\n" FILE_A "x\r\n--boundaryy\r\n--boundary--")},
    {BYTES("--boundary\r\n" FILE_A "x\n--boundary--")},
    {BYTES("--boundary\r\nContent-Disposition: form-data\n\nx\r\n--boundary--")},
};

START_TEST(malformed_body_is_refused_in_pieces_of_every_size)
{
    for (size_t piece = malformed[_i].len + 1; piece > 0; piece--) {
        struct heard heard = HEARD_INIT;
        struct vt_reason why;

        ck_assert_int_eq(parse(malformed[_i].body, malformed[_i].len, 0, piece, &heard, &why),
                         VT_ERR_MALFORMED);
        ck_assert_str_ne(why.text, "");
        buf_free(&heard.text);
    }
}
END_TEST

/* ---- limits ---- */

static const size_t pieces[] = {1, 7, 4096, 65536, SIZE_MAX};

/* A form whose one part has a header block of `len` bytes. */
static void expect_headers(size_t len, size_t piece, enum vt_error want)
{
    static const char name[] = "Content-Disposition: ";
    struct heard heard = HEARD_INIT;
    struct buf body = BUF_INIT;
    struct vt_reason why;

    buf_puts(&body, "--boundary\r\n");
    buf_puts(&body, name);
    for (size_t i = sizeof name - 1; i < len; i++)
        buf_puts(&body, "d");
    buf_puts(&body, "\r\n\r\nx\r\n--boundary--");
    ck_assert_int_eq(parse(body.data, body.len, 0, piece, &heard, &why), want);
    if (want == VT_OK)
        ck_assert_uint_eq(heard.text.len, len - (sizeof name - 1) + strlen("<>x"));
    else
        ck_assert_uint_eq(heard.parts, 0);
    buf_free(&heard.text);
    buf_free(&body);
}

START_TEST(header_block_may_have_8192_bytes)
{
    expect_headers(MULTIPART_HEADERS_MAX - 1, pieces[_i], VT_OK);
    expect_headers(MULTIPART_HEADERS_MAX, pieces[_i], VT_OK);
}
END_TEST

START_TEST(header_block_over_8192_bytes_is_refused)
{
    expect_headers(MULTIPART_HEADERS_MAX + 1, pieces[_i], VT_ERR_MALFORMED);
    expect_headers(MULTIPART_HEADERS_MAX + 2, pieces[_i], VT_ERR_MALFORMED);
    expect_headers(10 * MULTIPART_HEADERS_MAX, pieces[_i], VT_ERR_MALFORMED);
}
END_TEST

START_TEST(delimiter_of_endless_blanks_is_refused)
{
    struct heard heard = HEARD_INIT;
    struct buf body = BUF_INIT;
    struct vt_reason why;

    buf_puts(&body, "--boundary");
    for (int i = 0; i < 100000; i++)
        buf_puts(&body, " ");
    ck_assert_int_eq(parse(body.data, body.len, 0, pieces[_i], &heard, &why), VT_ERR_MALFORMED);
    ck_assert_ptr_nonnull(strstr(why.text, "does not end"));
    buf_free(&body);
}
END_TEST

/* Four MiB with many beginnings of a delimiter. */
START_TEST(large_content_keeps_every_byte_in_order)
{
    static const char near[] = "\r\n--boundar";
    struct heard heard = HEARD_INIT;
    struct buf content = BUF_INIT, body = BUF_INIT;
    struct vt_reason why;

    for (unsigned state = 1; content.len < 4u << 20;) {
        unsigned char byte;

        state = state * 1103515245u + 12345u;
        byte = (unsigned char)(state >> 16);
        if (byte < 8)
            buf_append(&content, near, 1 + (state >> 24) % (sizeof near - 1));
        buf_append(&content, &byte, 1);
    }
    buf_puts(&body, "--boundary\r\n\r\n");
    buf_append(&body, content.data, content.len);
    buf_puts(&body, "\r\n--boundary--\r\n");
    ck_assert_int_eq(parse(body.data, body.len, 0, pieces[_i], &heard, &why), VT_OK);
    ck_assert_uint_eq(heard.text.len, content.len + 2);
    ck_assert_mem_eq(heard.text.data + 2, content.data, content.len);
    buf_free(&heard.text);
    buf_free(&content);
    buf_free(&body);
}
END_TEST

/* ---- events that fail ---- */

START_TEST(failing_begin_ends_the_parsing)
{
    static const char body[] = "--boundary\r\n\r\none\r\n--boundary\r\n\r\ntwo\r\n--boundary--";

    for (size_t piece = sizeof body; piece > 0; piece--) {
        struct heard heard = HEARD_INIT;
        struct vt_reason why;

        heard.parts_allowed = 1;
        ck_assert_int_eq(parse(body, sizeof body - 1, 0, piece, &heard, &why), VT_ERR_NO_SPACE);
        ck_assert_str_eq(why.text, "no more parts");
        ck_assert_str_eq(heard.text.data, "<>one");
        ck_assert_uint_eq(heard.failures, 1);
        buf_free(&heard.text);
    }
}
END_TEST

START_TEST(failing_data_ends_the_parsing)
{
    static const char body[] = "--boundary\r\n\r\none\r\n--boundary\r\n\r\ntwo\r\n--boundary--";

    for (size_t piece = sizeof body; piece > 0; piece--) {
        struct heard heard = HEARD_INIT;
        struct vt_reason why;

        heard.data_allowed = 3;
        ck_assert_int_eq(parse(body, sizeof body - 1, 0, piece, &heard, &why), VT_ERR_UNAVAILABLE);
        ck_assert_str_eq(why.text, "no more data");
        ck_assert_str_eq(heard.text.data, "<>one<>");
        ck_assert_uint_eq(heard.failures, 1);
        buf_free(&heard.text);
    }
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("multipart");
    TCase *boundary = tcase_create("boundary"), *form = tcase_create("form");
    TCase *bad = tcase_create("malformed"), *limit = tcase_create("limits");

    tcase_add_loop_test(boundary, boundary_is_taken_or_refused, 0, COUNT(boundaries));
    tcase_add_test(boundary, parser_takes_a_boundary_of_70_characters_and_no_longer_one);
    suite_add_tcase(suite, boundary);
    tcase_add_loop_test(form, form_gives_the_same_events_in_pieces_of_every_size, 0, COUNT(forms));
    tcase_add_loop_test(form, form_gives_the_same_events_cut_in_two_anywhere, 0, COUNT(forms));
    tcase_add_test(form, failing_begin_ends_the_parsing);
    tcase_add_test(form, failing_data_ends_the_parsing);
    suite_add_tcase(suite, form);
    tcase_add_test(bad, every_beginning_of_a_form_is_refused);
    tcase_add_loop_test(bad, malformed_body_is_refused_in_pieces_of_every_size, 0,
                        COUNT(malformed));
    suite_add_tcase(suite, bad);
    tcase_add_loop_test(limit, header_block_may_have_8192_bytes, 0, COUNT(pieces));
    tcase_add_loop_test(limit, header_block_over_8192_bytes_is_refused, 0, COUNT(pieces));
    tcase_add_loop_test(limit, delimiter_of_endless_blanks_is_refused, 0, COUNT(pieces));
    tcase_add_loop_test(limit, large_content_keeps_every_byte_in_order, 0, COUNT(pieces));
    suite_add_tcase(suite, limit);
    return suite;
}
