#include "base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

static const char *const names[VT_ERROR_COUNT] = {
    [VT_OK] = "ok",
    [VT_ERR_MALFORMED] = "malformed request",
    [VT_ERR_UNAUTHORIZED] = "unauthorized",
    [VT_ERR_FORBIDDEN] = "forbidden",
    [VT_ERR_NOT_FOUND] = "not found",
    [VT_ERR_METHOD] = "method not allowed",
    [VT_ERR_TOO_LARGE] = "too large",
    [VT_ERR_UNSUPPORTED] = "unsupported type",
    [VT_ERR_MISDIRECTED] = "misdirected request",
    [VT_ERR_INVALID_IMAGE] = "invalid image",
    [VT_ERR_IMAGE_LIMIT] = "image over the limit",
    [VT_ERR_NO_SPACE] = "no space",
    [VT_ERR_QUOTA] = "quota used up",
    [VT_ERR_TOO_MANY] = "too many requests",
    [VT_ERR_BUSY] = "overloaded",
    [VT_ERR_UNAVAILABLE] = "store unavailable",
    [VT_ERR_IO] = "input/output error",
    [VT_ERR_DAMAGED] = "catalogue damaged",
    [VT_ERR_STOPPED] = "stopped",
    [VT_ERR_MEMORY] = "out of memory",
    [VT_ERR_INTERNAL] = "internal error",
};

const char *vt_strerror(enum vt_error err)
{
    if ((int)err < 0 || err >= VT_ERROR_COUNT)
        return "unknown error";
    return names[err];
}

enum vt_error vt_fail(struct vt_reason *why, enum vt_error err, const char *format, ...)
{
    va_list args;

    if (why == NULL)
        return err;
    va_start(args, format);
    if (vsnprintf(why->text, sizeof why->text, format, args) < 0)
        why->text[0] = '\0';
    va_end(args);
    return err;
}

enum vt_error vt_error_from_errno(int code)
{
    switch (code) {
    case EFBIG:
    case ENOSPC:
    case EDQUOT:
        return VT_ERR_NO_SPACE;
    case EROFS:
    case EACCES:
    case EPERM:
        return VT_ERR_UNAVAILABLE;
    case EIO:
    case ENXIO:
    case EBADMSG:
    case EUCLEAN:
    case ELOOP:
    case ESTALE:
        return VT_ERR_IO;
    case ENOENT:
    case ENOTDIR:
        return VT_ERR_NOT_FOUND;
    case ENOMEM:
        return VT_ERR_MEMORY;
    default:
        return VT_ERR_INTERNAL;
    }
}

bool vt_is_unreadable(enum vt_error err)
{
    return err == VT_ERR_IO || err == VT_ERR_UNAVAILABLE;
}
