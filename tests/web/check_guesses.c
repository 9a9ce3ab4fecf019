#include "web/guesses.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../support/support.h"

#define NOW INT64_C(1800000000000)

static char path[256];

static void set_up(void)
{
    (void)snprintf(path, sizeof path, "%s/guesses", support_folder());
}

static struct guesses *map(void)
{
    struct guesses *guesses = NULL;

    ck_assert_int_eq(guesses_new(path, &guesses), VT_OK);
    ck_assert_ptr_nonnull(guesses);
    return guesses;
}

static void note(struct guesses *guesses, const char *address, int count)
{
    for (int i = 0; i < count; i++)
        guesses_note_wrong(guesses, address, NOW);
}

START_TEST(an_address_may_be_wrong_so_many_times)
{
    struct guesses *guesses = map();

    ck_assert(guesses_may_try(guesses, "192.0.2.1", NOW));
    note(guesses, "192.0.2.1", GUESSES_AT_ONCE - 1);
    ck_assert(guesses_may_try(guesses, "192.0.2.1", NOW));
    note(guesses, "192.0.2.1", 1);
    ck_assert(!guesses_may_try(guesses, "192.0.2.1", NOW));
    ck_assert(guesses_may_try(guesses, "192.0.2.2", NOW));
    guesses_free(guesses);
}
END_TEST

START_TEST(a_guess_is_forgiven_after_each_period)
{
    struct guesses *guesses = map();

    note(guesses, "192.0.2.1", GUESSES_AT_ONCE);
    ck_assert(!guesses_may_try(guesses, "192.0.2.1", NOW + GUESSES_PERIOD_MS - 1));
    ck_assert(guesses_may_try(guesses, "192.0.2.1", NOW + GUESSES_PERIOD_MS));
    guesses_note_wrong(guesses, "192.0.2.1", NOW + GUESSES_PERIOD_MS);
    ck_assert(!guesses_may_try(guesses, "192.0.2.1", NOW + GUESSES_PERIOD_MS));
    ck_assert(guesses_may_try(guesses, "192.0.2.1", NOW + GUESSES_AT_ONCE * GUESSES_PERIOD_MS));
    guesses_free(guesses);
}
END_TEST

START_TEST(networks_of_ipv6_and_mapped_addresses_count_as_one)
{
    struct guesses *guesses = map();

    note(guesses, "2001:db8:0:1::1", GUESSES_AT_ONCE);
    ck_assert(!guesses_may_try(guesses, "2001:db8:0:1:ffff::2", NOW));
    ck_assert(guesses_may_try(guesses, "2001:db8:0:2::1", NOW));
    note(guesses, "::ffff:192.0.2.1", GUESSES_AT_ONCE);
    ck_assert(!guesses_may_try(guesses, "192.0.2.1", NOW));
    ck_assert(guesses_may_try(guesses, "192.0.2.2", NOW));
    note(guesses, "unix:", GUESSES_AT_ONCE);
    ck_assert(!guesses_may_try(guesses, "unix:", NOW));
    ck_assert(guesses_may_try(guesses, "", NOW));
    guesses_free(guesses);
}
END_TEST

START_TEST(all_processes_share_the_count_of_an_address)
{
    struct guesses *guesses = map(), *later;
    int status = -1;
    pid_t child = fork();

    ck_assert_int_ge(child, 0);
    if (child == 0) {
        struct guesses *own = map();

        note(own, "192.0.2.1", GUESSES_AT_ONCE);
        _exit(0);
    }
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_int_eq(status, 0);
    ck_assert(!guesses_may_try(guesses, "192.0.2.1", NOW));
    guesses_free(guesses);
    later = map();
    ck_assert(!guesses_may_try(later, "192.0.2.1", NOW));
    guesses_free(later);
}
END_TEST

START_TEST(the_latest_guessers_are_remembered_among_very_many)
{
    struct guesses *guesses = map();
    char address[32];

    for (unsigned i = 0; i < 50000; i++) {
        (void)snprintf(address, sizeof address, "10.%u.%u.%u", i >> 16, i >> 8 & 255, i & 255);
        guesses_note_wrong(guesses, address, NOW);
    }
    note(guesses, "192.0.2.1", GUESSES_AT_ONCE);
    ck_assert(!guesses_may_try(guesses, "192.0.2.1", NOW));
    guesses_free(guesses);
}
END_TEST

/* The clock was set back by years, or the file is anything. */
START_TEST(a_moment_that_no_guess_leads_to_locks_nobody_out_for_longer)
{
    struct guesses *guesses = map();

    note(guesses, "192.0.2.1", 1);
    ck_assert(!guesses_may_try(guesses, "192.0.2.1", NOW / 2));
    guesses_note_wrong(guesses, "192.0.2.1", NOW / 2);
    ck_assert(
        guesses_may_try(guesses, "192.0.2.1", NOW / 2 + (GUESSES_AT_ONCE + 1) * GUESSES_PERIOD_MS));
    guesses_free(guesses);
}
END_TEST

START_TEST(a_file_that_cannot_be_used_is_replaced_or_done_without)
{
    struct guesses *guesses;

    support_write_file(path, "short", 5);
    guesses = map();
    note(guesses, "192.0.2.1", GUESSES_AT_ONCE);
    guesses_free(guesses);
    guesses = map();
    ck_assert(!guesses_may_try(guesses, "192.0.2.1", NOW));
    guesses_free(guesses);
    ck_assert_int_eq(unlink(path), 0);
    ck_assert_int_eq(mkdir(path, 0700), 0);
    guesses = map();
    note(guesses, "192.0.2.1", GUESSES_AT_ONCE);
    ck_assert(!guesses_may_try(guesses, "192.0.2.1", NOW));
    guesses_free(guesses);
}
END_TEST

START_TEST(without_a_table_everybody_may_try)
{
    guesses_note_wrong(NULL, "192.0.2.1", NOW);
    ck_assert(guesses_may_try(NULL, "192.0.2.1", NOW));
    guesses_free(NULL);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("guesses");
    TCase *all = tcase_create("guesses");

    tcase_add_checked_fixture(all, set_up, NULL);
    tcase_add_test(all, an_address_may_be_wrong_so_many_times);
    tcase_add_test(all, a_guess_is_forgiven_after_each_period);
    tcase_add_test(all, networks_of_ipv6_and_mapped_addresses_count_as_one);
    tcase_add_test(all, all_processes_share_the_count_of_an_address);
    tcase_add_test(all, the_latest_guessers_are_remembered_among_very_many);
    tcase_add_test(all, a_moment_that_no_guess_leads_to_locks_nobody_out_for_longer);
    tcase_add_test(all, a_file_that_cannot_be_used_is_replaced_or_done_without);
    tcase_add_test(all, without_a_table_everybody_may_try);
    suite_add_tcase(suite, all);
    return suite;
}
