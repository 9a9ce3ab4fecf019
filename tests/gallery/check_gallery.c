#include "gallery/gallery.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "../support/app.h"
#include "../support/support.h"

static struct config config;
static struct gallery *gallery;

/* A gallery on a data folder below support_folder(). */
static void start(void)
{
    support_config(support_subfolder(support_folder(), "data"), &config);
    ck_assert_int_eq(gallery_new(&config, &gallery), VT_OK);
}

static void stop(void)
{
    gallery_free(gallery);
}

static unsigned count(const char *folder)
{
    return support_count_files(support_path(config.data, folder));
}

static void add(unsigned seed, const char *name, struct added *added)
{
    const struct picture picture = {.coder = "PNG", .seed = seed};

    support_add_picture(gallery, &picture, name, added);
}

static void check_totals(uint64_t images, uint64_t bytes)
{
    struct totals totals;

    ck_assert_int_eq(gallery_totals(gallery, &totals), VT_OK);
    ck_assert_uint_eq(totals.images, images);
    ck_assert_uint_eq(totals.bytes, bytes);
}

/* Nothing of an upload is left, and nothing was stored. */
static void check_empty(void)
{
    check_totals(0, 0);
    ck_assert_uint_eq(count("uploads") + count("thumbs") + count("tmp"), 0);
}

/* The path of an image's file below the data folder. */
static const char *blob(const struct added *added, const char *folder, const char *extension)
{
    char name[128];

    (void)snprintf(name, sizeof name, "%s/%.2s/%s.%s", folder, added->record.id, added->record.id,
                   extension);
    return support_path(config.data, name);
}

static bool exists(const char *path)
{
    struct stat status;

    return lstat(path, &status) == 0;
}

static ino_t inode(const char *path)
{
    struct stat status;

    ck_assert_int_eq(lstat(path, &status), 0);
    return status.st_ino;
}

/* ---- adding ---- */

START_TEST(an_upload_is_stored_with_all_that_is_known_of_it)
{
    const struct picture picture = {.coder = "JPEG", .width = 400, .height = 300, .orientation = 6};
    struct added added;
    struct record found;
    struct buf file, kept;

    support_picture(&picture, &file);
    ck_assert_int_eq(support_add(gallery, file.data, file.len, "../a b.jpeg", &added, NULL), VT_OK);
    ck_assert(!added.known);
    ck_assert_uint_eq(strlen(added.token), TOKEN_SIZE - 1);
    ck_assert(token_matches(added.token, added.record.token_hash));
    ck_assert_int_eq(gallery_get(gallery, added.record.id, &found), VT_OK);
    ck_assert_str_eq(found.name, "a b.jpeg");
    ck_assert_str_eq(found.tags, "");
    ck_assert_int_eq(found.type, IMAGE_JPEG);
    ck_assert_uint_eq(found.width, 400);
    ck_assert_uint_eq(found.height, 300);
    ck_assert_uint_eq(found.bytes, file.len);
    ck_assert_int_le(llabs(found.created / 1000 - time(NULL)), 60);
    ck_assert(!found.alpha);
    check_totals(1, file.len);
    support_read_file(blob(&added, "uploads", "jpg"), &kept);
    ck_assert_uint_eq(kept.len, file.len);
    ck_assert_mem_eq(kept.data, file.data, file.len);
    ck_assert_uint_eq(count("uploads"), 1);
    ck_assert_uint_eq(count("thumbs"), 2);
    ck_assert_uint_eq(count("tmp"), 0);
    ck_assert(exists(blob(&added, "thumbs/320", "jpg")));
    ck_assert(exists(blob(&added, "thumbs/640", "jpg")));
    buf_free(&file);
    buf_free(&kept);
}
END_TEST

START_TEST(the_id_is_the_half_of_the_sha_256)
{
    const struct picture picture = {.coder = "PNG"};
    uint8_t hash[DIGEST_SIZE];
    char id[ID_LENGTH + 1];
    struct upload *upload;
    struct added added;
    struct buf file;

    support_picture(&picture, &file);
    digest_of(file.data, file.len, hash);
    record_write_id(hash, id);
    ck_assert_int_eq(gallery_upload_begin(gallery, &upload), VT_OK);
    for (size_t i = 0; i < file.len; i++) /* however the bytes come */
        ck_assert_int_eq(gallery_upload_write(upload, file.data + i, 1), VT_OK);
    ck_assert_int_eq(gallery_upload_finish(upload, "x", &added, NULL), VT_OK);
    gallery_upload_free(upload);
    ck_assert_str_eq(added.record.id, id);
    buf_free(&file);
}
END_TEST

START_TEST(transparency_makes_webp_thumbnails)
{
    const struct picture picture = {.coder = "PNG", .alpha = true};
    struct added added;
    struct buf thumbnail;

    support_add_picture(gallery, &picture, "clear.png", &added);
    ck_assert(added.record.alpha);
    ck_assert_str_eq(gallery_thumbnail_extension(&added.record), "webp");
    support_read_file(blob(&added, "thumbs/320", "webp"), &thumbnail);
    ck_assert_mem_eq(thumbnail.data + 8, "WEBP", 4);
    buf_free(&thumbnail);
}
END_TEST

START_TEST(bytes_that_are_known_give_no_token)
{
    struct added first, second;

    add(1, "first.png", &first);
    add(1, "second.png", &second);
    ck_assert(second.known);
    ck_assert_str_eq(second.token, "");
    ck_assert_str_eq(second.record.id, first.record.id);
    ck_assert_str_eq(second.record.name, "first.png");
    check_totals(1, first.record.bytes);
    ck_assert_uint_eq(count("uploads"), 1);
    ck_assert_uint_eq(count("tmp"), 0);
    add(2, "third.png", &second);
    ck_assert(!second.known);
    ck_assert_str_ne(second.token, first.token);
    check_totals(2, first.record.bytes + second.record.bytes);
}
END_TEST

/* What is uploaded, and what its refusal is. */
static const struct {
    const char *coder;
    unsigned frames;
    uint64_t max_pixels;
    int cut; /* percent of the file that come */
    enum vt_error err;
} refusals[] = {
    {"PNG", 1, 0, 0, VT_ERR_UNSUPPORTED},
    {"PNG", 1, 0, 50, VT_ERR_INVALID_IMAGE},
    {"JPEG", 1, 0, 90, VT_ERR_INVALID_IMAGE},
    {"WEBP", 1, 0, 90, VT_ERR_INVALID_IMAGE},
    {"TIFF", 1, 0, 90, VT_ERR_INVALID_IMAGE},
    {"PNG", 1, 3071, 100, VT_ERR_IMAGE_LIMIT},
    {"GIF", 4, 0, 100, VT_ERR_IMAGE_LIMIT},
    {"TIFF", 4, 0, 100, VT_ERR_IMAGE_LIMIT},
    {"PNG", 1, 3072, 100, VT_OK},
    {"GIF", 3, 0, 100, VT_OK},
};

START_TEST(a_file_that_is_refused_leaves_nothing)
{
    const struct picture picture = {.coder = refusals[_i].coder, .frames = refusals[_i].frames};
    struct vt_reason why = {""};
    struct added added;
    struct buf file;
    enum vt_error err;

    config.max_frames = 3;
    if (refusals[_i].max_pixels != 0)
        config.max_pixels = refusals[_i].max_pixels;
    support_picture(&picture, &file);
    err = support_add(gallery, file.data, file.len * (size_t)refusals[_i].cut / 100, "x", &added,
                      &why);
    ck_assert_int_eq(err, refusals[_i].err);
    ck_assert_int_eq(err == VT_OK, why.text[0] == '\0');
    ck_assert_uint_eq(count("tmp"), 0);
    if (err != VT_OK)
        check_empty();
    buf_free(&file);
}
END_TEST

START_TEST(an_upload_that_is_not_finished_leaves_nothing)
{
    struct upload *upload;

    ck_assert_int_eq(gallery_upload_begin(gallery, &upload), VT_OK);
    ck_assert_int_eq(gallery_upload_write(upload, "abc", 3), VT_OK);
    ck_assert_uint_eq(count("tmp"), 1);
    gallery_upload_free(upload);
    gallery_upload_free(NULL);
    check_empty();
}
END_TEST

/* What one of many processes finds out: 1 for a token, 0 for none. */
static int upload_alone(const struct buf *file)
{
    struct gallery *own;
    struct added added;

    SUPPORT_MUST(gallery_new(&config, &own) == VT_OK);
    SUPPORT_MUST(support_add(own, file->data, file->len, "same.png", &added, NULL) == VT_OK);
    SUPPORT_MUST(added.known == (added.token[0] == '\0'));
    SUPPORT_MUST(added.known || token_matches(added.token, added.record.token_hash));
    gallery_free(own);
    return added.token[0] != '\0';
}

START_TEST(the_same_bytes_by_ten_at_once_are_one_image_and_one_token)
{
    const struct picture picture = {.coder = "PNG"};
    pid_t children[10];
    int tokens = 0;
    struct buf file;

    support_picture(&picture, &file);
    for (int i = 0; i < 10; i++) {
        children[i] = fork();
        if (children[i] == 0)
            _exit(upload_alone(&file));
    }
    for (int i = 0; i < 10; i++) {
        int tokens_of_one = support_wait(children[i]);

        ck_assert_int_le(tokens_of_one, 1);
        tokens += tokens_of_one;
    }
    ck_assert_int_eq(tokens, 1);
    check_totals(1, file.len);
    ck_assert_uint_eq(count("uploads"), 1);
    ck_assert_uint_eq(count("thumbs"), 2);
    ck_assert_uint_eq(count("tmp"), 0);
    buf_free(&file);
}
END_TEST

/* ---- reading, changing, removing ---- */

static enum vt_error count_row(void *context, const struct record *record)
{
    (void)record;
    ++*(unsigned *)context;
    return VT_OK;
}

START_TEST(the_listing_and_the_totals_agree)
{
    struct listing_query query = {.limit = 2};
    struct listing_page page;
    struct added added;
    unsigned rows = 0;

    for (unsigned i = 0; i < 3; i++)
        add(i, "x.png", &added);
    ck_assert_int_eq(gallery_list(gallery, &query, count_row, &rows, &page), VT_OK);
    ck_assert_uint_eq(rows, 2);
    ck_assert_uint_eq(page.total, 3);
    ck_assert(page.more);
}
END_TEST

START_TEST(name_and_tags_are_cleaned)
{
    const char *const tags[] = {" sea ", "two  words", "sea", "l\ri\nn\te", "b\xff"};
    const struct change change = {.name = " new\r\nname ", .tags = tags, .tag_count = 5};
    struct record changed, found;
    struct added added;

    add(1, "old.png", &added);
    ck_assert_int_eq(gallery_change(gallery, added.record.id, &change, &changed, NULL), VT_OK);
    ck_assert_str_eq(changed.name, "newname");
    ck_assert_str_eq(changed.tags, "sea\ntwo  words\nline\nb\xef\xbf\xbd");
    ck_assert_int_eq(gallery_get(gallery, added.record.id, &found), VT_OK);
    ck_assert_str_eq(found.name, changed.name);
    ck_assert_str_eq(found.tags, changed.tags);
}
END_TEST

START_TEST(a_change_keeps_what_it_does_not_name)
{
    const char *const tags[] = {"sea"};
    const struct change name = {.name = "new.png"}, tag = {.tags = tags, .tag_count = 1},
                        none = {.tags = tags};
    struct record changed;
    struct added added;

    add(1, "old.png", &added);
    ck_assert_int_eq(gallery_change(gallery, added.record.id, &tag, &changed, NULL), VT_OK);
    ck_assert_str_eq(changed.name, "old.png");
    ck_assert_int_eq(gallery_change(gallery, added.record.id, &name, &changed, NULL), VT_OK);
    ck_assert_str_eq(changed.name, "new.png");
    ck_assert_str_eq(changed.tags, "sea");
    ck_assert_int_eq(gallery_change(gallery, added.record.id, &none, &changed, NULL), VT_OK);
    ck_assert_str_eq(changed.tags, "");
}
END_TEST

START_TEST(a_change_that_is_refused_changes_nothing)
{
    static const char longest[] =
        "a tag of sixty-four bytes, which is one more than will be kept..";
    const char *tags[TAG_MAX_COUNT + 1], *const blank[] = {"fine", " \n "};
    const struct change changes[] = {
        {.name = "\r\n"},
        {.tags = blank, .tag_count = 2},
        {.tags = tags, .tag_count = TAG_MAX_COUNT + 1},
        {.name = "", .tags = blank, .tag_count = 1},
        {.description = "fine", .sets_place = true, .place = {true, false, 90.1, 0, 0}},
        {.sets_place = true, .place = {true, false, 0, -180.1, 0}},
        {.sets_place = true, .place = {true, false, __builtin_nan(""), 0, 0}},
        {.sets_place = true, .place = {true, true, 0, 0, 100001}},
    };
    struct vt_reason why;
    struct record record;
    struct added added;

    for (size_t i = 0; i < TAG_MAX_COUNT + 1; i++)
        tags[i] = longest + i; /* each another one */
    add(1, "old.png", &added);
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        why.text[0] = '\0';
        ck_assert_int_eq(gallery_change(gallery, added.record.id, &changes[i], &record, &why),
                         VT_ERR_MALFORMED);
        ck_assert_str_ne(why.text, "");
        ck_assert_int_eq(gallery_get(gallery, added.record.id, &record), VT_OK);
        ck_assert_str_eq(record.name, "old.png");
        ck_assert_str_eq(record.tags, "");
    }
    /* As many as may be, each as long as may be, do fit. */
    ck_assert_int_eq(gallery_change(gallery, added.record.id,
                                    &(struct change){.tags = tags, .tag_count = TAG_MAX_COUNT},
                                    &record, NULL),
                     VT_OK);
    ck_assert_uint_eq(strcspn(record.tags, "\n"), TAG_SIZE - 1);
    ck_assert_str_eq(strrchr(record.tags, '\n') + 1, longest + TAG_MAX_COUNT - 1);
}
END_TEST

static unsigned times_asked;

static bool somebody_waits(void *source)
{
    (void)source;
    times_asked++;
    return true;
}

/* Or one client who asks for it often enough would have all workers wait. */
START_TEST(nobody_waits_long_for_a_thumbnail_that_is_being_made_while_others_need_the_worker)
{
    const struct gallery_client client = {"192.0.2.1", -1, somebody_waits, NULL};
    struct added added;
    int original;

    add(1, "one.png", &added);
    original = open(blob(&added, "uploads", "png"), O_RDONLY);
    ck_assert_int_ge(original, 0);
    ck_assert_int_eq(flock(original, LOCK_EX), 0); /* as who makes it has it */
    gallery_serve(gallery, &client);
    ck_assert_int_eq(gallery_make_thumbnail(gallery, added.record.id, 1280, "jpg"), VT_ERR_BUSY);
    ck_assert_uint_eq(times_asked, 1);
    gallery_serve(gallery, NULL);
    (void)close(original);
    ck_assert_int_eq(gallery_make_thumbnail(gallery, added.record.id, 1280, "jpg"), VT_OK);
}
END_TEST

START_TEST(remove_takes_row_original_and_thumbnails)
{
    struct added added, other;

    add(1, "gone.png", &added);
    add(2, "stays.png", &other);
    ck_assert_int_eq(gallery_make_thumbnail(gallery, added.record.id, 1280, "jpg"), VT_OK);
    ck_assert_uint_eq(count("thumbs"), 5);
    ck_assert_int_eq(gallery_remove(gallery, added.record.id), VT_OK);
    ck_assert_uint_eq(count("uploads"), 1);
    ck_assert_uint_eq(count("thumbs"), 2);
    check_totals(1, other.record.bytes);
    ck_assert_int_eq(gallery_remove(gallery, added.record.id), VT_ERR_NOT_FOUND);
    ck_assert(exists(blob(&other, "uploads", "png")));
}
END_TEST

START_TEST(bytes_removed_may_come_again)
{
    struct added first, second;

    add(1, "first.png", &first);
    ck_assert_int_eq(gallery_remove(gallery, first.record.id), VT_OK);
    check_empty();
    add(1, "second.png", &second);
    ck_assert(!second.known);
    ck_assert_str_ne(second.token, first.token);
    ck_assert_str_eq(second.record.name, "second.png");
    ck_assert_uint_eq(count("thumbs"), 2);
}
END_TEST

enum damage { REMOVED, CUT, CHANGED, DAMAGES };

static void damage(const char *path, enum damage kind)
{
    char byte;
    int fd;

    if (kind == REMOVED) {
        ck_assert_int_eq(unlink(path), 0);
        return;
    }
    fd = open(path, O_RDWR);
    ck_assert_int_ge(fd, 0);
    if (kind == CUT)
        ck_assert_int_eq(ftruncate(fd, 100), 0);
    ck_assert_int_eq(pread(fd, &byte, 1, 60), 1);
    byte = (char)~byte;
    if (kind == CHANGED) /* the size stays */
        ck_assert_int_eq(pwrite(fd, &byte, 1, 60), 1);
    (void)close(fd);
}

/* A thumbnail may have been made from the damaged original. */
START_TEST(the_same_bytes_heal_an_original_and_remove_what_shows_its_damage)
{
    struct added first, again;
    struct totals totals;
    char path[PATH_MAX], id[ID_LENGTH + 1];
    int fd;

    add(1, "first.png", &first);
    (void)strcpy(path, blob(&first, "uploads", "png"));
    damage(path, (enum damage)_i);
    add(1, "second.png", &again);
    ck_assert(again.known);
    ck_assert_str_eq(again.record.name, "first.png");
    fd = open(path, O_RDONLY);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(record_read_id(fd, id), VT_OK);
    ck_assert_str_eq(id, first.record.id);
    (void)close(fd);
    ck_assert_uint_eq(count("thumbs"), _i == REMOVED ? 2 : 0);
    ck_assert_int_eq(gallery_totals(gallery, &totals), VT_OK);
    ck_assert(_i == REMOVED ? totals.derived > 0 : totals.derived == 0);
    ck_assert_int_eq(gallery_make_thumbnail(gallery, first.record.id, 320, "jpg"), VT_OK);
    ck_assert_uint_eq(count("tmp"), 0);
}
END_TEST

START_TEST(the_same_bytes_leave_a_sound_original_and_its_thumbnails)
{
    struct added first, again;
    ino_t before;

    add(1, "first.png", &first);
    before = inode(blob(&first, "uploads", "png"));
    add(1, "second.png", &again);
    ck_assert(again.known);
    ck_assert(inode(blob(&first, "uploads", "png")) == before);
    ck_assert_uint_eq(count("thumbs"), 2);
}
END_TEST

START_TEST(a_missing_image_is_not_found)
{
    static const char *const ids[] = {"00000000000000000000000000000000", "", "../..", "%"};
    const struct change change = {.name = "x"};
    struct record record;

    for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++) {
        ck_assert_int_eq(gallery_get(gallery, ids[i], &record), VT_ERR_NOT_FOUND);
        ck_assert_int_eq(gallery_change(gallery, ids[i], &change, &record, NULL), VT_ERR_NOT_FOUND);
        ck_assert_int_eq(gallery_remove(gallery, ids[i]), VT_ERR_NOT_FOUND);
        ck_assert_int_eq(gallery_make_thumbnail(gallery, ids[i], 320, "jpg"), VT_ERR_NOT_FOUND);
    }
    check_empty();
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("gallery");
    TCase *adding = tcase_create("adding"), *using = tcase_create("using");

    tcase_add_test(adding, an_upload_is_stored_with_all_that_is_known_of_it);
    tcase_add_test(adding, the_id_is_the_half_of_the_sha_256);
    tcase_add_test(adding, transparency_makes_webp_thumbnails);
    tcase_add_test(adding, bytes_that_are_known_give_no_token);
    tcase_add_loop_test(adding, a_file_that_is_refused_leaves_nothing, 0,
                        (int)(sizeof refusals / sizeof refusals[0]));
    tcase_add_test(adding, an_upload_that_is_not_finished_leaves_nothing);
    tcase_add_test(adding, the_same_bytes_by_ten_at_once_are_one_image_and_one_token);
    tcase_add_test(using, the_listing_and_the_totals_agree);
    tcase_add_test(using, name_and_tags_are_cleaned);
    tcase_add_test(using, a_change_keeps_what_it_does_not_name);
    tcase_add_test(using, a_change_that_is_refused_changes_nothing);
    tcase_add_test(
        using, nobody_waits_long_for_a_thumbnail_that_is_being_made_while_others_need_the_worker);
    tcase_add_test(using, remove_takes_row_original_and_thumbnails);
    tcase_add_test(using, bytes_removed_may_come_again);
    tcase_add_loop_test(using, the_same_bytes_heal_an_original_and_remove_what_shows_its_damage, 0,
                        DAMAGES);
    tcase_add_test(using, the_same_bytes_leave_a_sound_original_and_its_thumbnails);
    tcase_add_test(using, a_missing_image_is_not_found);
    for (TCase *const *at = (TCase *const[]){adding, using, NULL}; *at != NULL; at++) {
        tcase_add_checked_fixture(*at, start, stop);
        tcase_set_timeout(*at, 60);
        suite_add_tcase(suite, *at);
    }
    return suite;
}
