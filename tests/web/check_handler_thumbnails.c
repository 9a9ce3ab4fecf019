#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../support/app.h"
#include "../support/support.h"

static struct support_app app;
static struct http_response response;
static struct added opaque, clear;

static void start(void)
{
    support_app_open(&app, POOL_IMAGE);
    response = HTTP_RESPONSE_INIT;
    support_add_picture(app.app.gallery, &(struct picture){.coder = "PNG"}, "a.png", &opaque);
    support_add_picture(app.app.gallery, &(struct picture){.coder = "PNG", .alpha = true}, "b.png",
                        &clear);
}

static void stop(void)
{
    support_app_close(&app);
    http_response_free(&response);
}

static int get(const char *path)
{
    struct support_request request;

    support_request(&request, HTTP_GET, path, "", 0);
    return support_answer(&app, &request, &response);
}

/* The path of a thumbnail, as a client asks for it. */
static const char *thumb(const char *size, const struct added *added, const char *extension)
{
    static char path[128];

    (void)snprintf(path, sizeof path, "/thumbs/%s/%.2s/%s.%s", size, added->record.id,
                   added->record.id, extension);
    return path;
}

static bool exists(const char *path)
{
    return access(support_path(support_folder(), path + 1), F_OK) == 0;
}

static const char *const sizes[] = {"320", "640", "1280", "2048"};

START_TEST(a_missing_thumbnail_is_made_and_handed_to_nginx)
{
    const struct added *added = _i % 2 == 0 ? &opaque : &clear;
    const char *path = thumb(sizes[_i / 2], added, _i % 2 == 0 ? "jpg" : "webp");
    char header[160];

    if (exists(path)) /* two sizes come with the upload */
        ck_assert_int_eq(unlink(support_path(support_folder(), path + 1)), 0);
    ck_assert_int_eq(get(path), 200);
    (void)snprintf(header, sizeof header, "X-Accel-Redirect: /made%s", path);
    ck_assert(support_has_header(&response, header));
    ck_assert_uint_eq(response.body.len, 0);
    ck_assert(exists(path));
    ck_assert_int_eq(get(path), 200); /* and one that is there is found */
    ck_assert(support_has_header(&response, header));
}
END_TEST

/* The path of a copy, as a client asks for it. */
static const char *copy(const char *word, const struct added *added, const char *extension)
{
    static char path[128];

    (void)snprintf(path, sizeof path, "/copies/%s/%.2s/%s.%s", word, added->record.id,
                   added->record.id, extension);
    return path;
}

START_TEST(a_missing_copy_is_made_and_handed_to_nginx)
{
    char header[160];

    app.config.metadata = _i == 0 ? METADATA_HIDE_PLACE : METADATA_HIDE_ALL;
    (void)snprintf(header, sizeof header, "X-Accel-Redirect: /made%s",
                   thumb(_i == 0 ? "1" : "2", &opaque, "png"));
    for (int times = 0; times < 2; times++) {
        ck_assert_int_eq(get(copy(_i == 0 ? "hide-place" : "hide-all", &opaque, "png")), 200);
        ck_assert(support_has_header(&response, header));
        ck_assert_uint_eq(response.body.len, 0);
    }
    ck_assert(exists(thumb(_i == 0 ? "1" : "2", &opaque, "png")));
}
END_TEST

START_TEST(a_copy_of_another_level_is_not_found)
{
    static const char *const words[] = {"hide-all", "show", "1", "HIDE-PLACE", "hide-place2"};

    ck_assert_int_eq(get(copy(words[_i], &opaque, "png")), 404);
    ck_assert(!exists(thumb("2", &opaque, "png")));
}
END_TEST

START_TEST(where_everybody_gets_originals_no_copy_is_found)
{
    static const char *const words[] = {"hide-place", "hide-all", "show"};

    app.config.metadata = METADATA_SHOW;
    ck_assert_int_eq(get(copy(words[_i], &opaque, "png")), 404);
}
END_TEST

START_TEST(a_copy_of_another_type_or_form_is_not_found)
{
    static const char *const extensions[] = {"jpg", "webp", "none", "twin", "png/", "PNG"};

    ck_assert_int_eq(get(copy("hide-place", &opaque, extensions[_i])), 404);
}
END_TEST

START_TEST(a_client_that_accepts_webp_gets_the_webp_variant)
{
    const char *size = sizes[_i];
    char header[160];

    (void)snprintf(header, sizeof header, "X-Accel-Redirect: /made%s",
                   thumb(size, &opaque, "twin"));
    ck_assert_int_eq(get(thumb(size, &opaque, "twin")), 200);
    ck_assert(support_has_header(&response, header));
    ck_assert_uint_eq(response.body.len, 0);
    ck_assert(exists(thumb(size, &opaque, "twin")));
    ck_assert(exists(thumb(size, &opaque, "jpg")));
    ck_assert_int_eq(get(thumb(size, &opaque, "twin")), 200);
    ck_assert(support_has_header(&response, header));
}
END_TEST

static bool somebody_waits(void *source)
{
    (void)source;
    return true;
}

START_TEST(where_others_wait_the_jpeg_comes_first)
{
    struct support_request request;
    char header[160];

    support_request(&request, HTTP_GET, thumb("320", &opaque, "twin"), "", 0);
    request.request.others_wait = somebody_waits;
    ck_assert_int_eq(support_answer(&app, &request, &response), 200);
    (void)snprintf(header, sizeof header, "X-Accel-Redirect: /made%s",
                   thumb("320", &opaque, "jpg"));
    ck_assert(support_has_header(&response, header));
    ck_assert(gallery_is_behind(app.app.gallery));
}
END_TEST

START_TEST(a_client_that_accepts_webp_gets_the_jpeg_if_webp_saves_too_little)
{
    struct added noise;
    char header[160];

    support_add_picture(
        app.app.gallery,
        &(struct picture){.coder = "PNG", .width = 200, .height = 150, .noise = true}, "c.png",
        &noise);
    ck_assert_int_eq(get(thumb("320", &noise, "twin")), 200);
    (void)snprintf(header, sizeof header, "X-Accel-Redirect: /made%s",
                   thumb("320", &noise, "same"));
    ck_assert(support_has_header(&response, header));
    ck_assert_int_eq(rmdir(support_path(support_folder(), "tmp")), 0); /* nothing can be made now */
    ck_assert_int_eq(get(thumb("320", &opaque, "twin")), 200);
    (void)snprintf(header, sizeof header, "X-Accel-Redirect: /made%s",
                   thumb("320", &opaque, "jpg"));
    ck_assert(support_has_header(&response, header));
}
END_TEST

START_TEST(other_sizes_and_extensions_are_404)
{
    static const char *const others[] = {"0",    "1",    "321",  "4096", "0320",  "320.0",
                                         "+320", " 320", "-320", "320x", "0x140", "4294967616"};
    static const char *const extensions[] = {"webp", "png",      "JPG",          "jpeg",
                                             "jpg2", "jpg.webp", "jpgjpgjpgjpg", "same"};

    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        ck_assert_int_eq(get(thumb(others[i], &opaque, "jpg")), 404);
    for (size_t i = 0; i < sizeof extensions / sizeof extensions[0]; i++)
        ck_assert_int_eq(get(thumb("640", &opaque, extensions[i])), 404);
    ck_assert_int_eq(get(thumb("640", &clear, "jpg")), 404);
    ck_assert_int_eq(get(thumb("640", &clear, "twin")), 404);
    ck_assert_int_eq(get(thumb("321", &opaque, "twin")), 404);
    ck_assert_uint_eq(support_count_files(support_path(support_folder(), "thumbs")), 4);
}
END_TEST

START_TEST(paths_that_are_not_just_as_written_are_404)
{
    const char *id = opaque.record.id;
    char path[128];

    (void)snprintf(path, sizeof path, "/thumbs/640/zz/%s.jpg", id);
    ck_assert_int_eq(get(path), 404);
    (void)snprintf(path, sizeof path, "/thumbs/640/%.1s/%s.jpg", id, id);
    ck_assert_int_eq(get(path), 404);
    (void)snprintf(path, sizeof path, "/thumbs/640/%.3s/%s.jpg", id, id);
    ck_assert_int_eq(get(path), 404);
    (void)snprintf(path, sizeof path, "/thumbs/640/%.2s/%s", id, id);
    ck_assert_int_eq(get(path), 404);
    (void)snprintf(path, sizeof path, "/thumbs/640/%.2s/%s.", id, id);
    ck_assert_int_eq(get(path), 404);
    (void)snprintf(path, sizeof path, "/thumbs/640/%.2s/%.31s.jpg", id, id);
    ck_assert_int_eq(get(path), 404);
    (void)snprintf(path, sizeof path, "/thumbs/640/%.2s/%s0.jpg", id, id);
    ck_assert_int_eq(get(path), 404);
    (void)snprintf(path, sizeof path, "/thumbs/640/../%s.jpg", id);
    ck_assert_int_eq(get(path), 404);
    ck_assert_uint_eq(support_count_files(support_path(support_folder(), "thumbs")), 4);
}
END_TEST

START_TEST(thumbnails_of_no_image_are_404)
{
    char path[128];

    ck_assert_int_eq(get("/thumbs/640/00/00000000000000000000000000000000.jpg"), 404);
    ck_assert_int_eq(get("/thumbs/640/00/00000000000000000000000000000000.twin"), 404);
    (void)snprintf(path, sizeof path, "%s", thumb("640", &opaque, "jpg"));
    ck_assert_int_eq(gallery_remove(app.app.gallery, opaque.record.id), VT_OK);
    ck_assert_int_eq(get(path), 404);
    ck_assert_uint_eq(support_count_files(support_path(support_folder(), "thumbs")), 2);
}
END_TEST

START_TEST(a_store_that_is_away_is_503)
{
    struct support_app away;
    struct support_request request;

    support_app_open(&away, POOL_IMAGE);
    (void)snprintf(away.config.data, sizeof away.config.data, "%s/nowhere", support_folder());
    support_request(&request, HTTP_GET, thumb("640", &opaque, "jpg"), "", 0);
    ck_assert_int_eq(support_answer(&away, &request, &response), 503);
    support_app_close(&away);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("thumbs");
    TCase *thumbs = tcase_create("thumbs");

    tcase_add_checked_fixture(thumbs, start, stop);
    tcase_add_loop_test(thumbs, a_missing_copy_is_made_and_handed_to_nginx, 0, 2);
    tcase_add_loop_test(thumbs, a_copy_of_another_level_is_not_found, 0, 5);
    tcase_add_loop_test(thumbs, where_everybody_gets_originals_no_copy_is_found, 0, 3);
    tcase_add_loop_test(thumbs, a_copy_of_another_type_or_form_is_not_found, 0, 6);
    tcase_add_loop_test(thumbs, a_missing_thumbnail_is_made_and_handed_to_nginx, 0, 8);
    tcase_add_loop_test(thumbs, a_client_that_accepts_webp_gets_the_webp_variant, 0, 4);
    tcase_add_test(thumbs, where_others_wait_the_jpeg_comes_first);
    tcase_add_test(thumbs, a_client_that_accepts_webp_gets_the_jpeg_if_webp_saves_too_little);
    tcase_add_test(thumbs, other_sizes_and_extensions_are_404);
    tcase_add_test(thumbs, paths_that_are_not_just_as_written_are_404);
    tcase_add_test(thumbs, thumbnails_of_no_image_are_404);
    tcase_add_test(thumbs, a_store_that_is_away_is_503);
    tcase_set_timeout(thumbs, 60);
    suite_add_tcase(suite, thumbs);
    return suite;
}
