#include "command/manifest.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../support/support.h"

#define ID "0123456789abcdef0123456789abcdef"
#define LINE                                                                                       \
    "{\"file\":\"a\",\"id\":\"" ID "\",\"name\":\"a\",\"created\":\"2026-11-25T09:30:00.123Z\"}"

static enum vt_error read_text(const char *text, struct manifest **manifest, struct vt_reason *why)
{
    const char *path = support_path(support_folder(), MANIFEST_FILE);
    enum vt_error err;
    int fd;

    support_write_file(path, text, strlen(text));
    fd = open(path, O_RDONLY | O_CLOEXEC);
    ck_assert_int_ge(fd, 0);
    err = manifest_read(fd, manifest, why);
    ck_assert_int_eq(close(fd), 0);
    return err;
}

START_TEST(a_written_manifest_can_be_read)
{
    struct record record = {.id = ID, .name = "a \"name\"", .tags = "one\n京都", .created = 0};
    struct buf text = BUF_INIT;
    const struct manifest_entry *entry;
    struct manifest *manifest;

    manifest_write(&text, &record, "a _name_");
    record.id[0] = 'f';
    record.tags[0] = '\0';
    record.created = INT64_C(253402300799999); /* the last millisecond of 9999 */
    manifest_write(&text, &record, "second");
    ck_assert(buf_ok(&text));
    ck_assert_int_eq(read_text(text.data, &manifest, NULL), VT_OK);
    ck_assert_uint_eq(manifest_count(manifest), 2);
    entry = manifest_find(manifest, ID);
    ck_assert_ptr_eq(entry, manifest_get(manifest, 0));
    ck_assert_str_eq(entry->file, "a _name_");
    ck_assert_str_eq(entry->name, "a \"name\"");
    ck_assert_uint_eq(entry->tag_count, 2);
    ck_assert_str_eq(entry->tags[0], "one");
    ck_assert_str_eq(entry->tags[1], "京都");
    ck_assert_int_eq(entry->created, 0);
    entry = manifest_find(manifest, record.id);
    ck_assert_ptr_eq(entry, manifest_get(manifest, 1));
    ck_assert_uint_eq(entry->tag_count, 0);
    ck_assert_int_eq(entry->created, record.created);
    ck_assert_ptr_null(manifest_find(manifest, "00000000000000000000000000000000"));
    manifest_free(manifest);
    buf_free(&text);
}
END_TEST

START_TEST(a_manifest_has_what_the_photograph_knows_and_a_person_has_set)
{
    struct record record = {.id = ID, .name = "a"};
    struct buf text = BUF_INIT;
    const struct manifest_entry *entry;
    struct manifest *manifest;
    struct photo photo;

    record.photo = support_photo();
    record.set_by_person = RECORD_SET_PLACE | RECORD_SET_NAME | RECORD_BESIDE_ALL;
    manifest_write(&text, &record, "a");
    record.id[0] = 'f';
    record.photo = PHOTO_INIT;
    record.set_by_person = 0;
    manifest_write(&text, &record, "b");
    record.id[0] = 'e';
    record.photo.taken_from = PHOTO_TAKEN_BY_PERSON;
    record.set_by_person = RECORD_SET_TAKEN;
    manifest_write(&text, &record, "c");
    ck_assert_int_eq(read_text(text.data, &manifest, NULL), VT_OK);
    entry = manifest_get(manifest, 0);
    ck_assert(manifest_photo(entry, &photo));
    support_photos_equal(&photo, &(struct photo[]){support_photo()}[0]);
    ck_assert(entry->says_set);
    ck_assert_uint_eq(entry->set_by_person, RECORD_SET_PLACE | RECORD_SET_NAME | RECORD_BESIDE_ALL);
    entry = manifest_get(manifest, 1);
    ck_assert(!manifest_photo(entry, &photo));
    ck_assert(entry->says_set);
    ck_assert_uint_eq(entry->set_by_person, 0);
    entry = manifest_get(manifest, 2);
    ck_assert(manifest_photo(entry, &photo));
    support_photos_equal(&photo, &record.photo);
    ck_assert_uint_eq(entry->set_by_person, RECORD_SET_TAKEN);
    manifest_free(manifest);
    buf_free(&text);
}
END_TEST

START_TEST(a_manifest_of_an_older_version_says_nothing_of_photographs)
{
    struct manifest *manifest;
    struct photo photo;

    ck_assert_int_eq(read_text(LINE "\n", &manifest, NULL), VT_OK);
    ck_assert(!manifest_get(manifest, 0)->says_set);
    ck_assert(!manifest_photo(manifest_get(manifest, 0), &photo));
    manifest_free(manifest);
}
END_TEST

START_TEST(an_empty_one_has_no_entries)
{
    struct manifest *manifest;

    ck_assert_int_eq(read_text("", &manifest, NULL), VT_OK);
    ck_assert_uint_eq(manifest_count(manifest), 0);
    ck_assert_ptr_null(manifest_find(manifest, ID));
    manifest_free(manifest);
    manifest_free(NULL);
}
END_TEST

START_TEST(a_time_of_rfc_3339_is_read)
{
    struct manifest *manifest;

    ck_assert_int_eq(read_text(LINE "\n", &manifest, NULL), VT_OK);
    ck_assert_int_eq(manifest_get(manifest, 0)->created, INT64_C(1795599000123));
    manifest_free(manifest);
}
END_TEST

#define WITH_TIME(time) "{\"file\":\"a\",\"id\":\"" ID "\",\"name\":\"a\",\"created\":\"" time "\"}"

#define WITH(member)                                                                               \
    "{\"file\":\"a\",\"id\":\"" ID                                                                 \
    "\",\"name\":\"a\",\"created\":\"2026-11-25T09:30:00.123Z\",\"" member "\"}"

static const char *const bad[] = {
    "",
    "{",
    "[]",
    "null",
    "{\"file\":\"a\"}",
    "{\"file\":1,\"id\":\"" ID "\",\"name\":\"a\",\"created\":\"2026-11-25T09:30:00.123Z\"}",
    "{\"file\":\"a\",\"id\":\"" ID "0\",\"name\":\"a\",\"created\":\"2026-11-25T09:30:00.123Z\"}",
    "{\"file\":\"a\",\"id\":\"../x\",\"name\":\"a\",\"created\":\"2026-11-25T09:30:00.123Z\"}",
    "{\"file\":\"a\",\"file\":\"b\",\"id\":\"" ID
    "\",\"name\":\"a\",\"created\":\"2026-11-25T09:30:00.123Z\"}",
    "{\"file\":\"a\",\"id\":\"" ID
    "\",\"name\":\"a\\u0000b\",\"created\":\"2026-11-25T09:30:00.123Z\"}",
    "{\"file\":\"a\",\"id\":\"" ID
    "\",\"name\":\"a\",\"tags\":\"x\",\"created\":\"2026-11-25T09:30:00Z\"}",
    "{\"file\":\"a\",\"id\":\"" ID
    "\",\"name\":\"a\",\"tags\":[\"x\",1],\"created\":\"2026-11-25T09:30:00Z\"}",
    WITH("taken\":\"2024-05-12"), /* from where? */
    WITH("taken_from\":\"moon"),
    WITH("taken_from\":\"file\",\"taken\":\"noon"),
    WITH("camera\":1,\"lens\":\""),
    WITH("exposure\":\"1/75"),
    WITH("iso\":\"64"),
    WITH("flash\":\"yes"),
    WITH("place\":\"Arezzo"),
    WITH("place\":{\"latitude\":1},\"lens\":\""),
    WITH("set_by_person\":\"taken"),
    WITH_TIME(""),
    WITH_TIME("2026-11-25"),
    WITH_TIME("2026-11-25T09:30:00"),
    WITH_TIME("2026-11-25T09:30:00.1Z"),
    WITH_TIME("2026-11-25T09:30:00.-12Z"),
    WITH_TIME("2026-11-25T09:30:00.123+01:00"),
    WITH_TIME("1969-12-31T23:59:59.000Z"),
};

START_TEST(an_invalid_line_is_reported_by_its_number)
{
    struct buf text = BUF_INIT;
    struct vt_reason why = {""};
    struct manifest *manifest;

    buf_printf(&text, "%s\n%s\n%s\n", LINE, bad[_i], LINE);
    ck_assert_int_eq(read_text(text.data, &manifest, &why), VT_ERR_MALFORMED);
    ck_assert_ptr_null(manifest);
    ck_assert_str_eq(why.text, "vitrine.jsonl: line 2 is not understood");
    buf_free(&text);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("manifest");
    TCase *tests = tcase_create("manifest");

    tcase_add_test(tests, a_written_manifest_can_be_read);
    tcase_add_test(tests, a_manifest_has_what_the_photograph_knows_and_a_person_has_set);
    tcase_add_test(tests, a_manifest_of_an_older_version_says_nothing_of_photographs);
    tcase_add_test(tests, an_empty_one_has_no_entries);
    tcase_add_test(tests, a_time_of_rfc_3339_is_read);
    tcase_add_loop_test(tests, an_invalid_line_is_reported_by_its_number, 0,
                        sizeof bad / sizeof bad[0]);
    suite_add_tcase(suite, tests);
    return suite;
}
