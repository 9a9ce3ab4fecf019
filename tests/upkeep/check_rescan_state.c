#include "upkeep/rescan_state.h"

#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../support/support.h"
#include "image/metadata.h"
#include "upkeep/upkeep.h"

static char path[PATH_MAX];
static int fd;

static int open_file(void)
{
    int opened = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

    ck_assert_int_ge(opened, 0);
    return opened;
}

static void start(void)
{
    (void)snprintf(path, sizeof path, "%s/%s", support_folder(), RESCAN_STATE_FILE);
    fd = open_file();
}

static void stop(void)
{
    (void)close(fd);
}

static const struct rescan_state largest = {UINT_MAX, UINT64_MAX, INT64_MAX - 1, INT64_MAX};

START_TEST(a_state_is_read_as_it_was_written)
{
    static const struct rescan_state states[] = {{1, 2, 3, 4}, {0, 0, 0, 0}};
    struct rescan_state read = {0};

    ck_assert_int_eq(rescan_state_write(fd, &largest), VT_OK);
    ck_assert(rescan_state_read(fd, &read));
    ck_assert_uint_eq(read.catalogue, largest.catalogue);
    ck_assert_int_eq(read.to, largest.to);
    for (size_t i = 0; i < sizeof states / sizeof states[0]; i++) {
        ck_assert_int_eq(rescan_state_write(fd, &states[i]), VT_OK);
        ck_assert(rescan_state_read(fd, &read));
        ck_assert_uint_eq(read.reader, states[i].reader);
        ck_assert_uint_eq(read.catalogue, states[i].catalogue);
        ck_assert_int_eq(read.done, states[i].done);
        ck_assert_int_eq(read.to, states[i].to);
    }
}
END_TEST

START_TEST(a_file_that_is_not_whole_is_no_state)
{
    struct rescan_state state;
    struct buf text;

    ck_assert(!rescan_state_read(fd, &state));
    ck_assert_int_eq(rescan_state_write(fd, &largest), VT_OK);
    support_read_file(path, &text);
    for (size_t len = 0; len < text.len; len++) {
        support_write_file(path, text.data, len);
        ck_assert(!rescan_state_read(fd, &state));
    }
    buf_free(&text);
}
END_TEST

START_TEST(a_state_that_cannot_be_true_is_none)
{
    static const char *const texts[] = {"vitrine-rescan 2 1 2 3 4",  "vitrine-rescan 1 1 2 4 3",
                                        "vitrine-rescan 1 1 2 -1 3", "vitrine-rescan 1 1 2 3 4 5",
                                        "vitrine-rescan 1 1 2 3 x",  ""};
    struct rescan_state state;
    char text[128];

    memset(text, ' ', sizeof text);
    memcpy(text, texts[_i], strlen(texts[_i]));
    support_write_file(path, text, sizeof text);
    ck_assert(!rescan_state_read(fd, &state));
}
END_TEST

START_TEST(a_state_is_of_one_reader_and_one_catalogue)
{
    struct stat status;
    struct rescan_state state = {.reader = IMAGE_METADATA_READER};

    ck_assert_int_eq(stat(path, &status), 0);
    state.catalogue = (uint64_t)status.st_ino;
    ck_assert(rescan_state_is_current(&state, path));
    ck_assert(!rescan_state_is_current(&state, support_folder()));
    ck_assert(!rescan_state_is_current(&state, support_path(support_folder(), "nothing")));
    state.reader++;
    ck_assert(!rescan_state_is_current(&state, path));
}
END_TEST

START_TEST(one_rescan_is_at_work_while_others_change_the_state)
{
    int other = open_file();

    ck_assert_int_eq(rescan_state_claim(fd), VT_OK);
    ck_assert_int_eq(rescan_state_claim(other), VT_ERR_BUSY);
    ck_assert_int_eq(rescan_state_lock(other, true), VT_OK);
    ck_assert_int_eq(rescan_state_lock(other, false), VT_OK);
    ck_assert_int_eq(rescan_state_lock(fd, true), VT_OK);
    (void)close(fd);
    ck_assert_int_eq(rescan_state_claim(other), VT_OK);
    ck_assert_int_eq(rescan_state_lock(other, true), VT_OK);
    fd = other;
}
END_TEST

START_TEST(a_process_that_is_killed_leaves_no_lock)
{
    int other = open_file(), status = 0;
    pid_t child;

    ck_assert_int_eq(rescan_state_claim(fd), VT_OK);
    child = fork();
    if (child == 0) {
        if (rescan_state_lock(fd, true) == VT_OK)
            (void)raise(SIGKILL);
        _exit(EXIT_FAILURE);
    }
    ck_assert_int_gt(child, 0);
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFSIGNALED(status));
    upkeep_rescan_unlock(fd);
    ck_assert_int_eq(rescan_state_lock(other, true), VT_OK); /* it would wait for ever */
    ck_assert_int_eq(rescan_state_claim(other), VT_ERR_BUSY);
    (void)close(other);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("rescan_state");
    TCase *all = tcase_create("all");

    tcase_add_checked_fixture(all, start, stop);
    tcase_add_test(all, a_state_is_read_as_it_was_written);
    tcase_add_test(all, a_file_that_is_not_whole_is_no_state);
    tcase_add_loop_test(all, a_state_that_cannot_be_true_is_none, 0, 6);
    tcase_add_test(all, a_state_is_of_one_reader_and_one_catalogue);
    tcase_add_test(all, one_rescan_is_at_work_while_others_change_the_state);
    tcase_add_test(all, a_process_that_is_killed_leaves_no_lock);
    suite_add_tcase(suite, all);
    return suite;
}
