/* Log lines in logfmt on standard error: one write, one line, nothing of the input unescaped. */
#ifndef VITRINE_BASE_LOG_H
#define VITRINE_BASE_LOG_H

#include "base/error.h"

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARNING, LOG_LEVEL_INFO };

/* Writes `level=… pid=… msg="…"`. In the message, quotes and backslashes are escaped. Control
 * characters, what is invisible or reorders text, and bytes that are not UTF-8 are written as \xNN;
 * a message over 1,000 bytes is cut. A failing write is ignored: there is nowhere left to report
 * it. */
void log_write(enum log_level level, const char *format, ...) VT_PRINTF(2, 3);

/* From here on, this process writes so many errors and warnings in so many seconds, and one line
 * more which tells how many were left out: for whoever can be made to log by others. Lines of
 * LOG_LEVEL_INFO are not counted. 0 lines: no limit, as at first. */
void log_limit(unsigned lines, unsigned seconds);

#define log_error(...) log_write(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warning(...) log_write(LOG_LEVEL_WARNING, __VA_ARGS__)
#define log_info(...) log_write(LOG_LEVEL_INFO, __VA_ARGS__)

#endif
