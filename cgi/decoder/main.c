/* vitrine-decoder MODULE-FOLDER POLICY-FOLDER MAX-PIXELS on|off: decodes pictures for the process
 * at the other end of its standard input, a socket. See host.h; decoder.c starts it.
 *
 * vitrine-decoder --libraries MODULE-FOLDER POLICY-FOLDER: prints which libraries it loads, for
 * `vitrine check`. */
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/log.h"
#include "decoder/host.h"
#include "decoder/libraries.h"
#include "decoder/wire.h"

static bool is_socket(int fd)
{
    int type;
    socklen_t size = sizeof type;

    return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_SEQPACKET;
}

int main(int argc, char **argv)
{
    struct decoder_settings settings;
    enum vt_error err;

    if (argc == 4 && strcmp(argv[1], DECODER_LIBRARIES) == 0)
        return decoder_libraries_print(argv[2], argv[3]) == VT_OK ? EXIT_SUCCESS : EXIT_FAILURE;
    if (argc != 5 || !is_socket(DECODER_CONTROL)) {
        log_error(DECODER_PROGRAM " is started by vitrine.fcgi, vitrine-import and vitrine-rescan");
        return EXIT_FAILURE;
    }
    /* If each of their threads had an arena, codecs would reserve a hundred times what they use. */
    (void)mallopt(M_ARENA_MAX, 1);
    /* Pictures take memory from the heap, which has huge pages and grows in large steps; see
     * warm_up.h. */
    (void)mallopt(M_MMAP_THRESHOLD, 32 << 20);
    (void)mallopt(M_TRIM_THRESHOLD, 1 << 30);
    (void)mallopt(M_TOP_PAD, 4 << 20);
    settings = (struct decoder_settings){.module_dir = argv[1],
                                         .policy_dir = argv[2],
                                         .max_pixels = strtoull(argv[3], NULL, 10),
                                         .has_sandbox = strcmp(argv[4], "off") != 0};
    err = decoder_host_run(DECODER_CONTROL, &settings);
    if (err != VT_OK)
        log_error("the decoder ends: %s", vt_strerror(err));
    return err == VT_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
