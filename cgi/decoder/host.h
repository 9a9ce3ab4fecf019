/* vitrine-decoder: the program that forks a child for each picture.
 *
 * It is started by decoder_new(), with a socket as its standard input, and looks into no file that
 * it is given: it hands descriptors on and keeps the time. A child that nothing has been given to
 * waits in advance, once there was a first job; so the next picture does not wait for a fork.
 *
 * The program is two such processes: with ImageMagick in it, a process takes ten times as long to
 * fork and to end, so those children whose pictures need it are another's. */
#ifndef VITRINE_DECODER_HOST_H
#define VITRINE_DECODER_HOST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

struct decoder_settings {
    const char *module_dir, *policy_dir;
    uint64_t max_pixels;
    bool has_sandbox;
};

/* Does the jobs that come through the socket until its other end is closed. VT_ERR_UNAVAILABLE or
 * VT_ERR_INTERNAL where that cannot be begun or goes wrong. */
enum vt_error decoder_host_run(int control, const struct decoder_settings *settings) VT_MUST_CHECK;

#endif
