#include "log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "name.h"

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
