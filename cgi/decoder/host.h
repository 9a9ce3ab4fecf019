/* vitrine-decoder: the program that forks a child for each picture.
 *
 * decoder_new() starts it with a socket as its standard input. It does not read any file that it is
 * given: it passes descriptors on and enforces the time limit. After the first job, it always keeps
 * a fresh child waiting, so that the next picture does not wait for a fork.
 *
 * The program consists of two such processes: a process that has loaded ImageMagick takes ten times
 * as long to fork and to end, so a second host forks the children whose pictures need it,
 * libheif or libtiff. Both load the readers of metadata, which are small. */
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
 * VT_ERR_INTERNAL if it cannot start or goes wrong. */
enum vt_error decoder_host_run(int control, const struct decoder_settings *settings) VT_MUST_CHECK;

#endif
