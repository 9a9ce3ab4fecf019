#include "watchdog.h"

#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support.h"

/* Runs a task in a child, with the writing end of a pipe. Gives the child's status, and what it
 * wrote there. */
static int run(void (*task)(int words), char *said, size_t size)
{
    int ends[2], status = 0;
    ssize_t got, len = 0;
    pid_t child;

    ck_assert_int_eq(pipe(ends), 0);
    child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        (void)close(ends[0]);
        task(ends[1]);
        _exit(0);
    }
    (void)close(ends[1]);
    while ((got = read(ends[0], said + len, size - 1 - (size_t)len)) > 0)
        len += got;
    said[len] = '\0';
    (void)close(ends[0]);
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    return status;
}

static _Noreturn void hang(void)
{
    for (;;) {
        /* no call of the system that a signal could end */
        __asm__ volatile("");
    }
}

static void never_come_back(int words)
{
    watchdog_set_words(words, "the last words", 14);
    (void)dup2(words, STDERR_FILENO);
    if (watchdog_start(1, "a test") == VT_OK)
        hang();
}

START_TEST(who_does_not_come_back_is_ended_with_its_last_words)
{
    char said[400];
    int status = run(never_come_back, said, sizeof said);

    ck_assert(WIFEXITED(status));
    ck_assert_int_eq(WEXITSTATUS(status), 1);
    ck_assert_int_eq(strncmp(said, "level=error pid=", 16), 0);
    ck_assert_ptr_nonnull(strstr(said, " takes over 1 s; the worker ends\"\nthe last words"));
}
END_TEST

static void have_no_words(int words)
{
    static char much[WATCHDOG_WORDS_SIZE + 1];

    memset(much, 'x', sizeof much);
    watchdog_set_words(words, much, sizeof much);
    if (watchdog_start(1, "a test") == VT_OK)
        hang();
}

START_TEST(words_that_are_too_long_are_none)
{
    char said[WATCHDOG_WORDS_SIZE + 2];
    int status = run(have_no_words, said, sizeof said);

    ck_assert(WIFEXITED(status));
    ck_assert_int_eq(WEXITSTATUS(status), 1);
    ck_assert_str_eq(said, "");
}
END_TEST

static void come_back(int words)
{
    watchdog_set_words(words, "words", 5);
    watchdog_stop();
    for (int i = 0; i < 3; i++) {
        if (watchdog_start(1, "a test") != VT_OK)
            _exit(2);
        watchdog_stop();
    }
    (void)sleep(2);
    _exit(3);
}

START_TEST(who_comes_back_in_time_goes_on)
{
    char said[100];
    int status = run(come_back, said, sizeof said);

    ck_assert(WIFEXITED(status));
    ck_assert_int_eq(WEXITSTATUS(status), 3);
    ck_assert_str_eq(said, "");
}
END_TEST

START_TEST(a_fork_has_a_timer_of_its_own)
{
    char said[400];
    int status;

    ck_assert_int_eq(watchdog_start(30, "a test"), VT_OK);
    status = run(never_come_back, said, sizeof said);
    ck_assert(WIFEXITED(status));
    ck_assert_int_eq(WEXITSTATUS(status), 1);
    watchdog_stop();
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("watchdog");
    TCase *all = tcase_create("all");

    tcase_add_test(all, who_does_not_come_back_is_ended_with_its_last_words);
    tcase_add_test(all, words_that_are_too_long_are_none);
    tcase_add_test(all, who_comes_back_in_time_goes_on);
    tcase_add_test(all, a_fork_has_a_timer_of_its_own);
    tcase_set_timeout(all, 60);
    suite_add_tcase(suite, all);
    return suite;
}
