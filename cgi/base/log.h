/* Writes log lines in logfmt to standard error: one write for each line, with all input escaped. */
#ifndef VITRINE_BASE_LOG_H
#define VITRINE_BASE_LOG_H

#include "base/error.h"

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARNING, LOG_LEVEL_INFO };

/* Writes `level=… pid=… msg="…"`. In the message, quotes and backslashes are escaped. Control
 * characters, characters that are invisible or reorder text, and bytes that are not UTF-8 are
 * written as \xNN; a message of more than 1,000 bytes is cut. A failed write is ignored: there is
 * nowhere left to report it. */
void log_write(enum log_level level, const char *format, ...) VT_PRINTF(2, 3);

/* From now on, this process writes at most `lines` errors and warnings in each period of `seconds`,
 * and one more line that says how many were left out. For processes that others can make log. Lines
 * of LOG_LEVEL_INFO are not counted. 0 lines means no limit, which is the default. */
void log_limit(unsigned lines, unsigned seconds);

#define log_error(...) log_write(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warning(...) log_write(LOG_LEVEL_WARNING, __VA_ARGS__)
#define log_info(...) log_write(LOG_LEVEL_INFO, __VA_ARGS__)

#endif
