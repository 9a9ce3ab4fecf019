#include "store/record.h"

#include <string.h>

bool record_is_id(const char *text)
{
    return strspn(text, "0123456789abcdef") == ID_LENGTH && text[ID_LENGTH] == '\0';
}
