#include "load_requests.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define BODY_MOST (64 << 20)

/* Reads a file into memory that the caller frees; NULL on failure. */
static char *read_file(const char *path, size_t *length)
{
    FILE *file = fopen(path, "rb");
    struct stat about;
    char *bytes = NULL;

    if (file == NULL)
        return NULL;
    if (fstat(fileno(file), &about) == 0 && about.st_size > 0 && about.st_size <= BODY_MOST) {
        *length = (size_t)about.st_size;
        bytes = malloc(*length);
    }
    if (bytes != NULL && fread(bytes, 1, *length, file) != *length) {
        free(bytes);
        bytes = NULL;
    }
    (void)fclose(file);
    return bytes;
}

static bool add_header(struct load_request *request, const char *line)
{
    struct curl_slist *longer = line != NULL ? curl_slist_append(request->headers, line) : NULL;

    if (longer == NULL)
        return false;
    request->headers = longer;
    return true;
}

static bool take_headers(struct load_request *request, const json_t *headers)
{
    for (size_t i = 0; i < json_array_size(headers); i++) {
        if (!add_header(request, json_string_value(json_array_get(headers, i))))
            return false;
    }
    /* Without this header, since curl would wait a second for an answer to it. */
    return request->body == NULL || add_header(request, "Expect:");
}

/* Fills in an empty request. On failure, requests_free() frees what is there. */
static bool take(struct load_request *request, json_t *line, const char *base)
{
    const char *method = "GET", *path = NULL, *body = NULL;
    json_t *headers = NULL;
    json_int_t stamp = -1, status = 200;

    if (json_unpack(line, "{s?s, s:s, s?o, s?s, s?I, s?I !}", "method", &method, "path", &path,
                    "headers", &headers, "body", &body, "stamp", &stamp, "status", &status) != 0)
        return false;
    request->method = strdup(method);
    if (request->method == NULL || asprintf(&request->url, "%s%s", base, path) < 0)
        return false;
    request->status = (long)status;
    request->stamp = (long)stamp;
    if (body != NULL && (request->body = read_file(body, &request->length)) == NULL)
        return false;
    if (stamp >= 0 && (body == NULL || (size_t)stamp + STAMP_LENGTH > request->length))
        return false;
    return take_headers(request, headers);
}

static bool append(struct load_requests *requests, json_t *line, const char *base)
{
    struct load_request *longer = realloc(requests->list, (requests->count + 1) * sizeof *longer);

    if (longer == NULL)
        return false;
    requests->list = longer;
    longer[requests->count] = (struct load_request){.stamp = -1};
    return take(&longer[requests->count++], line, base);
}

bool requests_read(struct load_requests *requests, const char *path, const char *base)
{
    FILE *file = fopen(path, "r");
    char *line = NULL;
    size_t room = 0;
    bool good = file != NULL;

    *requests = (struct load_requests){.list = NULL};
    while (good && getline(&line, &room, file) > 0) {
        json_t *object = json_loads(line, 0, NULL);
        good = object != NULL && append(requests, object, base);
        json_decref(object);
    }
    free(line);
    if (file != NULL)
        (void)fclose(file);
    if (good && requests->count > 0)
        return true;
    (void)fprintf(stderr, "load_at_rate: %s: request %zu cannot be made\n", path, requests->count);
    return false;
}

void requests_free(struct load_requests *requests)
{
    for (size_t i = 0; i < requests->count; i++) {
        struct load_request *request = &requests->list[i];
        free(request->method);
        free(request->url);
        free(request->body);
        curl_slist_free_all(request->headers);
    }
    free(requests->list);
    *requests = (struct load_requests){.list = NULL};
}
