/* A whole upload, from bytes to the answer and the disk. An input that begins with two dashes is
 * a form, whose boundary is the first line; any other is the file itself. The test reads an
 * accepted image, requests its largest thumbnail and that thumbnail's WebP variant, and deletes
 * it by its token. */
#include <stdio.h>
#include <string.h>

#include "fuzz.h"

static struct support_app app;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    fuzz_open(&app);
    return 0;
}

static void answer(enum http_method method, const char *path, const char *token, int status)
{
    struct http_response response = HTTP_RESPONSE_INIT;
    struct support_request request;
    char bearer[TOKEN_SIZE + 8];

    (void)snprintf(bearer, sizeof bearer, "Bearer %s", token);
    support_request(&request, method, path, NULL, 0);
    request.request.authorization = bearer;
    fuzz_answer(&app, &request, &response);
    SUPPORT_MUST(response.status == status);
    http_response_free(&response);
}

/* An image of the answer; one that was known in the same form has no token, and is gone already. */
static void follow(const json_t *image)
{
    const json_t *token = json_object_get(image, "delete_token");
    const char *id, *thumb;
    char path[128];
    size_t len;

    if (token == NULL)
        return;
    id = support_string(image, "id");
    thumb = support_string(json_object_get(image, "thumbs"), "2048");
    answer(HTTP_GET, thumb, "", 200);
    len = strlen(thumb);
    if (strcmp(thumb + len - 4, ".jpg") == 0) {
        (void)snprintf(path, sizeof path, "%.*s.twin", (int)len - 4, thumb);
        answer(HTTP_GET, path, "", 200);
    }
    (void)snprintf(path, sizeof path, "/api/images/%s", id);
    answer(HTTP_GET, path, "", 200);
    answer(HTTP_DELETE, path, json_string_value(token), 204);
}

/* The Content-Type of an input. */
static void write_type(const uint8_t *data, size_t size, char *out, size_t out_size)
{
    size_t len = 2;

    while (len < size && data[len] > ' ' && data[len] != '"' && len < 128)
        len++;
    if (size >= 2 && memcmp(data, "--", 2) == 0)
        (void)snprintf(out, out_size, "multipart/form-data; boundary=\"%.*s\"", (int)len - 2,
                       (const char *)data + 2);
    else
        (void)snprintf(out, out_size, "image/jpeg");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct http_response response = HTTP_RESPONSE_INIT;
    struct support_request request;
    char type[256];

    write_type(data, size, type, sizeof type);
    support_request(&request, HTTP_POST, "/api/images", data, size);
    request.request.content_type = type;
    request.request.authorization = "Bearer " FUZZ_TOKEN;
    fuzz_answer(&app, &request, &response);
    if (response.status < 300) {
        json_t *json = support_json(&response), *images = json_object_get(json, "images");

        for (size_t i = 0; i < json_array_size(images); i++)
            follow(json_array_get(images, i));
        json_decref(json);
    }
    http_response_free(&response);
    SUPPORT_MUST(support_count_files(support_path(app.config.data, "tmp")) == 0);
    SUPPORT_MUST(support_count_files(support_path(app.config.data, "uploads")) == 0);
    SUPPORT_MUST(support_count_files(support_path(app.config.data, "thumbs")) == 0);
    return 0;
}
