#include <stdio.h>
#include <string.h>

#include "../support/app.h"
#include "../support/support.h"
#include "base/build.h"
#include "store/catalogue.h"

static struct support_app app;
static struct http_response response;
static struct added image;
static char path[64], bearer[80];

/* A gallery of one image, whose path and token are at hand. */
static void start(void)
{
    support_app_open(&app, POOL_API);
    response = HTTP_RESPONSE_INIT;
    support_add_picture(app.app.gallery, &(struct picture){.coder = "PNG"}, "a.png", &image);
    (void)snprintf(path, sizeof path, "/api/images/%s", image.record.id);
    (void)snprintf(bearer, sizeof bearer, "Bearer %s", image.token);
}

static void stop(void)
{
    support_app_close(&app);
    http_response_free(&response);
}

static void add(unsigned seed, const char *name)
{
    struct added added;

    support_add_picture(app.app.gallery, &(struct picture){.coder = "PNG", .seed = seed}, name,
                        &added);
}

static int list(const char *query)
{
    struct support_request request;

    support_request(&request, HTTP_GET, "/api/images", "", 0);
    request.request.query = query;
    return support_answer(&app, &request, &response);
}

static int list_if_none_match(enum http_method method, const char *value)
{
    struct support_request request;

    support_request(&request, method, "/api/images", "", 0);
    request.request.if_none_match = value;
    return support_answer(&app, &request, &response);
}

/* The response's ETag, with its quotes. */
static const char *etag(void)
{
    static char value[64];
    const char *line = strstr(response.headers.data, "ETag: ");

    ck_assert_ptr_nonnull(line);
    ck_assert_int_eq(sscanf(line, "ETag: %63[^\r]", value), 1);
    return value;
}

/* Changes are the image pool's. */
static int answer_change(const struct support_request *request)
{
    int status;

    app.config.pool = POOL_IMAGE;
    status = support_answer(&app, request, &response);
    app.config.pool = POOL_API;
    return status;
}

static int change_at(const char *where, const char *authorization, const char *type,
                     const char *body, size_t len)
{
    struct support_request request;

    support_request(&request, HTTP_PATCH, where, body, len);
    request.request.authorization = authorization;
    request.request.content_type = type;
    return answer_change(&request);
}

static int change(const char *body)
{
    return change_at(path, bearer, "application/json", body, strlen(body));
}

static int drop(const char *where, const char *authorization)
{
    struct support_request request;

    support_request(&request, HTTP_DELETE, where, "", 0);
    request.request.authorization = authorization;
    return answer_change(&request);
}

static void check_unchanged(void)
{
    struct record record;

    ck_assert_int_eq(gallery_get(app.app.gallery, image.record.id, &record), VT_OK);
    ck_assert_str_eq(record.name, "a.png");
    ck_assert_str_eq(record.tags, "");
}

/* ---- listings ---- */

START_TEST(a_listing_has_images_next_and_total)
{
    json_t *json;
    const json_t *images;

    add(2, "b.png");
    ck_assert_int_eq(list(""), 200);
    json = support_json(&response);
    images = json_object_get(json, "images");
    ck_assert_uint_eq(json_object_size(json), 3);
    ck_assert_uint_eq(json_array_size(images), 2);
    ck_assert_str_eq(support_string(json_array_get(images, 0), "name"), "b.png");
    ck_assert_str_eq(support_string(json_array_get(images, 1), "id"), image.record.id);
    ck_assert_ptr_null(json_object_get(json_array_get(images, 0), "delete_token"));
    ck_assert(json_is_null(json_object_get(json, "next")));
    ck_assert_int_eq(support_integer(json, "total"), 2);
    ck_assert(support_has_header(&response, "Cache-Control: no-cache"));
    json_decref(json);
}
END_TEST

START_TEST(next_leads_through_all_pages)
{
    static const char *const sorts[] = {"new", "old", "name", "size"};
    char query[1200];
    unsigned seen = 0;

    for (unsigned i = 2; i <= 5; i++)
        add(i, "100% &=+ \xc3\xa9.png"); /* a name that has to survive in a cursor */
    (void)snprintf(query, sizeof query, "limit=2&sort=%s", sorts[_i]);
    for (unsigned pages = 1;; pages++) {
        const char *next;
        json_t *json;

        ck_assert_int_eq(list(query), 200);
        json = support_json(&response);
        ck_assert_int_eq(support_integer(json, "total"), 5);
        seen += (unsigned)json_array_size(json_object_get(json, "images"));
        next = json_string_value(json_object_get(json, "next"));
        ck_assert_int_eq(next == NULL, pages == 3);
        if (next != NULL) {
            ck_assert_uint_eq(strspn(next, "abcdefghijklmnopqrstuvwxyz0123456789.-"), strlen(next));
            (void)snprintf(query, sizeof query, "cursor=%s&sort=%s&limit=2", next, sorts[_i]);
        }
        json_decref(json);
        if (next == NULL)
            break;
    }
    ck_assert_uint_eq(seen, 5);
}
END_TEST

START_TEST(a_listing_can_be_searched)
{
    json_t *json;

    add(2, "two words.png");
    ck_assert_int_eq(list("q=Wor+tw%6F"), 200);
    json = support_json(&response);
    ck_assert_int_eq(support_integer(json, "total"), 1);
    json_decref(json);
    ck_assert_int_eq(list("q=%22%29+OR+1%3D1--"), 200);
    json = support_json(&response);
    ck_assert_int_eq(support_integer(json, "total"), 0);
    ck_assert_uint_eq(json_array_size(json_object_get(json, "images")), 0);
    json_decref(json);
}
END_TEST

static const char *const bad_queries[] = {
    "limit=0",
    "limit=201",
    "limit=-1",
    "limit=1x",
    "limit=",
    "limit=007",
    "limit=99999999999",
    "sort=best",
    "sort=",
    "sort=NEW",
    "cursor=",
    "cursor=x",
    "cursor=new",
    "cursor=new.",
    "cursor=new.x",
    "cursor=old.1",
    "cursor=new.1.2",
    "cursor=new.-1",
    "sort=name&cursor=name.1.zz",
    "sort=size&cursor=size.1",
    "q=%zz",
    "q=%00",
    "q=a&q=b",
    "limit=1&limit=2",
    "offset=3",
    "%00=1",
    "cursor=new.99999999999999999999",
};

START_TEST(a_query_that_is_not_understood_is_400)
{
    json_t *json;

    ck_assert_int_eq(list(bad_queries[_i]), 400);
    json = support_json(&response);
    ck_assert_str_eq(support_string(json, "type"), "urn:vitrine:problem:bad-request");
    ck_assert_str_ne(support_string(json, "detail"), "");
    json_decref(json);
}
END_TEST

START_TEST(a_listing_known_already_is_304)
{
    char known[64], weak[80];

    ck_assert_int_eq(list(""), 200);
    (void)snprintf(known, sizeof known, "%s", etag());
    (void)snprintf(weak, sizeof weak, "\"other\", W/%s", known);
    ck_assert_int_eq(list_if_none_match(HTTP_GET, known), 304);
    ck_assert_uint_eq(response.body.len, 0);
    ck_assert_str_eq(etag(), known);
    ck_assert_int_eq(list_if_none_match(HTTP_HEAD, weak), 304);
    ck_assert_int_eq(list_if_none_match(HTTP_GET, "*"), 304);
    ck_assert_int_eq(list_if_none_match(HTTP_GET, "\"other\""), 200);
    ck_assert_int_eq(list_if_none_match(HTTP_GET, ""), 200);
}
END_TEST

/* Another build may write the same images otherwise. */
START_TEST(the_tag_names_the_build_and_the_setting_that_made_the_listing)
{
    char wanted[BUILD_TAG_SIZE + 32];

    ck_assert_uint_eq(strspn(build_tag(), "0123456789abcdef"), BUILD_TAG_SIZE - 1);
    ck_assert_int_eq(list(""), 200);
    (void)snprintf(wanted, sizeof wanted, "-%s-hide-place\"", build_tag());
    ck_assert_ptr_nonnull(strstr(etag(), wanted));
}
END_TEST

START_TEST(every_change_gives_the_listing_another_tag)
{
    char tags[4][128];

    ck_assert_int_eq(list(""), 200);
    (void)snprintf(tags[0], sizeof tags[0], "%s", etag());
    add(2, "b.png");
    ck_assert_int_eq(list_if_none_match(HTTP_GET, tags[0]), 200);
    (void)snprintf(tags[1], sizeof tags[1], "%s", etag());
    ck_assert_int_eq(change("{\"name\":\"c.png\"}"), 200);
    ck_assert_int_eq(list_if_none_match(HTTP_GET, tags[1]), 200);
    (void)snprintf(tags[2], sizeof tags[2], "%s", etag());
    ck_assert_int_eq(drop(path, bearer), 204);
    ck_assert_int_eq(list_if_none_match(HTTP_GET, tags[2]), 200);
    (void)snprintf(tags[3], sizeof tags[3], "%s", etag());
    for (int i = 0; i < 4; i++)
        for (int j = 0; j < i; j++)
            ck_assert_str_ne(tags[i], tags[j]);
}
END_TEST

START_TEST(a_bad_query_is_400_even_where_the_tag_is_known)
{
    struct support_request request;

    support_request(&request, HTTP_GET, "/api/images", "", 0);
    request.request.query = "limit=x";
    request.request.if_none_match = "*";
    ck_assert_int_eq(support_answer(&app, &request, &response), 400);
}
END_TEST

/* ---- one image ---- */

START_TEST(an_image_can_be_read)
{
    struct support_request request;
    json_t *json;

    support_request(&request, HTTP_GET, path, "", 0);
    ck_assert_int_eq(support_answer(&app, &request, &response), 200);
    json = support_json(&response);
    ck_assert_str_eq(support_string(json, "id"), image.record.id);
    ck_assert_ptr_null(json_object_get(json, "delete_token"));
    ck_assert_ptr_null(strstr(response.body.data, image.token));
    json_decref(json);
    support_request(&request, HTTP_GET, "/api/images/00000000000000000000000000000000", "", 0);
    ck_assert_int_eq(support_answer(&app, &request, &response), 404);
    support_request(&request, HTTP_GET, "/api/images/nothing", "", 0);
    ck_assert_int_eq(support_answer(&app, &request, &response), 404);
}
END_TEST

/* ---- changes ---- */

static const char missing[] = "/api/images/00000000000000000000000000000000";

/* Gives the image a photograph of which everything is known. */
static void photograph(void)
{
    struct catalogue *catalogue;
    struct record record;

    ck_assert_int_eq(gallery_get(app.app.gallery, image.record.id, &record), VT_OK);
    record.photo = support_photo();
    ck_assert_int_eq(
        catalogue_sqlite_open(support_path(app.config.data, "catalogue.sqlite"), &catalogue, NULL),
        VT_OK);
    ck_assert_int_eq(catalogue_change(catalogue, &record), VT_OK);
    catalogue_close(catalogue);
}

/* What the image tells whoever has this token; NULL for nobody. The caller owns it. */
static json_t *told(const char *authorization)
{
    struct support_request request;

    support_request(&request, HTTP_GET, path, "", 0);
    request.request.authorization = authorization;
    ck_assert_int_eq(support_answer(&app, &request, &response), 200);
    ck_assert(support_has_header(&response, "Vary: Authorization"));
    return support_json(&response);
}

static bool tells(const char *authorization, const char *member)
{
    json_t *json = told(authorization);
    bool has = json_object_get(json, member) != NULL;

    json_decref(json);
    return has;
}

START_TEST(only_who_may_change_an_image_is_told_its_place)
{
    photograph();
    ck_assert(!tells("", "place"));
    ck_assert(tells("", "camera"));
    ck_assert(tells(bearer, "place"));
    (void)snprintf(app.config.token, sizeof app.config.token, "the operator's own");
    ck_assert(tells("Bearer the operator's own", "place"));
    app.config.metadata = METADATA_SHOW;
    ck_assert(tells("", "place"));
    app.config.metadata = METADATA_HIDE_ALL;
    ck_assert(!tells("", "place"));
    ck_assert(!tells("", "camera"));
    ck_assert(!tells("", "description"));
    ck_assert(tells("", "taken"));
    ck_assert(tells(bearer, "camera"));
    ck_assert(tells(bearer, "place"));
}
END_TEST

START_TEST(an_image_is_not_described_for_a_wrong_token)
{
    struct support_request request;

    support_request(&request, HTTP_GET, path, "", 0);
    request.request.authorization = "Bearer wrong";
    ck_assert_int_eq(support_answer(&app, &request, &response), 403);
}
END_TEST

START_TEST(a_listing_tells_when_each_was_taken_and_no_more)
{
    json_t *json;
    const json_t *listed;

    app.config.metadata = METADATA_SHOW;
    photograph();
    ck_assert_int_eq(list(""), 200);
    json = support_json(&response);
    listed = json_array_get(json_object_get(json, "images"), 0);
    ck_assert_str_eq(support_string(listed, "taken"), "2024-05-12T10:11:11.345+02:00");
    ck_assert_ptr_null(json_object_get(listed, "camera"));
    ck_assert_ptr_null(json_object_get(listed, "place"));
    ck_assert_ptr_null(json_object_get(listed, "description"));
    json_decref(json);
}
END_TEST

/* The status of a listing, and in *total the number of its images. */
static int find(const char *query, const char *authorization, json_int_t *total)
{
    struct support_request request;
    json_t *json;
    int status;

    support_request(&request, HTTP_GET, "/api/images", "", 0);
    request.request.query = query;
    request.request.authorization = authorization;
    status = support_answer(&app, &request, &response);
    json = support_json(&response);
    *total = status == 200 ? support_integer(json, "total") : -1;
    json_decref(json);
    return status;
}

#define OPERATOR "Bearer the operator's own"

/* What a query finds of the one photograph: of everybody, of the operator. */
static const struct finding {
    enum metadata_mode metadata;
    const char *query;
    int status; /* of everybody */
    int found;  /* by everybody; the operator finds it always */
} findings[] = {
    {METADATA_SHOW, "near=43.4674,11.8851,1", 200, 1},
    {METADATA_SHOW, "has=place", 200, 1},
    {METADATA_SHOW, "camera=Nikon+P6000&q=p6000", 200, 1},
    {METADATA_HIDE_PLACE, "near=43.4674,11.8851,1", 401, -1},
    {METADATA_HIDE_PLACE, "has=place", 401, -1},
    {METADATA_HIDE_PLACE, "has=place&camera=Nikon+P6000", 401, -1},
    {METADATA_HIDE_PLACE, "camera=Nikon+P6000", 200, 1},
    {METADATA_HIDE_PLACE, "q=p6000", 200, 1},
    {METADATA_HIDE_PLACE, "q=arezzo", 200, 1},
    {METADATA_HIDE_PLACE, "taken=2024-05", 200, 1},
    {METADATA_HIDE_ALL, "near=43.4674,11.8851,1", 401, -1},
    {METADATA_HIDE_ALL, "has=place", 401, -1},
    {METADATA_HIDE_ALL, "camera=Nikon+P6000", 401, -1},
    {METADATA_HIDE_ALL, "q=p6000", 200, 0},
    {METADATA_HIDE_ALL, "q=arezzo", 200, 0},
    {METADATA_HIDE_ALL, "taken=2024-05", 200, 1},
    {METADATA_HIDE_ALL, "type=image/png", 200, 1},
};

START_TEST(nothing_is_found_by_what_is_hidden_but_by_the_operator)
{
    const struct finding *it = &findings[_i];
    json_int_t total;

    photograph();
    app.config.metadata = it->metadata;
    (void)snprintf(app.config.token, sizeof app.config.token, "the operator's own");
    ck_assert_int_eq(find(it->query, "", &total), it->status);
    ck_assert_int_eq(total, it->found);
    ck_assert_int_eq(find(it->query, OPERATOR, &total), 200);
    ck_assert_int_eq(total, 1);
    if (it->found != 1) {
        ck_assert(support_has_header(&response, "Vary: Accept, Authorization"));
        ck_assert_int_eq(find(it->query, "Bearer wrong", &total), 403);
        ck_assert_int_eq(find(it->query, bearer, &total), 403); /* it is of one image only */
    }
}
END_TEST

START_TEST(what_only_the_operator_finds_has_another_entity_tag)
{
    struct support_request request;
    json_int_t total;
    char known[64];

    photograph();
    app.config.metadata = METADATA_HIDE_ALL;
    (void)snprintf(app.config.token, sizeof app.config.token, "the operator's own");
    ck_assert_int_eq(find("q=p6000", OPERATOR, &total), 200);
    (void)snprintf(known, sizeof known, "%s", etag());
    support_request(&request, HTTP_GET, "/api/images", "", 0);
    request.request.query = "q=p6000";
    request.request.if_none_match = known;
    ck_assert_int_eq(support_answer(&app, &request, &response), 200);
    request.request.authorization = OPERATOR;
    ck_assert_int_eq(support_answer(&app, &request, &response), 304);
    request.request.authorization = "";
    request.request.query = "has=place";
    ck_assert_int_eq(support_answer(&app, &request, &response), 401);
}
END_TEST

START_TEST(a_person_may_change_time_words_and_place)
{
    struct record record;
    json_t *json;

    photograph();
    ck_assert_int_eq(change("{\"taken\":\"1999-12-31T23:59\",\"description\":\" Two\\nlines \","
                            "\"place\":{\"latitude\":-33.5,\"longitude\":151}}"),
                     200);
    json = support_json(&response);
    ck_assert_str_eq(support_string(json, "taken"), "1999-12-31T23:59:00.000");
    ck_assert_str_eq(support_string(json, "taken_from"), "person");
    ck_assert_str_eq(support_string(json, "description"), "Two lines");
    ck_assert_int_eq(support_integer(json_object_get(json, "place"), "longitude"), 151);
    ck_assert_ptr_null(json_object_get(json_object_get(json, "place"), "altitude"));
    ck_assert_str_eq(support_string(json, "camera"), "Nikon P6000");
    json_decref(json);
    ck_assert_int_eq(gallery_get(app.app.gallery, image.record.id, &record), VT_OK);
    ck_assert_uint_eq(record.set_by_person,
                      RECORD_SET_TAKEN | RECORD_SET_DESCRIPTION | RECORD_SET_PLACE);
    ck_assert_int_eq(change("{\"name\":\"b.png\",\"tags\":[]}"), 200);
    ck_assert_int_eq(gallery_get(app.app.gallery, image.record.id, &record), VT_OK);
    ck_assert_uint_eq(record.set_by_person, RECORD_SET_NAME | RECORD_SET_TAGS | RECORD_SET_TAKEN |
                                                RECORD_SET_DESCRIPTION | RECORD_SET_PLACE);
    ck_assert_double_eq(record.photo.latitude, -33.5);
}
END_TEST

START_TEST(null_says_that_nobody_knows)
{
    struct record record;
    json_t *json;

    photograph();
    ck_assert_int_eq(change("{\"taken\":null,\"description\":null,\"place\":null}"), 200);
    json = support_json(&response);
    ck_assert_ptr_null(json_object_get(json, "taken"));
    ck_assert_str_eq(support_string(json, "taken_from"), "person");
    ck_assert_ptr_null(json_object_get(json, "description"));
    ck_assert_ptr_null(json_object_get(json, "place"));
    json_decref(json);
    ck_assert_int_eq(gallery_get(app.app.gallery, image.record.id, &record), VT_OK);
    ck_assert_uint_eq(record.set_by_person,
                      RECORD_SET_TAKEN | RECORD_SET_DESCRIPTION | RECORD_SET_PLACE);
}
END_TEST

START_TEST(a_description_that_is_too_long_is_refused)
{
    char body[PHOTO_DESCRIPTION_SIZE + 32];
    int at = snprintf(body, sizeof body, "{\"description\":\"");

    memset(body + at, 'x', PHOTO_DESCRIPTION_SIZE);
    memcpy(body + at + PHOTO_DESCRIPTION_SIZE, "\"}", 3);
    ck_assert_int_eq(change(body), 400);
    memcpy(body + at + PHOTO_DESCRIPTION_SIZE - 1, "\"}", 3);
    ck_assert_int_eq(change(body), 200);
}
END_TEST

static int get_original(const char *where, const char *authorization)
{
    struct support_request request;
    char whole[160];

    (void)snprintf(whole, sizeof whole, "%s/original", where);
    support_request(&request, HTTP_GET, whole, "", 0);
    request.request.authorization = authorization;
    return support_answer(&app, &request, &response);
}

START_TEST(an_original_is_given_to_those_who_may_change_it)
{
    char header[160];

    ck_assert_int_eq(get_original(path, bearer), 200);
    (void)snprintf(header, sizeof header, "X-Accel-Redirect: /made/original/%.2s/%s.png",
                   image.record.id, image.record.id);
    ck_assert(support_has_header(&response, header));
    ck_assert(support_has_header(&response, "Cache-Control: private, no-cache"));
    ck_assert_uint_eq(response.body.len, 0);
}
END_TEST

START_TEST(an_original_needs_the_right_token)
{
    ck_assert_int_eq(get_original(path, ""), 401);
    ck_assert_int_eq(get_original(path, "Bearer wrong"), 403);
    ck_assert_int_eq(get_original("/api/images/00000000000000000000000000000000", ""), 401);
    ck_assert_int_eq(get_original("/api/images/00000000000000000000000000000000", bearer), 404);
}
END_TEST

START_TEST(a_change_needs_the_right_token)
{
    static const char body[] = "{\"name\":\"x\"}";
    struct added other;

    ck_assert_int_eq(change_at(path, "", "application/json", body, sizeof body - 1), 401);
    ck_assert(support_has_header(&response, "WWW-Authenticate: Bearer realm=\"vitrine\""));
    ck_assert_int_eq(change_at(path, "Bearer x", "application/json", body, sizeof body - 1), 403);
    support_add_picture(app.app.gallery, &(struct picture){.coder = "PNG", .seed = 2}, "b", &other);
    (void)snprintf(bearer, sizeof bearer, "Bearer %s", other.token);
    ck_assert_int_eq(change_at(path, bearer, "application/json", body, sizeof body - 1), 403);
    /* Who has no token does not learn what exists. */
    ck_assert_int_eq(change_at(missing, "", "application/json", body, sizeof body - 1), 401);
    ck_assert_int_eq(change_at(missing, bearer, "application/json", body, sizeof body - 1), 404);
    check_unchanged();
}
END_TEST

START_TEST(a_change_gives_the_image_as_it_is_then)
{
    json_t *json;

    ck_assert_int_eq(change("{\"name\":\" new name.png \",\"tags\":[\"sea\",\"sea\",\" b \"]}"),
                     200);
    json = support_json(&response);
    ck_assert_str_eq(support_string(json, "name"), "new name.png");
    ck_assert_uint_eq(json_array_size(json_object_get(json, "tags")), 2);
    json_decref(json);
    ck_assert_int_eq(change("{\"tags\":[]}"), 200);
    json = support_json(&response);
    ck_assert_str_eq(support_string(json, "name"), "new name.png");
    ck_assert_uint_eq(json_array_size(json_object_get(json, "tags")), 0);
    json_decref(json);
}
END_TEST

START_TEST(the_operator_may_change_any_image)
{
    static const char body[] = "{\"name\":\"x\"}";

    (void)snprintf(app.config.token, sizeof app.config.token, "operator");
    ck_assert_int_eq(change_at(path, "Bearer operator", "application/json", body, sizeof body - 1),
                     200);
    ck_assert_int_eq(change_at(path, bearer, "application/merge-patch+json; charset=utf-8", body,
                               sizeof body - 1),
                     200);
}
END_TEST

static const char *const other_types[] = {"", "text/plain", "application/x-www-form-urlencoded",
                                          "application/jsonx", "multipart/form-data; boundary=x"};

START_TEST(a_change_of_another_type_is_415)
{
    ck_assert_int_eq(change_at(path, bearer, other_types[_i], "{\"name\":\"x\"}", 12), 415);
    check_unchanged();
}
END_TEST

static const char *const bad_changes[] = {
    "",
    "null",
    "[]",
    "\"x\"",
    "1",
    "{}",
    "{",
    "{\"name\":\"x\"",
    "{\"name\":\"x\"} {}",
    "{\"name\":\"x\",}",
    "{\"name\":null}",
    "{\"name\":1}",
    "{\"name\":[\"x\"]}",
    "{\"name\":\"\"}",
    "{\"name\":\" \\r\\n \"}",
    "{\"name\":\"x\",\"name\":\"y\"}",
    "{\"name\":\"x\",\"id\":\"y\"}",
    "{\"Name\":\"x\"}",
    "{\"tags\":\"x\"}",
    "{\"tags\":null}",
    "{\"tags\":[1]}",
    "{\"tags\":[\"x\",null]}",
    "{\"tags\":[[\"x\"]]}",
    "{\"tags\":[\"\"]}",
    "{\"tags\":{\"a\":\"b\"}}",
    "{\"name\":\"fine\",\"tags\":[\"\"]}",
    "{\"taken\":1715508671}",
    "{\"taken\":\"\"}",
    "{\"taken\":\"yesterday\"}",
    "{\"taken\":\"2024-02-30\"}",
    "{\"taken\":\"2024-05-12T10:11:12+25:00\"}",
    "{\"taken\":\"9999-01-01\"}",
    "{\"taken_from\":\"file\"}",
    "{\"description\":1}",
    "{\"place\":\"Arezzo\"}",
    "{\"place\":{}}",
    "{\"place\":{\"latitude\":1}}",
    "{\"place\":{\"latitude\":1,\"longitude\":\"2\"}}",
    "{\"place\":{\"latitude\":1,\"longitude\":2,\"altitude\":null}}",
    "{\"place\":{\"latitude\":1,\"longitude\":2,\"name\":3}}",
    "{\"place\":{\"latitude\":90.1,\"longitude\":2}}",
    "{\"place\":{\"latitude\":1,\"longitude\":-180.5}}",
    "{\"place\":{\"latitude\":1,\"longitude\":2,\"altitude\":1e9}}",
    "{\"description\":\"fine\",\"place\":[1,2]}",
    "{\"name\":\"nul \\u0000\"}",
    "{\"name\":\"half \\ud800\"}",
    "{\"name\":\"caf\xe9\"}",
    "{\"tags\":[\"1\",\"2\",\"3\",\"4\",\"5\",\"6\",\"7\",\"8\",\"9\",\"10\",\"11\",\"12\",\"13\","
    "\"14\",\"15\",\"16\",\"17\"]}",
};

START_TEST(a_change_that_is_not_understood_is_400)
{
    json_t *json;

    ck_assert_int_eq(change(bad_changes[_i]), 400);
    json = support_json(&response);
    ck_assert_str_ne(support_string(json, "detail"), "");
    check_unchanged();
    json_decref(json);
}
END_TEST

START_TEST(a_change_nested_too_deep_is_400)
{
    char body[16001];

    memset(body, '[', sizeof body - 1);
    body[sizeof body - 1] = '\0';
    ck_assert_int_eq(change(body), 400);
    memcpy(body, "{\"tags\":", 8);
    ck_assert_int_eq(change(body), 400);
    for (size_t i = 0; i + 5 <= sizeof body - 1; i += 5)
        memcpy(body + i, "{\"a\":", 5);
    ck_assert_int_eq(change(body), 400);
    check_unchanged();
}
END_TEST

START_TEST(a_change_that_is_too_large_is_413)
{
    static char body[16 * 1024 + 2];

    (void)snprintf(body, sizeof body, "%-*s", (int)sizeof body - 1, "{\"name\":\"x\"}");
    ck_assert_int_eq(change(body), 413);
    check_unchanged();
    body[sizeof body - 2] = '\0'; /* just as large as it may be */
    ck_assert_int_eq(change(body), 200);
}
END_TEST

/* ---- removals ---- */

START_TEST(a_removal_needs_the_right_token)
{
    ck_assert_int_eq(drop(path, ""), 401);
    ck_assert_int_eq(drop(missing, ""), 401);
    ck_assert_int_eq(drop(path, "Bearer wrong"), 403);
    ck_assert_int_eq(drop(missing, "Bearer wrong"), 404);
    check_unchanged();
}
END_TEST

START_TEST(a_removed_image_is_gone)
{
    struct support_request request;

    ck_assert_int_eq(drop(path, bearer), 204);
    ck_assert_uint_eq(response.body.len, 0);
    ck_assert_ptr_null(response.content_type);
    ck_assert_int_eq(drop(path, bearer), 404);
    support_request(&request, HTTP_GET, path, "", 0);
    ck_assert_int_eq(support_answer(&app, &request, &response), 404);
    ck_assert_uint_eq(support_count_files(support_path(support_folder(), "uploads")), 0);
    ck_assert_uint_eq(support_count_files(support_path(support_folder(), "thumbs")), 0);
}
END_TEST

START_TEST(a_store_that_is_away_is_503_for_all)
{
    struct support_app away;
    struct support_request request;

    support_app_open(&away, POOL_API);
    (void)snprintf(away.config.data, sizeof away.config.data, "%s/nowhere", support_folder());
    support_request(&request, HTTP_GET, "/api/images", "", 0);
    ck_assert_int_eq(support_answer(&away, &request, &response), 503);
    ck_assert(support_has_header(&response, "Retry-After: 5"));
    ck_assert_ptr_null(strstr(response.body.data, support_folder()));
    support_request(&request, HTTP_GET, path, "", 0);
    ck_assert_int_eq(support_answer(&away, &request, &response), 503);
    support_app_close(&away);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("images");
    TCase *listings = tcase_create("listings"), *changes = tcase_create("changes");

    tcase_add_test(listings, a_listing_has_images_next_and_total);
    tcase_add_loop_test(listings, next_leads_through_all_pages, 0, 4);
    tcase_add_test(listings, a_listing_can_be_searched);
    tcase_add_loop_test(listings, a_query_that_is_not_understood_is_400, 0,
                        (int)(sizeof bad_queries / sizeof bad_queries[0]));
    tcase_add_test(listings, a_listing_known_already_is_304);
    tcase_add_test(listings, the_tag_names_the_build_and_the_setting_that_made_the_listing);
    tcase_add_test(listings, every_change_gives_the_listing_another_tag);
    tcase_add_test(listings, a_bad_query_is_400_even_where_the_tag_is_known);
    tcase_add_test(listings, an_image_can_be_read);
    tcase_add_test(changes, only_who_may_change_an_image_is_told_its_place);
    tcase_add_test(changes, an_image_is_not_described_for_a_wrong_token);
    tcase_add_test(changes, an_original_is_given_to_those_who_may_change_it);
    tcase_add_test(changes, an_original_needs_the_right_token);
    tcase_add_test(changes, a_listing_tells_when_each_was_taken_and_no_more);
    tcase_add_loop_test(changes, nothing_is_found_by_what_is_hidden_but_by_the_operator, 0,
                        sizeof findings / sizeof findings[0]);
    tcase_add_test(changes, what_only_the_operator_finds_has_another_entity_tag);
    tcase_add_test(changes, a_person_may_change_time_words_and_place);
    tcase_add_test(changes, null_says_that_nobody_knows);
    tcase_add_test(changes, a_description_that_is_too_long_is_refused);
    tcase_add_test(changes, a_change_needs_the_right_token);
    tcase_add_test(changes, a_change_gives_the_image_as_it_is_then);
    tcase_add_test(changes, the_operator_may_change_any_image);
    tcase_add_loop_test(changes, a_change_of_another_type_is_415, 0,
                        (int)(sizeof other_types / sizeof other_types[0]));
    tcase_add_loop_test(changes, a_change_that_is_not_understood_is_400, 0,
                        (int)(sizeof bad_changes / sizeof bad_changes[0]));
    tcase_add_test(changes, a_change_nested_too_deep_is_400);
    tcase_add_test(changes, a_change_that_is_too_large_is_413);
    tcase_add_test(changes, a_removal_needs_the_right_token);
    tcase_add_test(changes, a_removed_image_is_gone);
    tcase_add_test(changes, a_store_that_is_away_is_503_for_all);
    for (TCase *const *at = (TCase *const[]){listings, changes, NULL}; *at != NULL; at++) {
        tcase_add_checked_fixture(*at, start, stop);
        tcase_set_timeout(*at, 60);
        suite_add_tcase(suite, *at);
    }
    return suite;
}
