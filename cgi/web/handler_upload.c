/* POST /api/images: a form with files, or one image as the body. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "http/http_header.h"
#include "http/multipart.h"
#include "web/access.h"
#include "web/handlers.h"
#include "web/problem.h"
#include "web/render.h"

#define CHUNK_SIZE (64 * 1024)
#define FILE_NAME_SIZE 8192 /* the limit of a part's headers */
#define MAX_FILES 100  /* accepted from one form; each holds an open file until the form is read */
#define MAX_PARTS 1000 /* of one form, including fields and refused files */
#define FORM_SECONDS                                                                               \
    110 /* for a form, minus the limit of its last decode: a worker ends after 120 */

/* One file of the request: first its upload in progress, then the result. */
struct item {
    struct upload *upload;
    char *file_name;
    enum vt_error err;
    struct vt_reason why;
    struct added added;
};

struct intake {
    struct app *app;
    struct item *items;
    size_t count;
    size_t parts;
    bool in_file, in_empty_field; /* kind of the current part; a text field is neither */
    bool saw_empty_field, saw_text_field;
    time_t started;
};

static time_t seconds_now(void)
{
    struct timespec now;

    return clock_gettime(CLOCK_MONOTONIC, &now) == 0 ? now.tv_sec : 0;
}

static void intake_free(struct intake *intake)
{
    for (size_t i = 0; i < intake->count; i++) {
        gallery_upload_free(intake->items[i].upload);
        free(intake->items[i].file_name);
    }
    free(intake->items);
}

static enum vt_error begin_item(struct intake *intake, const char *file_name, struct vt_reason *why)
{
    struct item *items, *item;

    (void)why;
    items = realloc(intake->items, (intake->count + 1) * sizeof *items);
    if (items == NULL)
        return VT_ERR_MEMORY;
    intake->items = items;
    item = &items[intake->count];
    memset(item, 0, sizeof *item);
    item->file_name = strdup(file_name);
    if (item->file_name == NULL)
        return VT_ERR_MEMORY;
    intake->count++;
    /* Its bytes are read and discarded; the other files are still accepted. */
    if (intake->count > MAX_FILES) {
        item->err = vt_fail(&item->why, VT_ERR_TOO_LARGE, "a form may have %d files", MAX_FILES);
        return VT_OK;
    }
    return gallery_upload_begin(intake->app->gallery, &item->upload);
}

/* Text fields, named buttons and empty file fields are not files, and do no harm. */
static enum vt_error on_part(void *context, const char *disposition, struct vt_reason *why)
{
    struct intake *intake = context;
    char file_name[FILE_NAME_SIZE];
    enum vt_error err = http_header_filename(disposition, file_name, sizeof file_name);

    if (++intake->parts > MAX_PARTS)
        return vt_fail(why, VT_ERR_TOO_LARGE, "a form may have %d parts", MAX_PARTS);
    if (!http_header_is_media_type(disposition, "form-data"))
        return vt_fail(why, VT_ERR_MALFORMED, "a part of the form has no Content-Disposition");
    if (err != VT_OK && err != VT_ERR_NOT_FOUND)
        return vt_fail(why, VT_ERR_MALFORMED, "the file name of a part cannot be read");
    intake->in_empty_field = err == VT_OK && file_name[0] == '\0';
    intake->in_file = err == VT_OK && file_name[0] != '\0';
    intake->saw_empty_field |= intake->in_empty_field;
    intake->saw_text_field |= err == VT_ERR_NOT_FOUND;
    return intake->in_file ? begin_item(intake, file_name, why) : VT_OK;
}

static enum vt_error on_data(void *context, const void *data, size_t len, struct vt_reason *why)
{
    struct intake *intake = context;

    if (intake->in_empty_field)
        return vt_fail(why, VT_ERR_MALFORMED,
                       "no file was chosen: a part with content has an empty name");
    if (!intake->in_file || intake->items[intake->count - 1].upload == NULL)
        return VT_OK;
    return gallery_upload_write(intake->items[intake->count - 1].upload, data, len);
}

static enum vt_error has_file(const struct intake *intake, struct vt_reason *why)
{
    if (intake->count > 0)
        return VT_OK;
    if (intake->saw_empty_field)
        return vt_fail(why, VT_ERR_MALFORMED,
                       "no file was chosen: the form has empty file fields only");
    if (intake->saw_text_field)
        return vt_fail(why, VT_ERR_MALFORMED, "the form has no file: its parts have no file name");
    return vt_fail(why, VT_ERR_MALFORMED, "the form has no file");
}

/* Reads the whole body before any file is processed, so that a form that is malformed at its end
 * stores nothing. */
static enum vt_error read_form(struct intake *intake, const struct http_request *request,
                               const char *boundary, struct vt_reason *why)
{
    static const struct multipart_events events = {on_part, on_data};
    char *chunk = malloc(CHUNK_SIZE);
    struct multipart *multipart = NULL;
    size_t got = 1;
    enum vt_error err = chunk == NULL ? VT_ERR_MEMORY : VT_OK;

    if (err == VT_OK)
        err = multipart_new(boundary, &events, intake, &multipart);
    while (err == VT_OK && got > 0) {
        err = request->read_body(request->body_source, chunk, CHUNK_SIZE, &got, why);
        if (err == VT_OK)
            err = multipart_feed(multipart, chunk, got, why);
    }
    if (err == VT_OK)
        err = multipart_finish(multipart, why);
    if (err == VT_OK)
        err = has_file(intake, why);
    multipart_free(multipart);
    free(chunk);
    return err;
}

static enum vt_error read_single(struct intake *intake, const struct http_request *request,
                                 struct vt_reason *why)
{
    char file_name[FILE_NAME_SIZE], *chunk = malloc(CHUNK_SIZE);
    size_t got = 1;
    enum vt_error err =
        http_header_filename(request->content_disposition, file_name, sizeof file_name);

    if (err != VT_OK)
        file_name[0] = '\0';
    err = chunk == NULL ? VT_ERR_MEMORY : begin_item(intake, file_name, why);
    while (err == VT_OK && got > 0) {
        err = request->read_body(request->body_source, chunk, CHUNK_SIZE, &got, why);
        if (err == VT_OK)
            err = gallery_upload_write(intake->items[0].upload, chunk, got);
    }
    free(chunk);
    return err;
}

/* Whether the worker would still finish in time if the next decode took its full limit. */
static bool has_time(const struct intake *intake)
{
    return seconds_now() - intake->started <
           (time_t)FORM_SECONDS - (time_t)intake->app->config->decode_seconds;
}

/* Processes the files one after the other. Files for which no time is left are refused, so that
 * those that were stored can be reported; but the first file is always processed. */
static void finish_items(struct intake *intake)
{
    for (size_t i = 0; i < intake->count; i++) {
        struct item *item = &intake->items[i];

        if (item->upload == NULL)
            continue;
        if (i > 0 && !has_time(intake))
            item->err = vt_fail(&item->why, VT_ERR_BUSY,
                                "the form's other files took all of its time; send this one again");
        else
            item->err =
                gallery_upload_finish(item->upload, item->file_name, &item->added, &item->why);
        gallery_upload_free(item->upload);
        item->upload = NULL;
    }
}

static int item_status(const struct item *item)
{
    if (item->err != VT_OK)
        return problem_status(item->err);
    return item->added.known ? 200 : 201;
}

/* One status for all files: 201 or 200 if every file was accepted, 207 if some were. If none was,
 * the status that they share; a mixture is 422, unless the fault is the server's. */
static int overall_status(const struct intake *intake)
{
    int status = item_status(&intake->items[0]);
    bool taken = false, refused = false, added = false, mixed = false, server = false;

    for (size_t i = 0; i < intake->count; i++) {
        int one = item_status(&intake->items[i]);

        taken |= one < 300;
        refused |= one >= 300;
        added |= one == 201;
        server |= one >= 500;
        mixed |= one != status;
        if (one >= 500)
            status = one;
    }
    if (taken)
        return refused ? 207 : added ? 201 : 200;
    return mixed && !server ? 422 : status;
}

/* Why a file was refused; NULL if out of memory. */
static json_t *refusal(const struct item *item)
{
    char name[NAME_SIZE];

    text_clean_name(item->file_name, strlen(item->file_name), name);
    return json_pack("{s:i, s:s, s:o}", "status", item_status(item), "name", name, "error",
                     problem_json(item->err, &item->why));
}

static json_t *refusals(const struct intake *intake)
{
    json_t *list = json_array();

    for (size_t i = 0; list != NULL && i < intake->count; i++) {
        if (json_array_append_new(list, refusal(&intake->items[i])) != 0) {
            json_decref(list);
            return NULL;
        }
    }
    return list;
}

/* Whoever adds an image may change it. If uploads need the operator's token, that is the case. */
static enum image_json_view view_of(const struct config *config, const struct added *added)
{
    return added->known && config->token[0] == '\0' ? image_json_view_of_others(config)
                                                    : IMAGE_JSON_WHOLE;
}

static void put_item(struct buf *body, struct gallery *gallery, const struct item *item)
{
    const struct config *config = gallery_config(gallery);
    json_t *refused;

    if (item->err == VT_OK) {
        const struct image_json_form form = {view_of(config, &item->added), config->metadata,
                                             gallery_has_no_copy(gallery, &item->added.record)};

        buf_puts(body, "{");
        image_json_members(body, &item->added.record, &form);
        buf_printf(body, ",\"status\":%d", item_status(item));
        /* A token's characters need no escape. */
        if (item->added.token[0] != '\0')
            buf_printf(body, ",\"delete_token\":\"%s\"", item->added.token);
        buf_puts(body, "}");
        return;
    }
    refused = refusal(item);
    if (refused != NULL)
        image_json_append(body, refused);
    else
        buf_fail(body);
    json_decref(refused);
}

static void respond_json(const struct intake *intake, struct http_response *response)
{
    const struct item *first = &intake->items[0];
    int status = overall_status(intake);
    json_t *json;

    if (status < 300) {
        if (intake->count == 1)
            http_header(response, "Location", "/api/images/%s", first->added.record.id);
        buf_puts(&response->body, "{\"images\":[");
        for (size_t i = 0; i < intake->count; i++) {
            buf_puts(&response->body, i > 0 ? "," : "");
            put_item(&response->body, intake->app->gallery, &intake->items[i]);
        }
        buf_puts(&response->body, "]}\n");
        render_body(response, status, "application/json");
        return;
    }
    /* No file was accepted: one problem for all, which contains each file's own. */
    for (size_t i = 0; i < intake->count; i++)
        if (item_status(&intake->items[i]) == status)
            first = &intake->items[i];
    problem_respond(response, first->err, &first->why);
    json = problem_json(first->err, &first->why);
    if (json != NULL && (json_object_set_new(json, "status", json_integer(status)) != 0 ||
                         json_object_set_new(json, "images", refusals(intake)) != 0)) {
        json_decref(json);
        json = NULL;
    }
    render_json(response, status, "application/problem+json", json);
}

/* Without scripts: redirects to the page, or reports which files were refused and why. */
static enum vt_error respond_html(const struct intake *intake, struct http_response *response)
{
    char *messages[MAX_PARTS] = {NULL}, name[NAME_SIZE];
    int status = overall_status(intake);
    size_t count = 0;
    enum vt_error err = VT_OK;

    if (status < 207) {
        http_header(response, "Location", "/");
        response->status = 303;
        return VT_OK;
    }
    for (size_t i = 0; i < intake->count && err == VT_OK; i++) {
        const struct item *item = &intake->items[i];

        if (item->err == VT_OK)
            continue;
        text_clean_name(item->file_name, strlen(item->file_name), name);
        if (asprintf(&messages[count], "%s: %s", name,
                     item->why.text[0] != '\0' ? item->why.text : vt_strerror(item->err)) < 0)
            err = VT_ERR_MEMORY;
        else
            count++;
    }
    if (err == VT_OK)
        render_page(response, status,
                    status == 207 ? "Some files were not accepted" : "The upload was not accepted",
                    (const char *const *)messages, count);
    while (count > 0)
        free(messages[--count]);
    return err;
}

enum vt_error handler_upload(struct app *app, const struct http_request *request,
                             const struct route_parameters *parameters,
                             struct http_response *response)
{
    char boundary[MULTIPART_BOUNDARY_MAX + 1];
    /* Without its connection: a complete upload is stored even if the client has disconnected. */
    const struct gallery_client client = {request->address, -1, request->others_wait,
                                          request->body_source};
    struct intake intake = {.app = app, .started = seconds_now()};
    struct vt_reason *why = &response->why;
    enum vt_error err = access_may_upload(app->config, app->guesses, request, why);

    (void)parameters;
    if (err == VT_OK &&
        (http_header_is_media_type(request->content_type, "image/*") ||
         http_header_is_media_type(request->content_type, "application/octet-stream"))) {
        err = read_single(&intake, request, why);
    } else if (err == VT_OK) {
        err = multipart_boundary(request->content_type, boundary, why);
        if (err == VT_OK)
            err = read_form(&intake, request, boundary, why);
    }
    if (err == VT_OK) {
        gallery_serve(app->gallery, &client);
        finish_items(&intake);
        gallery_serve(app->gallery, NULL);
        if (http_header_accepts_html(request->accept))
            err = respond_html(&intake, response);
        else
            respond_json(&intake, response);
    }
    intake_free(&intake);
    return err;
}
