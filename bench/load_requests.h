/* The requests of load_at_rate, from a file with one JSON object on each line.
 *
 *   {"method": "GET", "path": "/thumbs/…", "headers": ["Accept: image/webp", …], "status": 200,
 *    "body": "FILE", "stamp": 120}
 *
 * method (GET), headers (none) and status (200) may be missing. A body is read once. With a stamp,
 * 16 of its bytes, from that offset on, differ in each request. */
#ifndef LOAD_REQUESTS_H
#define LOAD_REQUESTS_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>

#define STAMP_LENGTH 16

struct load_request {
    char *method;
    char *url;
    struct curl_slist *headers;
    char *body; /* NULL where there is none */
    size_t length;
    long stamp;  /* -1 where there is none */
    long status; /* that the answer should have */
};

struct load_requests {
    struct load_request *list;
    size_t count;
};

/* Reads the requests to the server at base (http://host:port). If it returns false, it has printed
 * the reason. Call requests_free() in any case. */
bool requests_read(struct load_requests *requests, const char *path, const char *base);

/* A zeroed struct is allowed. */
void requests_free(struct load_requests *requests);

#endif
