#include "log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char *const level_names[] = {
    [LOG_LEVEL_ERROR] = "error",
    [LOG_LEVEL_WARNING] = "warning",
    [LOG_LEVEL_INFO] = "info",
};

void log_write(enum log_level level, const char *format, ...)
{
    char message[1001], line[4 * sizeof message + 64];
    size_t at;
    va_list args;
    int len;

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
    for (const unsigned char *c = (const unsigned char *)message; *c != '\0'; c++) {
        if (*c == '"' || *c == '\\') {
            line[at++] = '\\';
            line[at++] = (char)*c;
        } else if (*c < 0x20 || *c == 0x7f) {
            at += (size_t)snprintf(line + at, 5, "\\x%02x", *c);
        } else {
            line[at++] = (char)*c;
        }
    }
    line[at++] = '"';
    line[at++] = '\n';
    if (write(STDERR_FILENO, line, at) < 0)
        return;
}
