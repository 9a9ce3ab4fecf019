/* Errors: one enum for the whole of Vitrine.
 *
 * Foreign codes (errno, SQLite, MagickWand) are translated to one of these where they arise. Only
 * problem.c translates these to an HTTP status. */
#ifndef VITRINE_BASE_ERROR_H
#define VITRINE_BASE_ERROR_H

#include <stdbool.h>

#define VT_MUST_CHECK __attribute__((warn_unused_result))
#define VT_PRINTF(string, first) __attribute__((format(printf, string, first)))

enum vt_error {
    VT_OK = 0,
    VT_ERR_MALFORMED,     /* the request cannot be understood */
    VT_ERR_UNAUTHORIZED,  /* no credentials where some are needed */
    VT_ERR_FORBIDDEN,     /* the credentials do not allow this */
    VT_ERR_NOT_FOUND,     /* no such path, or no such image */
    VT_ERR_METHOD,        /* the path exists, but does not take this method */
    VT_ERR_TOO_LARGE,     /* a body over its limit */
    VT_ERR_UNSUPPORTED,   /* the data is of a type that is not accepted */
    VT_ERR_MISDIRECTED,   /* the request came to the wrong pool: nginx and the worker disagree */
    VT_ERR_INVALID_IMAGE, /* of an accepted type, but broken */
    VT_ERR_IMAGE_LIMIT,   /* an image whose size or frame count is over the limit */
    VT_ERR_NO_SPACE,      /* the disk is full, or the user's part of it */
    VT_ERR_QUOTA,         /* the gallery would exceed VITRINE_QUOTA */
    VT_ERR_TOO_MANY,      /* this client requests more than its share; it may try again later */
    VT_ERR_BUSY,          /* the gallery is overloaded at the moment; nothing was done */
    VT_ERR_UNAVAILABLE,   /* the store cannot be written or reached at the moment */
    VT_ERR_IO,            /* the disk failed to read or write: an input/output error */
    VT_ERR_DAMAGED,       /* the catalogue's file is damaged: an operator has to rebuild it */
    VT_ERR_STOPPED,       /* the caller no longer wants the result */
    VT_ERR_MEMORY,        /* an allocation failed */
    VT_ERR_INTERNAL,      /* a bug in Vitrine */
    VT_ERROR_COUNT
};

/* Why something failed, worded for the client: without paths of the host or bytes of the input. */
struct vt_reason {
    char text[200];
};

/* The error's name for logs, a static string; "unknown error" for a value outside the enum. */
const char *vt_strerror(enum vt_error err);

/* Fills *why (which may be NULL) and returns err, so that a caller can fail in one statement. */
enum vt_error vt_fail(struct vt_reason *why, enum vt_error err, const char *format, ...)
    VT_PRINTF(3, 4);

/* The error that stands for an errno value: ENOSPC, EDQUOT and EFBIG are VT_ERR_NO_SPACE, EROFS,
 * EACCES and EPERM VT_ERR_UNAVAILABLE, EIO and what file systems give for damaged blocks (ENXIO,
 * EBADMSG, EUCLEAN), for a link where a file should be (ELOOP), or for one that a server no longer
 * has (ESTALE), VT_ERR_IO, ENOENT VT_ERR_NOT_FOUND, ENOMEM VT_ERR_MEMORY, any other
 * VT_ERR_INTERNAL. */
enum vt_error vt_error_from_errno(int code) VT_MUST_CHECK;

/* Whether an operation on one file failed because that file cannot be read, be it a fault of the
 * disk or a missing permission. Other files may still be readable. */
bool vt_is_unreadable(enum vt_error err) VT_MUST_CHECK;

#endif
