/* When the gallery removes the listing's first page and writes the next one. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../support/app.h"
#include "../support/support.h"
#include "gallery/gallery.h"
#include "gallery/listing_json.h"
#include "store/catalogue.h"

static struct config config;
static struct gallery *gallery;

static void start(void)
{
    support_config(support_subfolder(support_folder(), "data"), &config);
    ck_assert_int_eq(gallery_new(&config, &gallery), VT_OK);
    gallery_publish_by(gallery, listing_json_first);
}

static void stop(void)
{
    gallery_free(gallery);
}

static const char *page_path(void)
{
    return support_path(config.data, "listing/first.json");
}

static bool is_there(void)
{
    struct stat status;

    return lstat(page_path(), &status) == 0;
}

/* The page is there, and what the catalogue holds now. */
static void check_fresh(void)
{
    struct buf page, now = BUF_INIT;

    support_read_file(page_path(), &page);
    ck_assert_int_eq(listing_json_first(gallery, &now), VT_OK);
    ck_assert_str_eq(page.data, now.data);
    buf_free(&page);
    buf_free(&now);
}

static void add(unsigned seed, struct added *added)
{
    const struct picture picture = {.coder = "PNG", .seed = seed};

    support_add_picture(gallery, &picture, "x", added);
}

static enum vt_error rename_to(const char *id, const char *name)
{
    const struct change change = {.name = name};
    struct record record;

    return gallery_change(gallery, id, &change, &record, NULL);
}

START_TEST(every_change_writes_the_first_page)
{
    struct added first, second;
    time_t before;
    struct stat status;

    add(1, &first);
    check_fresh();
    add(2, &second);
    check_fresh();
    ck_assert_int_eq(stat(page_path(), &status), 0);
    before = status.st_mtim.tv_sec;
    ck_assert_int_eq(rename_to(first.record.id, "y"), VT_OK);
    check_fresh();
    ck_assert_int_eq(stat(page_path(), &status), 0);
    ck_assert_int_ne(status.st_mtim.tv_sec, before);
    ck_assert_int_eq(gallery_remove(gallery, second.record.id), VT_OK);
    check_fresh();
}
END_TEST

START_TEST(a_new_epoch_gives_the_page_another_time)
{
    struct stat before, after;
    struct added added;

    add(1, &added);
    ck_assert_int_eq(stat(page_path(), &before), 0);
    ck_assert_int_eq(gallery_renew(gallery), VT_OK);
    check_fresh();
    ck_assert_int_eq(stat(page_path(), &after), 0);
    ck_assert_int_ne(before.st_mtim.tv_sec, after.st_mtim.tv_sec);
    ck_assert_int_eq(before.st_size, after.st_size);
}
END_TEST

START_TEST(a_gallery_without_a_writer_removes_only)
{
    struct added added;

    add(1, &added);
    gallery_publish_by(gallery, NULL);
    gallery_publish(gallery);
    ck_assert(is_there());
    ck_assert_int_eq(rename_to(added.record.id, "y"), VT_OK);
    ck_assert(!is_there());
    gallery_publish(gallery);
    ck_assert(!is_there());
}
END_TEST

START_TEST(a_page_that_is_missing_is_published)
{
    struct added added;

    gallery_publish(gallery);
    check_fresh();
    add(1, &added);
    ck_assert_int_eq(unlink(page_path()), 0);
    gallery_publish(gallery);
    check_fresh();
}
END_TEST

START_TEST(a_page_that_is_there_is_left_alone)
{
    struct added added;
    struct buf page;

    add(1, &added);
    support_write_file(page_path(), "mark", 4);
    gallery_publish(gallery);
    support_read_file(page_path(), &page);
    ck_assert_str_eq(page.data, "mark");
    buf_free(&page);
}
END_TEST

START_TEST(opening_the_store_removes_the_page)
{
    struct gallery *other;
    struct added added;

    add(1, &added);
    ck_assert(is_there());
    ck_assert_int_eq(gallery_new(&config, &other), VT_OK);
    ck_assert_int_eq(gallery_open(other, NULL), VT_OK);
    ck_assert(!is_there());
    gallery_free(other);
}
END_TEST

START_TEST(a_refused_change_leaves_the_page)
{
    struct added added;

    add(1, &added);
    ck_assert_int_eq(rename_to(added.record.id, ""), VT_ERR_MALFORMED);
    ck_assert_int_eq(rename_to("00000000000000000000000000000000", "y"), VT_ERR_NOT_FOUND);
    ck_assert_int_eq(gallery_remove(gallery, "00000000000000000000000000000000"), VT_ERR_NOT_FOUND);
    check_fresh();
}
END_TEST

/* What a page that cannot be removed must stop: nginx would serve it on. */
START_TEST(no_change_where_the_page_cannot_be_removed)
{
    const struct picture picture = {.coder = "PNG", .seed = 2};
    struct added added, second;
    struct totals before, after;
    struct record record;
    struct buf file;

    add(1, &added);
    ck_assert_int_eq(gallery_totals(gallery, &before), VT_OK);
    ck_assert_int_eq(unlink(page_path()), 0);
    ck_assert_int_eq(mkdir(page_path(), 0700), 0);
    ck_assert_int_ne(rename_to(added.record.id, "y"), VT_OK);
    ck_assert_int_ne(gallery_remove(gallery, added.record.id), VT_OK);
    support_picture(&picture, &file);
    ck_assert_int_ne(support_add(gallery, file.data, file.len, "x", &second, NULL), VT_OK);
    ck_assert_int_eq(gallery_totals(gallery, &after), VT_OK);
    ck_assert_str_eq(after.version, before.version);
    ck_assert_uint_eq(support_count_files(support_path(config.data, "uploads")), 1);
    ck_assert_int_eq(gallery_get(gallery, added.record.id, &record), VT_OK);
    ck_assert_str_eq(record.name, "x");
    ck_assert_int_eq(rmdir(page_path()), 0);
    ck_assert_int_eq(rename_to(added.record.id, "y"), VT_OK);
    check_fresh();
    buf_free(&file);
}
END_TEST

START_TEST(a_page_that_cannot_be_written_is_no_error)
{
    const char *staged = "listing/new.json";
    struct added added;

    add(1, &added);
    ck_assert_int_eq(mkdir(support_path(config.data, staged), 0700), 0);
    ck_assert_int_eq(rename_to(added.record.id, "y"), VT_OK);
    ck_assert(!is_there());
    ck_assert_int_eq(rmdir(support_path(config.data, staged)), 0);
    gallery_publish(gallery);
    check_fresh();
}
END_TEST

static struct catalogue *other_connection(void)
{
    struct catalogue *other;
    const char *path = support_path(config.data, "catalogue.sqlite");

    ck_assert_int_eq(catalogue_sqlite_open(path, &other, NULL), VT_OK);
    return other;
}

/* Of a change that is under way, nobody knows yet whether its page will be the right one. */
START_TEST(nobody_publishes_beside_a_change)
{
    struct catalogue *other;

    ck_assert_int_eq(gallery_open(gallery, NULL), VT_OK);
    other = other_connection();
    ck_assert_int_eq(catalogue_lock(other), VT_OK);
    gallery_publish(gallery);
    ck_assert(!is_there());
    catalogue_rollback(other);
    gallery_publish(gallery);
    check_fresh();
    catalogue_close(other);
}
END_TEST

static struct catalogue *intruder;

static enum vt_error write_while_others_try(struct gallery *self, struct buf *page)
{
    ck_assert_int_eq(catalogue_try_lock(intruder), VT_ERR_UNAVAILABLE);
    return listing_json_first(self, page);
}

START_TEST(nobody_changes_anything_while_the_page_is_written)
{
    struct added added;

    ck_assert_int_eq(gallery_open(gallery, NULL), VT_OK);
    intruder = other_connection();
    gallery_publish_by(gallery, write_while_others_try);
    add(1, &added);
    check_fresh();
    catalogue_close(intruder);
}
END_TEST

static enum vt_error die(struct gallery *self, struct buf *page)
{
    (void)self;
    (void)page;
    (void)kill(getpid(), SIGKILL);
    return VT_OK;
}

static enum vt_error write_then_die(struct gallery *self, struct buf *page)
{
    return getenv("VITRINE_TEST_SECOND") == NULL ? listing_json_first(self, page) : die(self, page);
}

/* Killed when the change is committed and the page not yet written. */
START_TEST(a_worker_killed_before_it_publishes_leaves_no_page)
{
    struct added added;
    struct record record;
    pid_t child;
    int status;

    add(1, &added);
    gallery_free(gallery); /* a connection must not cross a fork */
    child = fork();
    if (child == 0) {
        if (gallery_new(&config, &gallery) == VT_OK) {
            gallery_publish_by(gallery, write_then_die);
            gallery_publish(gallery);
            (void)setenv("VITRINE_TEST_SECOND", "1", 1);
            (void)rename_to(added.record.id, "y");
        }
        _exit(1);
    }
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    ck_assert(!is_there());
    ck_assert_int_eq(gallery_new(&config, &gallery), VT_OK);
    gallery_publish_by(gallery, listing_json_first);
    ck_assert_int_eq(gallery_get(gallery, added.record.id, &record), VT_OK);
    ck_assert_str_eq(record.name, "y");
    gallery_publish(gallery); /* the dead one's lock is free */
    check_fresh();
}
END_TEST

/* Renames an image again and again; each time the page, where one is there, has the new name. */
static void rename_and_look(const char *id, unsigned number)
{
    for (unsigned i = 0; i < 40; i++) {
        char name[32], wanted[48];
        char text[16384];
        size_t len;
        FILE *file;

        (void)snprintf(name, sizeof name, "name %u %02u", number, i);
        (void)snprintf(wanted, sizeof wanted, "\"name\":\"%s\"", name);
        SUPPORT_MUST(rename_to(id, name) == VT_OK);
        file = fopen(page_path(), "rb");
        if (file == NULL)
            continue; /* another one is about to publish */
        len = fread(text, 1, sizeof text - 1, file);
        text[len] = '\0';
        SUPPORT_MUST(fclose(file) == 0);
        SUPPORT_MUST(strstr(text, wanted) != NULL);
    }
}

START_TEST(concurrent_changers_never_see_an_old_page)
{
    struct added added[4];
    pid_t children[4];

    for (unsigned i = 0; i < 4; i++)
        add(i, &added[i]);
    gallery_free(gallery);
    for (unsigned i = 0; i < 4; i++) {
        children[i] = fork();
        if (children[i] == 0) {
            SUPPORT_MUST(gallery_new(&config, &gallery) == VT_OK);
            gallery_publish_by(gallery, listing_json_first);
            rename_and_look(added[i].record.id, i);
            gallery_free(gallery);
            _exit(0);
        }
    }
    for (unsigned i = 0; i < 4; i++)
        ck_assert_int_eq(support_wait(children[i]), 0);
    ck_assert_int_eq(gallery_new(&config, &gallery), VT_OK);
    gallery_publish_by(gallery, listing_json_first);
    gallery_publish(gallery);
    check_fresh();
}
END_TEST

START_TEST(a_page_that_could_not_be_removed_is_unhealthy)
{
    struct health health;

    gallery_check(gallery, &health);
    ck_assert_int_eq(health.disk, VT_OK);
    support_write_file(support_path(config.data, "listing"), "", 0);
    gallery_check(gallery, &health);
    ck_assert_int_eq(health.disk, VT_ERR_UNAVAILABLE);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("gallery_publish");
    TCase *pages = tcase_create("pages"), *faults = tcase_create("faults");
    TCase *together = tcase_create("together");

    tcase_add_test(pages, every_change_writes_the_first_page);
    tcase_add_test(pages, a_new_epoch_gives_the_page_another_time);
    tcase_add_test(pages, a_gallery_without_a_writer_removes_only);
    tcase_add_test(pages, a_page_that_is_missing_is_published);
    tcase_add_test(pages, a_page_that_is_there_is_left_alone);
    tcase_add_test(pages, opening_the_store_removes_the_page);
    tcase_add_test(faults, a_refused_change_leaves_the_page);
    tcase_add_test(faults, no_change_where_the_page_cannot_be_removed);
    tcase_add_test(faults, a_page_that_cannot_be_written_is_no_error);
    tcase_add_test(faults, a_page_that_could_not_be_removed_is_unhealthy);
    tcase_add_test(together, nobody_publishes_beside_a_change);
    tcase_add_test(together, nobody_changes_anything_while_the_page_is_written);
    tcase_add_test(together, a_worker_killed_before_it_publishes_leaves_no_page);
    tcase_add_test(together, concurrent_changers_never_see_an_old_page);
    for (TCase *const *at = (TCase *const[]){pages, faults, together, NULL}; *at != NULL; at++) {
        tcase_add_checked_fixture(*at, start, stop);
        tcase_set_timeout(*at, 60);
        suite_add_tcase(suite, *at);
    }
    return suite;
}
