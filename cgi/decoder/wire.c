#include "decoder/wire.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Space for a message's two descriptors. */
union rights {
    struct cmsghdr head;
    char bytes[CMSG_SPACE(2 * sizeof(int))];
};

void decoder_wire_close(struct decoder_mail *mail)
{
    if (mail->file >= 0)
        (void)close(mail->file);
    if (mail->reply >= 0)
        (void)close(mail->reply);
    mail->file = mail->reply = -1;
}

bool decoder_wire_send(int fd, const struct decoder_mail *mail)
{
    union rights rights = {.bytes = {0}};
    struct iovec part = {(void *)(uintptr_t)&mail->request, sizeof mail->request};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    const int fds[2] = {mail->file, mail->reply};

    if (mail->file >= 0) {
        message.msg_control = rights.bytes;
        message.msg_controllen = sizeof rights.bytes;
        rights.head.cmsg_level = SOL_SOCKET;
        rights.head.cmsg_type = SCM_RIGHTS;
        rights.head.cmsg_len = CMSG_LEN(sizeof fds);
        memcpy(CMSG_DATA(&rights.head), fds, sizeof fds);
    }
    return sendmsg(fd, &message, MSG_NOSIGNAL) == (ssize_t)sizeof mail->request;
}

bool decoder_wire_receive(int fd, struct decoder_mail *mail)
{
    union rights rights;
    struct iovec part = {&mail->request, sizeof mail->request};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = rights.bytes,
                             .msg_controllen = sizeof rights.bytes};
    ssize_t got = recvmsg(fd, &message, MSG_CMSG_CLOEXEC);
    const struct cmsghdr *head = got >= 0 ? CMSG_FIRSTHDR(&message) : NULL;
    int fds[2] = {-1, -1};

    if (head != NULL && head->cmsg_type == SCM_RIGHTS && head->cmsg_len == CMSG_LEN(sizeof fds))
        memcpy(fds, CMSG_DATA(head), sizeof fds);
    mail->file = fds[0];
    mail->reply = fds[1];
    return got == (ssize_t)sizeof mail->request && mail->request.wire == DECODER_WIRE &&
           mail->request.count <= DECODER_OUTPUTS_MAX && mail->request.redact < IMAGE_REDACT_LEVELS;
}
