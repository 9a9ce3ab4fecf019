#include "base/log.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../support/support.h"

/* Standard error goes into a pipe of packets: what one read gives is what one write put in. */
static int lines[2];
static int old_stderr;

static void set_up(void)
{
    ck_assert_int_eq(pipe2(lines, O_DIRECT | O_NONBLOCK), 0);
    old_stderr = dup(STDERR_FILENO);
    ck_assert_int_ge(dup2(lines[1], STDERR_FILENO), 0);
}

static void tear_down(void)
{
    (void)dup2(old_stderr, STDERR_FILENO);
    (void)close(old_stderr);
    (void)close(lines[0]);
    (void)close(lines[1]);
}

/* The next line without its end; NULL where there is none. */
static const char *next_line(void)
{
    static char line[8192];
    ssize_t len = read(lines[0], line, sizeof line - 1);

    if (len < 0)
        return NULL;
    ck_assert_int_gt(len, 0);
    ck_assert_int_eq(line[len - 1], '\n');
    line[len - 1] = '\0';
    ck_assert_ptr_null(strchr(line, '\n'));
    return line;
}

/* The next line's message between its quotes, still escaped. */
static const char *next_message(void)
{
    static char message[8192];
    const char *start, *line = next_line();
    size_t len;

    ck_assert_ptr_nonnull(line);
    start = strstr(line, " msg=\"");
    ck_assert_ptr_nonnull(start);
    start += strlen(" msg=\"");
    len = strlen(start);
    ck_assert_uint_gt(len, 0);
    ck_assert_int_eq(start[len - 1], '"');
    memcpy(message, start, len - 1);
    message[len - 1] = '\0';
    return message;
}

START_TEST(line_has_level_process_and_message)
{
    static const char *const levels[] = {"error", "warning", "info"};
    char want[128];

    log_error("the %s is %d", "answer", 42);
    log_warning("the %s is %d", "answer", 42);
    log_info("the %s is %d", "answer", 42);
    for (int i = 0; i < 3; i++) {
        (void)snprintf(want, sizeof want, "level=%s pid=%ld msg=\"the answer is 42\"", levels[i],
                       (long)getpid());
        ck_assert_pstr_eq(next_line(), want);
    }
    ck_assert_ptr_null(next_line());
}
END_TEST

static const struct {
    const char *message, *escaped;
} escapes[] = {
    {"", ""},
    {"plain, with = and '", "plain, with = and '"},
    {"a \"quoted\" word", "a \\\"quoted\\\" word"},
    {"back\\slash", "back\\\\slash"},
    {"two\nlines\r\n", "two\\x0alines\\x0d\\x0a"},
    {"\" level=error msg=\"forged", "\\\" level=error msg=\\\"forged"},
    {"\t\x01\x1b[31m\x7f", "\\x09\\x01\\x1b[31m\\x7f"},
    {"caf\xc3\xa9 \xff", "caf\xc3\xa9 \\xff"},
    {"c1 \xc2\x9b"
     "2J, raw \x9b",
     "c1 \\xc2\\x9b"
     "2J, raw \\x9b"},
    {"gpj.\xe2\x80\xae"
     "exe",
     "gpj.\\xe2\\x80\\xae"
     "exe"},
    {"\xd8\x9c"
     "a\xe2\x81\xa6"
     "b\xf3\xa0\x81\xa1",
     "\\xd8\\x9c"
     "a\\xe2\\x81\\xa6"
     "b\\xf3\\xa0\\x81\\xa1"},
    {"\xe4\xba\xac \xf0\x9f\x93\xb7", "\xe4\xba\xac \xf0\x9f\x93\xb7"},
};

START_TEST(a_log_message_is_escaped)
{
    log_info("%s", escapes[_i].message);
    ck_assert_pstr_eq(next_message(), escapes[_i].escaped);
    ck_assert_ptr_null(next_line());
}
END_TEST

START_TEST(a_long_log_message_is_shortened)
{
    char message[3000];

    memset(message, 'x', sizeof message);
    message[1000] = '\0';
    log_info("%s", message);
    ck_assert_uint_eq(strlen(next_message()), 1000);
    message[1000] = 'x';
    message[sizeof message - 1] = '\0';
    log_info("%s", message);
    ck_assert_uint_eq(strlen(next_message()), 1000);
    ck_assert_ptr_null(next_line());
}
END_TEST

START_TEST(longest_line_is_still_one_write)
{
    char message[3000];

    memset(message, '\n', sizeof message);
    message[sizeof message - 1] = '\0';
    log_info("%s", message);
    ck_assert_uint_eq(strlen(next_message()), 4000);
    ck_assert_ptr_null(next_line());
}
END_TEST

START_TEST(errors_past_a_limit_are_counted_and_left_out)
{
    const struct timespec period = {.tv_sec = 1, .tv_nsec = 1000 * 1000};

    log_limit(2, 1);
    for (unsigned i = 0; i < 100; i++)
        log_error("again");
    log_info("a request");
    ck_assert_pstr_eq(next_message(), "again");
    ck_assert_pstr_eq(next_message(), "again");
    ck_assert_pstr_eq(next_message(), "a request");
    ck_assert_ptr_null(next_line());
    ck_assert_int_eq(nanosleep(&period, NULL), 0);
    log_warning("later");
    ck_assert_pstr_eq(next_message(), "log: 98 errors and warnings were left out");
    ck_assert_pstr_eq(next_message(), "later");
    log_limit(0, 0);
}
END_TEST

START_TEST(a_log_line_that_cannot_be_written_is_ignored)
{
    ck_assert_int_eq(close(STDERR_FILENO), 0);
    log_error("nobody hears this");
    ck_assert_int_ge(dup2(lines[1], STDERR_FILENO), 0);
    ck_assert_ptr_null(next_line());
    log_error("but this");
    ck_assert_pstr_eq(next_message(), "but this");
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("log");
    TCase *log = tcase_create("log");

    tcase_add_checked_fixture(log, set_up, tear_down);
    tcase_add_test(log, line_has_level_process_and_message);
    tcase_add_loop_test(log, a_log_message_is_escaped, 0,
                        (int)(sizeof escapes / sizeof escapes[0]));
    tcase_add_test(log, a_long_log_message_is_shortened);
    tcase_add_test(log, longest_line_is_still_one_write);
    tcase_add_test(log, errors_past_a_limit_are_counted_and_left_out);
    tcase_add_test(log, a_log_line_that_cannot_be_written_is_ignored);
    suite_add_tcase(suite, log);
    return suite;
}
