#include "store/record.h"

#include <string.h>

#include "base/hex.h"

void record_write_id(const uint8_t hash[DIGEST_SIZE], char id[ID_LENGTH + 1])
{
    hex_write(hash, ID_LENGTH / 2, id);
}

enum vt_error record_read_id(int fd, char id[ID_LENGTH + 1])
{
    uint8_t hash[DIGEST_SIZE];
    enum vt_error err = digest_of_file(fd, hash);

    id[0] = '\0';
    if (err == VT_OK)
        record_write_id(hash, id);
    return err;
}

bool record_is_id(const char *text)
{
    return strspn(text, "0123456789abcdef") == ID_LENGTH && text[ID_LENGTH] == '\0';
}
