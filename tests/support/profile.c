#include "profile.h"

#include <stdlib.h>

void support_profile(cmsHPROFILE profile, struct buf *out)
{
    cmsUInt32Number len = 0;
    char *data;

    SUPPORT_MUST(profile != NULL && cmsSaveProfileToMem(profile, NULL, &len));
    data = malloc(len);
    SUPPORT_MUST(data != NULL && cmsSaveProfileToMem(profile, data, &len));
    *out = BUF_INIT;
    buf_append(out, data, len);
    SUPPORT_MUST(buf_ok(out));
    free(data);
}
