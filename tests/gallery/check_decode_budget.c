#include "gallery/decode_budget.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../support/support.h"

#define BUDGET 1000
#define ID_A "00112233445566778899aabbccddeeff"
#define ID_B "ffeeddccbbaa99887766554433221100"

static char path[256];

static void set_up(void)
{
    ck_assert_uint_lt(strlen(support_folder()), sizeof path - 16);
    (void)snprintf(path, sizeof path, "%s/decodes", support_folder());
}

/* The accounts as another process has them: each open of the file is one with locks of its own. */
static struct decode_budget *join(void)
{
    struct decode_budget *budget = NULL;

    ck_assert_int_eq(decode_budget_new(path, BUDGET, true, &budget), VT_OK);
    return budget;
}

static bool give_up(void *context, bool is_last)
{
    (void)context;
    (void)is_last;
    return false;
}

/* Asks once. */
static enum vt_error take(struct decode_budget *budget, enum decode_purpose purpose,
                          const char *address, uint64_t memory)
{
    const struct decode_claim claim = {purpose, address, memory};
    struct vt_reason why = {""};

    return decode_budget_take(budget, &claim, give_up, NULL, &why);
}

START_TEST(a_decode_over_the_budget_waits_and_one_that_can_never_fit_is_refused)
{
    struct decode_budget *first = join(), *second = join();

    ck_assert_int_eq(take(first, DECODE_UPLOAD, NULL, 600), VT_OK);
    ck_assert_int_eq(take(second, DECODE_UPLOAD, NULL, 400), VT_OK);
    decode_budget_return(second);
    ck_assert_int_eq(take(second, DECODE_UPLOAD, NULL, 401), VT_ERR_BUSY);
    ck_assert_int_eq(take(second, DECODE_UPLOAD, NULL, BUDGET + 1), VT_ERR_IMAGE_LIMIT);
    decode_budget_return(first);
    ck_assert_int_eq(take(second, DECODE_UPLOAD, NULL, BUDGET), VT_OK);
    decode_budget_free(first);
    decode_budget_free(second);
}
END_TEST

START_TEST(a_claim_that_waits_too_long_is_answered_busy)
{
    const struct decode_claim claim = {DECODE_THUMBNAIL, NULL, BUDGET};
    struct decode_budget *first = join(), *second = join();
    struct vt_reason why = {""};

    ck_assert_int_eq(take(first, DECODE_UPLOAD, NULL, 1), VT_OK);
    ck_assert_int_eq(decode_budget_take(second, &claim, NULL, NULL, &why), VT_ERR_BUSY);
    ck_assert_ptr_nonnull(strstr(why.text, "memory"));
    decode_budget_free(first);
    decode_budget_free(second);
}
END_TEST

START_TEST(the_memory_of_a_dead_process_is_free_again)
{
    struct decode_budget *budget = join();
    pid_t child = fork();

    if (child == 0) {
        struct decode_budget *own = NULL;

        _exit(decode_budget_new(path, BUDGET, true, &own) == VT_OK &&
                      take(own, DECODE_UPLOAD, NULL, BUDGET) == VT_OK
                  ? 0
                  : 1);
    }
    ck_assert_int_eq(support_wait(child), 0);
    ck_assert_int_eq(take(budget, DECODE_UPLOAD, NULL, BUDGET), VT_OK);
    decode_budget_free(budget);
}
END_TEST

START_TEST(thumbnails_leave_a_worker_to_uploads)
{
    struct decode_budget *workers[3] = {join(), join(), join()};

    ck_assert_int_eq(take(workers[0], DECODE_THUMBNAIL, "192.0.2.1", 1), VT_OK);
    ck_assert_int_eq(take(workers[1], DECODE_THUMBNAIL, "192.0.2.2", 1), VT_OK);
    ck_assert_int_eq(take(workers[2], DECODE_THUMBNAIL, "192.0.2.3", 1), VT_ERR_BUSY);
    ck_assert_int_eq(take(workers[2], DECODE_UPLOAD, "192.0.2.3", 1), VT_OK);
    for (int i = 0; i < 3; i++)
        decode_budget_free(workers[i]);
}
END_TEST

START_TEST(metadata_is_read_while_nothing_is_decoded_and_keeps_nobody_from_decoding)
{
    struct decode_budget *reader = NULL, *first = join(), *second = join();

    ck_assert_int_eq(decode_budget_new(path, BUDGET, false, &reader), VT_OK);
    ck_assert_int_eq(take(first, DECODE_THUMBNAIL, NULL, 1), VT_OK);
    ck_assert_int_eq(take(reader, DECODE_METADATA, NULL, 1), VT_ERR_BUSY);
    decode_budget_return(first);
    ck_assert_int_eq(take(first, DECODE_UPLOAD, NULL, 1), VT_OK);
    ck_assert_int_eq(take(reader, DECODE_METADATA, NULL, 1), VT_ERR_BUSY);
    decode_budget_return(first);
    ck_assert_int_eq(take(reader, DECODE_METADATA, NULL, 1), VT_OK);
    ck_assert_int_eq(take(first, DECODE_THUMBNAIL, NULL, 1), VT_OK);
    ck_assert_int_eq(take(second, DECODE_UPLOAD, NULL, 1), VT_OK);
    decode_budget_free(reader);
    decode_budget_free(first);
    decode_budget_free(second);
}
END_TEST

START_TEST(a_single_worker_makes_thumbnails_all_the_same)
{
    struct decode_budget *budget = join();

    ck_assert_int_eq(take(budget, DECODE_THUMBNAIL, "192.0.2.1", 1), VT_OK);
    decode_budget_free(budget);
}
END_TEST

START_TEST(one_client_has_two_thumbnails_made_at_once)
{
    struct decode_budget *workers[5];

    for (int i = 0; i < 5; i++)
        workers[i] = join();
    /* One network of 64 bits is one client. */
    ck_assert_int_eq(take(workers[0], DECODE_THUMBNAIL, "2001:db8::1", 1), VT_OK);
    ck_assert_int_eq(take(workers[1], DECODE_THUMBNAIL, "2001:db8::2", 1), VT_OK);
    ck_assert_int_eq(take(workers[2], DECODE_THUMBNAIL, "2001:db8::3", 1), VT_ERR_BUSY);
    ck_assert_int_eq(take(workers[2], DECODE_THUMBNAIL, "2001:db8:0:1::3", 1), VT_OK);
    for (int i = 0; i < 5; i++)
        decode_budget_free(workers[i]);
}
END_TEST

/* Has the client owe that many seconds, as if a decode had taken them. */
static void owe(struct decode_budget *budget, const char *address, int seconds)
{
    ck_assert_int_eq(take(budget, DECODE_UPLOAD, address, 1), VT_OK);
    decode_budget_set_back(budget, seconds);
    decode_budget_return(budget);
}

START_TEST(clients_whose_time_is_used_up_leave_a_worker_to_others)
{
    struct decode_budget *workers[3] = {join(), join(), join()};

    owe(workers[0], "192.0.2.1", DECODE_BUDGET_SECONDS - 10);
    ck_assert_int_eq(take(workers[0], DECODE_THUMBNAIL, "192.0.2.1", 1), VT_OK);
    decode_budget_return(workers[0]);
    owe(workers[0], "192.0.2.1", 20);
    owe(workers[0], "192.0.2.2", DECODE_BUDGET_SECONDS + 10);
    ck_assert_int_eq(take(workers[0], DECODE_THUMBNAIL, "192.0.2.1", 1), VT_ERR_TOO_MANY);
    ck_assert_int_eq(take(workers[0], DECODE_UPLOAD, "192.0.2.1", 1), VT_OK);
    ck_assert_int_eq(take(workers[1], DECODE_UPLOAD, "192.0.2.2", 1), VT_OK);
    ck_assert_int_eq(take(workers[2], DECODE_UPLOAD, "192.0.2.1", 1), VT_ERR_TOO_MANY);
    ck_assert_int_eq(take(workers[2], DECODE_UPLOAD, "192.0.2.3", 1), VT_OK);
    for (int i = 0; i < 3; i++)
        decode_budget_free(workers[i]);
}
END_TEST

START_TEST(an_import_is_no_worker_that_could_be_left_free)
{
    struct decode_budget *workers[2] = {join(), join()}, *import = NULL;

    ck_assert_int_eq(decode_budget_new(path, BUDGET, false, &import), VT_OK);
    ck_assert_int_eq(take(workers[0], DECODE_THUMBNAIL, "192.0.2.1", 1), VT_OK);
    ck_assert_int_eq(take(workers[1], DECODE_THUMBNAIL, "192.0.2.2", 1), VT_ERR_BUSY);
    decode_budget_free(workers[0]);
    decode_budget_free(workers[1]);
    decode_budget_free(import);
}
END_TEST

/* `vitrine import` does not answer requests. */
START_TEST(a_worker_knows_whether_it_is_the_only_one)
{
    struct decode_budget *worker = join(), *other, *import = NULL;

    ck_assert_int_eq(decode_budget_new(path, BUDGET, false, &import), VT_OK);
    ck_assert_int_eq(take(worker, DECODE_THUMBNAIL, NULL, 1), VT_OK);
    ck_assert(decode_budget_has_only_worker(worker));
    decode_budget_return(worker);
    ck_assert_int_eq(take(import, DECODE_UPLOAD, NULL, 1), VT_OK);
    ck_assert(!decode_budget_has_only_worker(import));
    decode_budget_return(import);
    other = join();
    ck_assert_int_eq(take(worker, DECODE_THUMBNAIL, NULL, 1), VT_OK);
    ck_assert(!decode_budget_has_only_worker(worker));
    decode_budget_free(other);
    decode_budget_free(worker);
    decode_budget_free(import);
}
END_TEST

START_TEST(a_failure_is_remembered_for_its_image_and_size)
{
    struct decode_budget *first = join(), *second = join();

    ck_assert(!decode_budget_has_failed(first, ID_A, 2048));
    decode_budget_note_failure(first, ID_A, 2048);
    ck_assert(decode_budget_has_failed(second, ID_A, 2048));
    ck_assert(!decode_budget_has_failed(second, ID_A, 1280));
    ck_assert(!decode_budget_has_failed(second, ID_B, 2048));
    decode_budget_free(first);
    decode_budget_free(second);
}
END_TEST

START_TEST(without_the_file_a_process_has_a_budget_of_its_own)
{
    struct decode_budget *budget = NULL;

    ck_assert_int_eq(mkdir(path, 0700), 0);
    ck_assert_int_eq(decode_budget_new(path, BUDGET, true, &budget), VT_OK);
    ck_assert_int_eq(take(budget, DECODE_THUMBNAIL, "192.0.2.1", BUDGET), VT_OK);
    decode_budget_return(budget);
    ck_assert_int_eq(take(budget, DECODE_UPLOAD, NULL, BUDGET + 1), VT_ERR_IMAGE_LIMIT);
    decode_budget_free(budget);
}
END_TEST

START_TEST(a_file_of_something_else_begins_anew)
{
    struct decode_budget *budget;
    static char noise[100000];

    memset(noise, 0xa5, sizeof noise);
    support_write_file(path, noise, sizeof noise);
    budget = join();
    ck_assert_int_eq(take(budget, DECODE_UPLOAD, "192.0.2.1", BUDGET), VT_OK);
    decode_budget_free(budget);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("decode_budget");
    TCase *cases = tcase_create("decode_budget");

    tcase_add_checked_fixture(cases, set_up, NULL);
    tcase_add_test(cases, a_decode_over_the_budget_waits_and_one_that_can_never_fit_is_refused);
    tcase_add_test(cases, a_claim_that_waits_too_long_is_answered_busy);
    tcase_add_test(cases, the_memory_of_a_dead_process_is_free_again);
    tcase_add_test(cases, thumbnails_leave_a_worker_to_uploads);
    tcase_add_test(cases, metadata_is_read_while_nothing_is_decoded_and_keeps_nobody_from_decoding);
    tcase_add_test(cases, a_single_worker_makes_thumbnails_all_the_same);
    tcase_add_test(cases, one_client_has_two_thumbnails_made_at_once);
    tcase_add_test(cases, clients_whose_time_is_used_up_leave_a_worker_to_others);
    tcase_add_test(cases, an_import_is_no_worker_that_could_be_left_free);
    tcase_add_test(cases, a_worker_knows_whether_it_is_the_only_one);
    tcase_add_test(cases, a_failure_is_remembered_for_its_image_and_size);
    tcase_add_test(cases, without_the_file_a_process_has_a_budget_of_its_own);
    tcase_add_test(cases, a_file_of_something_else_begins_anew);
    suite_add_tcase(suite, cases);
    return suite;
}
