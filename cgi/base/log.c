#include "base/log.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"

static const char *const level_names[] = {
    [LOG_LEVEL_ERROR] = "error",
    [LOG_LEVEL_WARNING] = "warning",
    [LOG_LEVEL_INFO] = "info",
};

/* The limit is global, since the log belongs to the process, as standard error does. */
static struct {
    unsigned lines, seconds;
    int64_t began; /* milliseconds of the monotonic clock */
    unsigned written, left_out;
} limit;

void log_limit(unsigned lines, unsigned seconds)
{
    memset(&limit, 0, sizeof limit);
    limit.lines = lines;
    limit.seconds = seconds;
}

static bool is_over_limit(enum log_level level)
{
    struct timespec now;
    unsigned left_out = limit.left_out;
    int64_t at;

    if (limit.lines == 0 || level == LOG_LEVEL_INFO || clock_gettime(CLOCK_MONOTONIC, &now) != 0)
        return false;
    at = (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
    if (limit.written == 0 || at - limit.began >= (int64_t)limit.seconds * 1000) {
        limit.began = at;
        limit.written = limit.left_out = 0;
        if (left_out > 0)
            log_info("log: %u errors and warnings were left out", left_out);
    }
    if (limit.written == limit.lines) {
        limit.left_out++;
        return true;
    }
    limit.written++;
    return false;
}

void log_write(enum log_level level, const char *format, ...)
{
    char message[1001], line[4 * sizeof message + 64];
    size_t at;
    va_list args;
    int len;

    if (is_over_limit(level))
        return;
    va_start(args, format);
    len = vsnprintf(message, sizeof message, format, args);
    va_end(args);
    if (len < 0)
        return;
    len =
        snprintf(line, sizeof line, "level=%s pid=%ld msg=\"", level_names[level], (long)getpid());
    if (len < 0)
        return;
    at = (size_t)len;
    len = (int)strlen(message);
    for (int i = 0; i < len;) {
        size_t left = (size_t)(len - i), hidden = text_hidden(message + i, left);

        if (message[i] == '"' || message[i] == '\\')
            line[at++] = '\\';
        if (hidden == 0) {
            size_t character = text_character(message + i, left);

            memcpy(line + at, message + i, character);
            at += character;
            i += (int)character;
        }
        for (; hidden > 0; hidden--)
            at += (size_t)snprintf(line + at, 5, "\\x%02x", (unsigned char)message[i++]);
    }
    line[at++] = '"';
    line[at++] = '\n';
    if (write(STDERR_FILENO, line, at) < 0)
        return;
}
