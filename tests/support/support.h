/* Helpers for all unit tests. Every function here ends the process, and so the test, on failure; so
 * none returns an error. */
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

/* Ends the process if the condition does not hold. In a test, prefer ck_assert(), which reports
 * more. */
#define SUPPORT_MUST(condition)                                                                    \
    ((condition) ? (void)0 : support_abort(__FILE__, __LINE__, #condition))
_Noreturn void support_abort(const char *file, int line, const char *condition);

/* Each check_*.c defines this; main.c runs it and writes TAP. */
Suite *make_suite(void);

/* Makes an empty folder for one test, in TMPDIR or /tmp, which is removed with its content at the
 * end of the process. The path is static; every test runs in a process of its own. */
const char *support_folder(void);

/* folder/name, static until the next call. */
const char *support_path(const char *folder, const char *name);

/* Fills a config with the defaults, for a data folder. VITRINE_TEST_POLICY names the folder of
 * ImageMagick's policy if that is not installed. */
void support_config(const char *data, struct config *config);

/* Reads a whole file. The caller frees *out. */
void support_read_file(const char *path, struct buf *out);

/* Writes a whole file. */
void support_write_file(const char *path, const void *data, size_t len);

/* Number of files, not folders, below a folder. */
unsigned support_count_files(const char *folder);

/* Makes a folder below another one and returns its path, which is static like support_path()'s. */
const char *support_subfolder(const char *parent, const char *name);

/* Sets a file's modification time to `seconds` ago. */
void support_age_file(const char *path, long seconds);

/* Waits for a child process and returns its exit status; no signal may have ended it. */
int support_wait(pid_t child);

/* A row for the catalogue with an id, a name and a size derived from a number. */
struct record support_record(unsigned number);

/* A photograph of which everything is known but title and keywords, which the store does not keep,
 * and the comparison of two. */
struct photo support_photo(void);
void support_photos_equal(const struct photo *a, const struct photo *b);

/* Describes a picture to make. If all is zero, it has 64 by 48 pixels in one frame and is opaque.
 */
struct picture {
    const char *coder; /* ImageMagick's name: JPEG, PNG, GIF, WEBP, AVIF, HEIC, TIFF or JXL */
    unsigned width, height;
    unsigned frames;      /* 0 and 1 are a still image */
    unsigned orientation; /* EXIF, 1 to 8, of a JPEG; 0 for none. The picture is stored turned, so
                             that it is width by height when upright */
    unsigned seed;        /* pictures of different seeds have different bytes */
    bool alpha;           /* the right half is transparent */
    bool grey, cmyk;      /* stored in that colour space instead of RGB */
    bool deep;            /* 16 bits a channel, in a PNG, TIFF or JXL */
    bool noise;           /* grey noise from the seed everywhere, which no encoder can compress */
};

/* Makes a picture whose quarters are red (upper left), green (upper right), blue (lower left) and
 * white (lower right), with a little noise from the seed in the last row; or only noise. The caller
 * frees *out. */
void support_picture(const struct picture *picture, struct buf *out);

/* A picture's pixels, four bytes each: red, green, blue, alpha. */
struct pixels {
    unsigned width, height;
    unsigned char *data;
};

/* Decodes a JPEG, PNG or WebP, as coder says, with the plainest call of its library; colour
 * profiles are ignored. The caller frees data. It is in codec.c. */
void support_pixels(const char *coder, const struct buf *file, struct pixels *out);

/* The pixel at x, y, which is in the picture: red, green, blue, alpha. */
const unsigned char *support_pixel(const struct pixels *pixels, unsigned x, unsigned y);

/* Fails the test if a colour of the pixel differs by more than the tolerance. */
void support_expect_color(const struct pixels *pixels, unsigned x, unsigned y,
                          const unsigned char want[3], int tolerance);

/* Whether the pixel has approximately that colour, 0xRRGGBB, and is opaque. */
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
