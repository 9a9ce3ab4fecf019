#include "base/buf.h"

#include <stdint.h>
#include <string.h>

#include "../support/support.h"

START_TEST(a_new_buffer_is_empty)
{
    struct buf buf = BUF_INIT;

    ck_assert(buf_ok(&buf));
    ck_assert_uint_eq(buf.len, 0);
    ck_assert_ptr_null(buf.data);
    buf_free(&buf);
    buf_free(&buf);
    ck_assert_ptr_null(buf.data);
}
END_TEST

START_TEST(appended_texts_follow_each_other)
{
    struct buf buf = BUF_INIT;

    buf_append(&buf, "a\0b", 3);
    buf_puts(&buf, "text");
    buf_printf(&buf, "<%d %s>", 7, "x");
    ck_assert(buf_ok(&buf));
    ck_assert_uint_eq(buf.len, 12);
    ck_assert_mem_eq(buf.data, "a\0btext<7 x>", 13); /* the NUL behind it, too */
    buf_free(&buf);
}
END_TEST

START_TEST(appending_nothing_still_ends_the_text)
{
    struct buf buf = BUF_INIT;

    buf_append(&buf, NULL, 0);
    ck_assert(buf_ok(&buf));
    ck_assert_uint_eq(buf.len, 0);
    ck_assert_str_eq(buf.data, "");
    buf_puts(&buf, "");
    buf_printf(&buf, "%s", "");
    ck_assert_uint_eq(buf.len, 0);
    ck_assert_str_eq(buf.data, "");
    buf_free(&buf);
}
END_TEST

START_TEST(a_growing_buffer_keeps_every_byte)
{
    struct buf buf = BUF_INIT;

    for (unsigned i = 0; i < 100000; i++) {
        unsigned char byte = (unsigned char)(i * 7);

        buf_append(&buf, &byte, 1);
        if (buf.data[buf.len] != '\0')
            ck_abort_msg("no NUL behind byte %u", i);
    }
    ck_assert(buf_ok(&buf));
    ck_assert_uint_eq(buf.len, 100000);
    ck_assert_uint_gt(buf.cap, buf.len);
    for (unsigned i = 0; i < 100000; i++)
        if ((unsigned char)buf.data[i] != (unsigned char)(i * 7))
            ck_abort_msg("byte %u is another", i);
    buf_free(&buf);
}
END_TEST

START_TEST(printf_takes_text_of_any_length)
{
    struct buf buf = BUF_INIT;
    char text[5001];

    memset(text, 'x', 5000);
    text[5000] = '\0';
    for (int i = 0; i < 3; i++)
        buf_printf(&buf, "[%s]", text);
    ck_assert_uint_eq(buf.len, 3 * 5002);
    ck_assert_int_eq(buf.data[5001], ']');
    ck_assert_int_eq(buf.data[5002], '[');
    ck_assert_uint_eq(strlen(buf.data), buf.len);
    buf_free(&buf);
}
END_TEST

static const struct {
    const char *text, *html;
} html[] = {
    {"", ""},
    {"plain text", "plain text"},
    {"&<>\"'", "&amp;&lt;&gt;&quot;&#39;"},
    {"<img src=\"x\" onerror='y()'>", "&lt;img src=&quot;x&quot; onerror=&#39;y()&#39;&gt;"},
    {"&amp;", "&amp;amp;"},
    {"caf\xc3\xa9 \x80/=`", "caf\xc3\xa9 \x80/=`"},
};

START_TEST(markup_in_texts_is_escaped)
{
    struct buf buf = BUF_INIT;

    buf_puts(&buf, "|");
    buf_puts_html(&buf, html[_i].text);
    ck_assert_str_eq(buf.data + 1, html[_i].html);
    buf_free(&buf);
}
END_TEST

START_TEST(clearing_a_buffer_keeps_its_memory)
{
    struct buf buf = BUF_INIT;
    char *data;

    buf_puts(&buf, "some text");
    data = buf.data;
    buf_clear(&buf);
    ck_assert_uint_eq(buf.len, 0);
    ck_assert_str_eq(buf.data, "");
    buf_puts(&buf, "more");
    ck_assert_ptr_eq(buf.data, data);
    ck_assert_str_eq(buf.data, "more");
    buf_free(&buf);
    buf_clear(&buf);
    ck_assert_ptr_null(buf.data);
}
END_TEST

START_TEST(failure_drops_the_content_and_lasts)
{
    struct buf buf = BUF_INIT;
    volatile size_t too_much = SIZE_MAX / 2, most = SIZE_MAX;

    buf_puts(&buf, "some text");
    buf_append(&buf, "x", too_much);
    ck_assert(!buf_ok(&buf));
    ck_assert_uint_eq(buf.len, 0);
    ck_assert_ptr_null(buf.data);
    buf_puts(&buf, "more");
    buf_printf(&buf, "%d", 1);
    buf_puts_html(&buf, "<");
    ck_assert(!buf_ok(&buf));
    ck_assert_ptr_null(buf.data);
    buf_clear(&buf);
    buf_puts(&buf, "again");
    ck_assert(buf_ok(&buf));
    ck_assert_str_eq(buf.data, "again");
    buf_append(&buf, "x", most);
    ck_assert(!buf_ok(&buf));
    buf_free(&buf);
    ck_assert(buf_ok(&buf));
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("buf");
    TCase *buf = tcase_create("buf");

    tcase_add_test(buf, a_new_buffer_is_empty);
    tcase_add_test(buf, appended_texts_follow_each_other);
    tcase_add_test(buf, appending_nothing_still_ends_the_text);
    tcase_add_test(buf, a_growing_buffer_keeps_every_byte);
    tcase_add_test(buf, printf_takes_text_of_any_length);
    tcase_add_loop_test(buf, markup_in_texts_is_escaped, 0, (int)(sizeof html / sizeof html[0]));
    tcase_add_test(buf, clearing_a_buffer_keeps_its_memory);
    tcase_add_test(buf, failure_drops_the_content_and_lasts);
    suite_add_tcase(suite, buf);
    return suite;
}
