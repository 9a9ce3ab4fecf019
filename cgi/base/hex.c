#include "base/hex.h"

#include <nettle/base16.h>
#include <string.h>

void hex_write(const void *bytes, size_t len, char *out)
{
    base16_encode_update(out, len, bytes);
    out[2 * len] = '\0';
}

bool hex_read(const char *text, void *out)
{
    size_t len = strlen(text), room = len / 2;
    struct base16_decode_ctx context;

    /* Nettle would skip white space and accept upper case. */
    if (strspn(text, "0123456789abcdef") != len)
        return false;
    base16_decode_init(&context);
    return base16_decode_update(&context, &room, out, len, text) == 1 &&
           base16_decode_final(&context) == 1;
}
