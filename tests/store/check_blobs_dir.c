#include "store/blobs.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../support/support.h"

static const char id_a[] = "aa000000000000000000000000000001",
                  id_b[] = "bb000000000000000000000000000002";

static const struct blob_key original = {0, id_a, "jpg"}, thumbnail = {320, id_b, "webp"};

static struct blobs *opened(void)
{
    struct blobs *blobs;
    struct vt_reason why = {""};

    ck_assert_int_eq(blobs_dir_open(support_folder(), &blobs, &why), VT_OK);
    return blobs;
}

static const char *in_store(const char *name)
{
    return support_path(support_folder(), name);
}

static void put(struct blobs *blobs, const struct blob_key *key, const char *text)
{
    struct blob_stage stage = BLOB_STAGE_INIT;

    ck_assert_int_eq(blobs_stage(blobs, &stage), VT_OK);
    ck_assert_int_eq(blobs_stage_write(&stage, text, strlen(text)), VT_OK);
    ck_assert_int_eq(blobs_stage_sync(&stage), VT_OK);
    ck_assert_int_eq(blobs_stage_publish(&stage, key), VT_OK);
    blobs_stage_free(&stage);
}

/* The text of a blob. */
static const char *text_of(struct blobs *blobs, const struct blob_key *key)
{
    static char text[64];
    ssize_t got;
    int fd;

    ck_assert_int_eq(blobs_open(blobs, key, &fd), VT_OK);
    got = read(fd, text, sizeof text - 1);
    ck_assert_int_ge(got, 0);
    text[got] = '\0';
    ck_assert_int_eq(close(fd), 0);
    return text;
}

static bool exists(const char *name)
{
    struct stat status;

    return lstat(in_store(name), &status) == 0;
}

/* ---- stages ---- */

START_TEST(a_published_blob_can_be_read)
{
    struct blobs *blobs = opened();

    put(blobs, &original, "original");
    put(blobs, &thumbnail, "thumbnail");
    ck_assert_str_eq(text_of(blobs, &original), "original");
    ck_assert_str_eq(text_of(blobs, &thumbnail), "thumbnail");
    ck_assert(exists("uploads/aa/aa000000000000000000000000000001.jpg"));
    ck_assert(exists("thumbs/320/bb/bb000000000000000000000000000002.webp"));
    ck_assert_uint_eq(support_count_files(in_store("tmp")), 0);
    blobs_close(blobs);
}
END_TEST

START_TEST(a_stage_is_written_in_pieces_and_read_back)
{
    struct blobs *blobs = opened();
    struct blob_stage stage = BLOB_STAGE_INIT;
    char back[8] = "";

    ck_assert_int_eq(blobs_stage(blobs, &stage), VT_OK);
    ck_assert_int_eq(blobs_stage_write(&stage, "abc", 3), VT_OK);
    ck_assert_int_eq(blobs_stage_write(&stage, NULL, 0), VT_OK);
    ck_assert_int_eq(blobs_stage_write(&stage, "def", 3), VT_OK);
    ck_assert_int_eq(pread(stage.fd, back, sizeof back, 0), 6);
    ck_assert_str_eq(back, "abcdef");
    ck_assert_int_eq(blobs_stage_publish(&stage, &original), VT_OK);
    ck_assert_int_eq(pread(stage.fd, back, sizeof back, 0), 6); /* open until it is freed */
    blobs_stage_free(&stage);
    ck_assert_int_eq(stage.fd, -1);
    ck_assert_str_eq(text_of(blobs, &original), "abcdef");
    blobs_close(blobs);
}
END_TEST

START_TEST(an_unpublished_stage_leaves_nothing)
{
    struct blobs *blobs = opened();
    struct blob_stage stage = BLOB_STAGE_INIT;
    int fd;

    blobs_stage_free(&stage); /* safe before it begins */
    ck_assert_int_eq(blobs_stage(blobs, &stage), VT_OK);
    ck_assert_int_eq(blobs_stage_write(&stage, "abc", 3), VT_OK);
    ck_assert_uint_eq(support_count_files(support_folder()), 1);
    blobs_stage_free(&stage);
    blobs_stage_free(&stage);
    ck_assert_uint_eq(support_count_files(support_folder()), 0);
    ck_assert_int_eq(blobs_open(blobs, &original, &fd), VT_ERR_NOT_FOUND);
    blobs_close(blobs);
}
END_TEST

START_TEST(many_stages_stand_beside_each_other)
{
    struct blobs *blobs = opened();
    struct blob_stage stages[50];

    for (int i = 0; i < 50; i++) {
        ck_assert_int_eq(blobs_stage(blobs, &stages[i]), VT_OK);
        ck_assert_int_eq(blobs_stage_write(&stages[i], &i, sizeof i), VT_OK);
    }
    ck_assert_uint_eq(support_count_files(in_store("tmp")), 50);
    for (int i = 0; i < 50; i++) {
        int back = -1;

        ck_assert_int_eq(pread(stages[i].fd, &back, sizeof back, 0), sizeof back);
        ck_assert_int_eq(back, i);
        blobs_stage_free(&stages[i]);
    }
    ck_assert_uint_eq(support_count_files(in_store("tmp")), 0);
    blobs_close(blobs);
}
END_TEST

START_TEST(a_stage_that_was_swept_is_not_published)
{
    struct blobs *blobs = opened();
    struct blob_stage stage = BLOB_STAGE_INIT;
    char path[PATH_MAX];

    ck_assert_int_eq(blobs_stage(blobs, &stage), VT_OK);
    ck_assert_int_eq(blobs_stage_write(&stage, "abc", 3), VT_OK);
    (void)snprintf(path, sizeof path, "%s/%s", support_folder(), stage.path);
    ck_assert_int_eq(unlink(path), 0);
    ck_assert_int_eq(blobs_stage_publish(&stage, &original), VT_ERR_UNAVAILABLE);
    blobs_stage_free(&stage);
    ck_assert_uint_eq(support_count_files(support_folder()), 0);
    blobs_close(blobs);
}
END_TEST

START_TEST(publishing_replaces_what_is_there)
{
    struct blobs *blobs = opened();
    int before;
    char text[16] = "";

    put(blobs, &original, "old");
    ck_assert_int_eq(blobs_open(blobs, &original, &before), VT_OK);
    put(blobs, &original, "new");
    ck_assert_str_eq(text_of(blobs, &original), "new");
    ck_assert_int_eq(read(before, text, sizeof text), 3); /* who was reading reads on */
    ck_assert_str_eq(text, "old");
    ck_assert_int_eq(close(before), 0);
    ck_assert_uint_eq(support_count_files(support_folder()), 1);
    blobs_close(blobs);
}
END_TEST

START_TEST(blobs_are_readable_by_the_group_and_nobody_else)
{
    struct blobs *blobs = opened();
    struct stat status;

    (void)umask(0);
    put(blobs, &original, "original");
    ck_assert_int_eq(stat(in_store("uploads/aa/aa000000000000000000000000000001.jpg"), &status), 0);
    ck_assert_uint_eq(status.st_mode & 07777, 0640);
    ck_assert_int_eq(stat(in_store("uploads/aa"), &status), 0);
    ck_assert_uint_eq(status.st_mode & 07777, 0750);
    blobs_close(blobs);
}
END_TEST

/* ---- keys ---- */

static const struct blob_key bad_keys[] = {
    {0, "", "jpg"},
    {0, "aa", "jpg"},
    {0, "AA000000000000000000000000000001", "jpg"},
    {0, "aa00000000000000000000000000001", "jpg"},
    {0, "aa0000000000000000000000000000011", "jpg"},
    {0, "../../../../../../../../etc/pass", "jpg"},
    {0, "aa/0000000000000000000000000000/", "jpg"},
    {320, "zz000000000000000000000000000001", "jpg"},
    {0, id_a, ""},
    {0, id_a, "a/../b"},
    {0, id_a, "toolongext"},
};

START_TEST(a_bad_key_is_refused_everywhere)
{
    struct blobs *blobs = opened();
    struct blob_stage stage = BLOB_STAGE_INIT;
    const struct blob_key *key = &bad_keys[_i];
    int fd = -1;

    ck_assert_int_eq(blobs_stage(blobs, &stage), VT_OK);
    ck_assert_int_eq(blobs_stage_publish(&stage, key), VT_ERR_INTERNAL);
    ck_assert_int_eq(blobs_open(blobs, key, &fd), VT_ERR_INTERNAL);
    ck_assert_int_eq(blobs_remove(blobs, key), VT_ERR_INTERNAL);
    blobs_stage_free(&stage);
    ck_assert_uint_eq(support_count_files(support_folder()), 0);
    blobs_close(blobs);
}
END_TEST

START_TEST(open_finds_just_the_key_asked_for)
{
    struct blobs *blobs = opened();
    const struct blob_key others[] = {
        {0, id_a, "png"}, {0, id_b, "jpg"}, {320, id_a, "jpg"}, {640, id_b, "webp"}};
    int fd;

    put(blobs, &original, "original");
    put(blobs, &thumbnail, "thumbnail");
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        ck_assert_int_eq(blobs_open(blobs, &others[i], &fd), VT_ERR_NOT_FOUND);
    blobs_close(blobs);
}
END_TEST

START_TEST(remove_removes_and_does_so_again)
{
    struct blobs *blobs = opened();
    int fd;

    put(blobs, &original, "original");
    put(blobs, &thumbnail, "thumbnail");
    ck_assert_int_eq(blobs_remove(blobs, &original), VT_OK);
    ck_assert_int_eq(blobs_open(blobs, &original, &fd), VT_ERR_NOT_FOUND);
    ck_assert_int_eq(blobs_remove(blobs, &original), VT_OK);
    ck_assert_str_eq(text_of(blobs, &thumbnail), "thumbnail");
    blobs_close(blobs);
}
END_TEST

START_TEST(a_symbolic_link_is_not_followed)
{
    struct blobs *blobs = opened();
    int fd = -1;

    put(blobs, &original, "original");
    ck_assert_int_eq(blobs_remove(blobs, &original), VT_OK);
    support_write_file(in_store("secret"), "secret", 6);
    ck_assert_int_eq(
        symlink("../../secret", in_store("uploads/aa/aa000000000000000000000000000001.jpg")), 0);
    ck_assert_int_ne(blobs_open(blobs, &original, &fd), VT_OK);
    put(blobs, &original, "original");
    ck_assert_str_eq(text_of(blobs, &original), "original");
    ck_assert_uint_eq(support_count_files(support_folder()), 2); /* the secret is as it was */
    blobs_close(blobs);
}
END_TEST

/* ---- walks and sweeps ---- */

struct walked {
    unsigned originals, thumbnails;
    time_t modified;
};

static enum vt_error note(void *context, const struct blob_key *key,
                          const struct blob_status *status)
{
    struct walked *walked = context;

    if (key->size == 0) {
        ck_assert_str_eq(key->id, id_a);
        ck_assert_str_eq(key->extension, "jpg");
        walked->originals++;
        walked->modified = status->modified;
    } else {
        ck_assert_uint_eq(key->size, 320);
        ck_assert_str_eq(key->id, id_b);
        ck_assert_str_eq(key->extension, "webp");
        walked->thumbnails++;
    }
    return VT_OK;
}

START_TEST(walk_finds_originals_and_thumbnails)
{
    struct blobs *blobs = opened();
    struct walked walked = {0};

    ck_assert_int_eq(blobs_walk(blobs, note, &walked), VT_OK);
    ck_assert_uint_eq(walked.originals + walked.thumbnails, 0);
    put(blobs, &original, "original");
    put(blobs, &thumbnail, "thumbnail");
    support_age_file(in_store("uploads/aa/aa000000000000000000000000000001.jpg"), 7200);
    ck_assert_int_eq(blobs_walk(blobs, note, &walked), VT_OK);
    ck_assert_uint_eq(walked.originals, 1);
    ck_assert_uint_eq(walked.thumbnails, 1);
    ck_assert_int_le(walked.modified, time(NULL) - 7200);
    ck_assert_int_ge(walked.modified, time(NULL) - 7260);
    blobs_close(blobs);
}
END_TEST

START_TEST(walk_passes_over_what_is_not_the_stores)
{
    static const char *const folders[] = {"uploads/aa",   "uploads/zz",   "uploads/aaa",
                                          "thumbs/320",   "thumbs/large", "thumbs/320/aa",
                                          "thumbs/999999"};
    static const char *const files[] = {
        "uploads/README",
        "uploads/aa/.hidden",
        "uploads/aa/note.txt",
        "uploads/aa/aa000000000000000000000000000001",
        "uploads/aa/aa000000000000000000000000000001.",
        "uploads/aa/aa000000000000000000000000000001.jpg~",
        "uploads/aa/aa000000000000000000000000000001.jpg.old",
        "uploads/aa/aa000000000000000000000000000001.backup-of-mine",
        "uploads/aa/AA000000000000000000000000000001.jpg",
        "uploads/zz/aa000000000000000000000000000001.jpg",
        "uploads/aaa/aa000000000000000000000000000001.jpg",
        "thumbs/large/aa000000000000000000000000000001.jpg",
        "thumbs/320/aa000000000000000000000000000001.jpg",
    };
    struct blobs *blobs = opened();
    struct walked walked = {0};

    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++)
        (void)support_subfolder(support_folder(), folders[i]);
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
        support_write_file(in_store(files[i]), "x", 1);
    (void)support_subfolder(support_folder(), "uploads/aa/aa000000000000000000000000000003.jpg");
    ck_assert_int_eq(
        symlink("note.txt", in_store("uploads/aa/aa000000000000000000000000000004.jpg")), 0);
    ck_assert_int_eq(symlink("aa", in_store("uploads/ab")), 0);
    ck_assert_int_eq(blobs_walk(blobs, note, &walked), VT_OK);
    ck_assert_uint_eq(walked.originals + walked.thumbnails, 0);
    blobs_close(blobs);
}
END_TEST

static enum vt_error refuse(void *context, const struct blob_key *key,
                            const struct blob_status *status)
{
    (void)key;
    (void)status;
    ++*(unsigned *)context;
    return VT_ERR_UNAVAILABLE;
}

START_TEST(walk_ends_with_its_visitors_error)
{
    struct blobs *blobs = opened();
    unsigned calls = 0;

    put(blobs, &original, "original");
    put(blobs, &thumbnail, "thumbnail");
    ck_assert_int_eq(blobs_walk(blobs, refuse, &calls), VT_ERR_UNAVAILABLE);
    ck_assert_uint_eq(calls, 1);
    blobs_close(blobs);
}
END_TEST

START_TEST(sweep_removes_at_once_the_stages_that_nobody_holds)
{
    struct blobs *blobs = opened();
    struct blob_stage stage = BLOB_STAGE_INIT;
    unsigned removed = 1;

    put(blobs, &original, "original");
    support_age_file(in_store("uploads/aa/aa000000000000000000000000000001.jpg"), 7200);
    ck_assert_int_eq(blobs_stage(blobs, &stage), VT_OK);
    support_age_file(in_store(stage.path), 7200);
    support_write_file(in_store("tmp/0000000000000001"), "x", 1);
    (void)support_subfolder(support_folder(), "tmp/folder");
    support_age_file(in_store("tmp/folder"), 7200);
    ck_assert_int_eq(blobs_sweep_stages(blobs, time(NULL) - 3600, &removed), VT_OK);
    ck_assert_uint_eq(removed, 2); /* it adds to what was there */
    ck_assert(!exists("tmp/0000000000000001"));
    ck_assert(exists(stage.path)); /* however old it is */
    ck_assert(exists("tmp/folder"));
    ck_assert_str_eq(text_of(blobs, &original), "original");
    blobs_stage_free(&stage);
    blobs_close(blobs);
}
END_TEST

START_TEST(sweep_leaves_what_sqlite_keeps_beside_a_stage_to_its_holder)
{
    static const char *const ends[] = {"-wal", "-shm", "-journal"};
    struct blobs *blobs = opened();
    struct blob_stage stage = BLOB_STAGE_INIT;
    char beside[PATH_MAX];
    unsigned removed = 0;

    ck_assert_int_eq(blobs_stage(blobs, &stage), VT_OK);
    for (size_t i = 0; i < 3; i++) {
        (void)snprintf(beside, sizeof beside, "%s%s", stage.path, ends[i]);
        support_write_file(in_store(beside), "x", 1);
    }
    ck_assert_int_eq(blobs_sweep_stages(blobs, time(NULL) - 3600, &removed), VT_OK);
    ck_assert_uint_eq(removed, 0);
    blobs_stage_free(&stage);
    ck_assert_int_eq(blobs_sweep_stages(blobs, time(NULL) - 3600, &removed), VT_OK);
    ck_assert_uint_eq(removed, 3);
    ck_assert_uint_eq(support_count_files(in_store("tmp")), 0);
    blobs_close(blobs);
}
END_TEST

START_TEST(a_stage_lasts_as_long_as_its_process)
{
    struct blobs *blobs = opened();
    unsigned removed = 0;
    int ready[2], status;
    char byte;
    pid_t child;

    ck_assert_int_eq(pipe(ready), 0);
    child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        struct blob_stage stage = BLOB_STAGE_INIT;

        if (blobs_stage(blobs, &stage) != VT_OK || blobs_stage_write(&stage, "x", 1) != VT_OK ||
            write(ready[1], "x", 1) != 1)
            _exit(1);
        for (;;)
            (void)pause();
    }
    ck_assert_int_eq(read(ready[0], &byte, 1), 1);
    ck_assert_int_eq(blobs_sweep_stages(blobs, time(NULL) - 3600, &removed), VT_OK);
    ck_assert_uint_eq(removed, 0);
    ck_assert_int_eq(kill(child, SIGKILL), 0);
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_int_eq(blobs_sweep_stages(blobs, time(NULL) - 3600, &removed), VT_OK);
    ck_assert_uint_eq(removed, 1);
    (void)close(ready[0]);
    (void)close(ready[1]);
    blobs_close(blobs);
}
END_TEST

/* Nothing is lost with it, and nobody may have died. */
START_TEST(an_empty_stage_that_nobody_holds_goes_uncounted)
{
    struct blobs *blobs = opened();
    unsigned removed = 0;

    support_write_file(in_store("tmp/0000000000000001"), "", 0);
    ck_assert_int_eq(blobs_sweep_stages(blobs, time(NULL) - 3600, &removed), VT_OK);
    ck_assert_uint_eq(removed, 0);
    ck_assert(!exists("tmp/0000000000000001"));
    blobs_close(blobs);
}
END_TEST

/* Makes stages while another process sweeps all the time. */
START_TEST(no_sweep_takes_a_stage_that_is_just_being_made)
{
    struct blobs *blobs = opened();
    struct blob_stage stage = BLOB_STAGE_INIT;
    unsigned removed = 0;
    pid_t child = fork();

    ck_assert_int_ge(child, 0);
    if (child == 0)
        while (blobs_sweep_stages(blobs, time(NULL) - 3600, &removed) == VT_OK)
            continue;
    for (int i = 0; i < 2000; i++) {
        ck_assert_int_eq(blobs_stage(blobs, &stage), VT_OK);
        ck_assert_int_eq(blobs_stage_write(&stage, "x", 1), VT_OK);
        ck_assert(exists(stage.path));
        blobs_stage_free(&stage);
    }
    ck_assert_int_eq(kill(child, SIGKILL), 0);
    ck_assert_int_eq(waitpid(child, NULL, 0), child);
    ck_assert_uint_eq(support_count_files(in_store("tmp")), 0);
    blobs_close(blobs);
}
END_TEST

static enum vt_error note_held(void *context, const char *path, bool is_stage,
                               const struct blob_status *status)
{
    int *seen = context;

    (void)path;
    ck_assert(is_stage);
    seen[status->held]++;
    return VT_OK;
}

START_TEST(a_walk_tells_which_stages_are_held)
{
    struct blobs *blobs = opened();
    struct blob_stage stage = BLOB_STAGE_INIT;
    int seen[2] = {0, 0};

    ck_assert_int_eq(blobs_stage(blobs, &stage), VT_OK);
    support_write_file(in_store("tmp/0000000000000001"), "x", 1);
    support_write_file(in_store("tmp/0000000000000002"), "x", 1);
    ck_assert_int_eq(blobs_walk_strays(blobs, note_held, seen), VT_OK);
    ck_assert_int_eq(seen[true], 1);
    ck_assert_int_eq(seen[false], 2);
    blobs_stage_free(&stage);
    blobs_close(blobs);
}
END_TEST

START_TEST(a_stage_knows_what_was_staged_before_it)
{
    struct blobs *blobs = opened();
    struct blob_stage stages[3];
    uint64_t bytes[3];

    for (size_t i = 0; i < 3; i++) {
        ck_assert_int_eq(blobs_stage(blobs, &stages[i]), VT_OK);
        ck_assert_int_eq(blobs_stage_write(&stages[i], "123456789", 3 + i), VT_OK);
    }
    for (size_t i = 0; i < 3; i++)
        ck_assert_int_eq(blobs_stage_before(&stages[i], &bytes[i]), VT_OK);
    ck_assert_uint_eq(bytes[0], 0);
    ck_assert_uint_eq(bytes[1], 3);
    ck_assert_uint_eq(bytes[2], 3 + 4);
    blobs_stage_free(&stages[0]);
    ck_assert_int_eq(blobs_stage_before(&stages[2], &bytes[2]), VT_OK);
    ck_assert_uint_eq(bytes[2], 4);
    blobs_stage_free(&stages[1]);
    blobs_stage_free(&stages[2]);
    blobs_close(blobs);
}
END_TEST

/* ---- the store ---- */

START_TEST(check_is_content_with_a_fine_store)
{
    struct blobs *blobs = opened();
    uint64_t free_bytes = 0;

    ck_assert_int_eq(blobs_check(blobs, &free_bytes), VT_OK);
    ck_assert_uint_gt(free_bytes, 0);
    blobs_close(blobs);
}
END_TEST

START_TEST(check_misses_the_stores_folders)
{
    struct blobs *blobs = opened();
    uint64_t free_bytes;

    ck_assert_int_eq(rmdir(in_store("tmp")), 0);
    ck_assert_int_eq(blobs_check(blobs, &free_bytes), VT_ERR_UNAVAILABLE);
    blobs_close(blobs);
}
END_TEST

/* Neither permissions nor free space tell this one. */
START_TEST(a_disk_that_takes_no_bytes_fails_its_check)
{
    struct blobs *blobs = opened();
    struct rlimit usual, none;
    uint64_t free_bytes;
    enum vt_error err;

    ck_assert(signal(SIGXFSZ, SIG_IGN) != SIG_ERR);
    ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &usual), 0);
    none = usual;
    none.rlim_cur = 0;
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &none), 0);
    err = blobs_check(blobs, &free_bytes);
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &usual), 0); /* Check writes, too */
    ck_assert_int_eq(err, VT_ERR_NO_SPACE);
    ck_assert_uint_eq(support_count_files(in_store("tmp")), 0);
    blobs_close(blobs);
}
END_TEST

START_TEST(open_again_finds_what_is_there)
{
    struct blobs *blobs = opened();

    put(blobs, &original, "original");
    blobs_close(blobs);
    blobs = opened();
    ck_assert_str_eq(text_of(blobs, &original), "original");
    blobs_close(blobs);
    blobs_close(NULL);
}
END_TEST

START_TEST(opening_a_store_needs_its_folder)
{
    struct blobs *blobs;
    struct vt_reason why = {""};

    ck_assert_int_eq(blobs_dir_open(in_store("nowhere"), &blobs, &why), VT_ERR_UNAVAILABLE);
    ck_assert_ptr_null(blobs);
    ck_assert_str_ne(why.text, "");
    ck_assert_ptr_null(strstr(why.text, support_folder()));
    ck_assert(!exists("nowhere"));
    support_write_file(in_store("file"), "x", 1);
    ck_assert_int_ne(blobs_dir_open(in_store("file"), &blobs, &why), VT_OK);
    ck_assert_ptr_null(blobs);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("blobs_dir");
    TCase *stages = tcase_create("stages"), *keys = tcase_create("keys");
    TCase *walks = tcase_create("walks"), *store = tcase_create("store");

    tcase_add_test(stages, a_published_blob_can_be_read);
    tcase_add_test(stages, a_stage_is_written_in_pieces_and_read_back);
    tcase_add_test(stages, an_unpublished_stage_leaves_nothing);
    tcase_add_test(stages, many_stages_stand_beside_each_other);
    tcase_add_test(stages, a_stage_knows_what_was_staged_before_it);
    tcase_add_test(stages, a_stage_that_was_swept_is_not_published);
    tcase_add_test(stages, publishing_replaces_what_is_there);
    tcase_add_test(stages, blobs_are_readable_by_the_group_and_nobody_else);
    suite_add_tcase(suite, stages);
    tcase_add_loop_test(keys, a_bad_key_is_refused_everywhere, 0,
                        (int)(sizeof bad_keys / sizeof bad_keys[0]));
    tcase_add_test(keys, open_finds_just_the_key_asked_for);
    tcase_add_test(keys, remove_removes_and_does_so_again);
    tcase_add_test(keys, a_symbolic_link_is_not_followed);
    suite_add_tcase(suite, keys);
    tcase_add_test(walks, walk_finds_originals_and_thumbnails);
    tcase_add_test(walks, walk_passes_over_what_is_not_the_stores);
    tcase_add_test(walks, walk_ends_with_its_visitors_error);
    tcase_add_test(walks, sweep_removes_at_once_the_stages_that_nobody_holds);
    tcase_add_test(walks, sweep_leaves_what_sqlite_keeps_beside_a_stage_to_its_holder);
    tcase_add_test(walks, a_stage_lasts_as_long_as_its_process);
    tcase_add_test(walks, an_empty_stage_that_nobody_holds_goes_uncounted);
    tcase_add_test(walks, no_sweep_takes_a_stage_that_is_just_being_made);
    tcase_add_test(walks, a_walk_tells_which_stages_are_held);
    suite_add_tcase(suite, walks);
    tcase_add_test(store, check_is_content_with_a_fine_store);
    tcase_add_test(store, a_disk_that_takes_no_bytes_fails_its_check);
    tcase_add_test(store, check_misses_the_stores_folders);
    tcase_add_test(store, open_again_finds_what_is_there);
    tcase_add_test(store, opening_a_store_needs_its_folder);
    suite_add_tcase(suite, store);
    return suite;
}
