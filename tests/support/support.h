/* What the unit tests share. Every function here ends the process on failure, which ends the test,
 * so that none returns an error. */
#ifndef VITRINE_TESTS_SUPPORT_H
#define VITRINE_TESTS_SUPPORT_H

#include <check.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/config.h"
#include "http/http.h"
#include "store/record.h"

/* Ends the process where the condition does not hold. In a test, ck_assert() says more. */
#define SUPPORT_MUST(condition)                                                                    \
    ((condition) ? (void)0 : support_abort(__FILE__, __LINE__, #condition))
_Noreturn void support_abort(const char *file, int line, const char *condition);

/* Each check_*.c defines this; support_main.c runs it and writes TAP. */
Suite *make_suite(void);

/* Makes an empty folder for one test, in TMPDIR or /tmp, and removes it, with all that is in it, at
 * the end of the process. Static; every test runs in a process of its own. */
const char *support_folder(void);

/* folder/name, static until the next call. */
const char *support_path(const char *folder, const char *name);

/* Fills a config with the defaults, for a data folder. VITRINE_TEST_POLICY names the folder of
 * ImageMagick's policy where that is not installed. */
void support_config(const char *data, struct config *config);

/* Reads a whole file. The caller frees *out. */
void support_read_file(const char *path, struct buf *out);

/* Writes a whole file. */
void support_write_file(const char *path, const void *data, size_t len);

/* Number of files, not folders, below a folder. */
unsigned support_count_files(const char *folder);

/* Makes a folder below another one and gives its path, static as support_path()'s. */
const char *support_subfolder(const char *parent, const char *name);

/* Sets a file's time of change to so many seconds ago. */
void support_age_file(const char *path, long seconds);

/* Waits for a child process and gives its exit status; it must have ended by itself. */
int support_wait(pid_t child);

/* A row for the catalogue with an id, a name and a size made from a number. */
struct record support_record(unsigned number);

/* How a picture is to be made. Zeroes give 64 by 48 pixels in one frame, opaque. */
struct picture {
    const char
        *coder; /* ImageMagick's name: "JPEG", "PNG", "GIF", "WEBP", "AVIF", "HEIC", "TIFF" */
    unsigned width, height;
    unsigned frames;      /* 0 and 1 are a still image */
    unsigned orientation; /* EXIF, 1 to 8, of a JPEG; 0 for none. The picture is stored turned, so
                             that it is width by height once it is upright */
    unsigned seed;        /* pictures of different seeds have different bytes */
    bool alpha;           /* the right half is transparent */
    bool grey, cmyk;      /* stored in that colour space instead of RGB */
    bool deep;            /* 16 bits a channel, of a PNG or TIFF */
    bool noise;           /* of grey from the seed, all over: what no encoder makes small */
};

/* Makes a picture: the left upper quarter red, the right upper one green, the left lower one blue,
 * the right lower one white, and a little noise from the seed in the last row; or noise alone. The
 * caller frees *out. */
void support_picture(const struct picture *picture, struct buf *out);

/* A picture's pixels, four bytes each: red, green, blue, alpha. */
struct pixels {
    unsigned width, height;
    unsigned char *data;
};

/* Decodes a file with ImageMagick's coder of that name. The caller frees data. */
void support_pixels(const char *coder, const struct buf *file, struct pixels *out);

/* Whether the pixel is of about that colour, 0xRRGGBB, and opaque. */
bool support_is_color(const struct pixels *pixels, unsigned x, unsigned y, unsigned color);

/* Whether ImageMagick, as this process has set it up, reads the data with that coder. */
bool support_reads(const char *coder, const void *data, size_t len);

/* A request for a handler, with a body in memory that is read in pieces of `piece` bytes. */
struct support_request {
    struct http_request request; /* the first member */
    const char *body;
    size_t len, at, piece;
};

/* Fills a request with empty headers. body is kept by reference. */
void support_request(struct support_request *self, enum http_method method, const char *path,
                     const void *body, size_t len);

#endif
