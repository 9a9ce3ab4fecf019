#include "decoder_host.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "decoder_child.h"
#include "log.h"
#include "sandbox_decoder.h"

#define GRACE_SECONDS 1           /* for a decoder to notice that it is late */
#define WORDS 2000                /* bytes that a child may say on standard error */
#define OUT_OF_MEMORY_SCORE "500" /* the kernel is to end a decoder, and not who waits for it */

/* A child's descriptors, beside standard output and error. */
#define JOB 0
#define RULESET 3 /* until it has confined itself */

/* A child: it waits for its job, or is at it. */
struct child {
    pid_t pid; /* 0 where there is none */
    int pidfd;
    int job;   /* where it gets the job */
    int words; /* what it says; -1 where it says so itself */
};

#define NO_CHILD ((struct child){0, -1, -1, -1})

struct host {
    int control;
    const struct decoder_settings *settings;
    struct sandbox_decoder sandbox;
    int statm;                   /* what the kernel says of this process's memory; -1 if nothing */
    struct image_engine *engine; /* NULL until the first job */
    bool is_prepared[IMAGE_TYPE_COUNT];
    struct child child;
};

/* A message with its two descriptors, which are the receiver's. */
struct mail {
    struct decoder_request request;
    int file, reply; /* -1 where it had none */
};

static void close_fd(int *fd)
{
    if (*fd >= 0)
        (void)close(*fd);
    *fd = -1;
}

/* ---- messages ---- */

/* False where the other end is closed, or what came cannot be right. */
static bool receive(int fd, struct mail *mail)
{
    union {
        struct cmsghdr head;
        char bytes[CMSG_SPACE(2 * sizeof(int))];
    } rights;
    struct iovec part = {&mail->request, sizeof mail->request};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = rights.bytes,
                             .msg_controllen = sizeof rights.bytes};
    ssize_t got = recvmsg(fd, &message, MSG_CMSG_CLOEXEC);
    const struct cmsghdr *head = CMSG_FIRSTHDR(&message);
    int fds[2] = {-1, -1};

    if (got >= 0 && head != NULL && head->cmsg_type == SCM_RIGHTS &&
        head->cmsg_len == CMSG_LEN(sizeof fds))
        memcpy(fds, CMSG_DATA(head), sizeof fds);
    mail->file = fds[0];
    mail->reply = fds[1];
    return got == (ssize_t)sizeof mail->request && mail->request.wire == DECODER_WIRE &&
           mail->request.count <= DECODER_OUTPUTS_MAX;
}

static bool send_on(int fd, const struct mail *mail)
{
    union {
        struct cmsghdr head;
        char bytes[CMSG_SPACE(2 * sizeof(int))];
    } rights = {.bytes = {0}};
    struct iovec part = {(void *)(uintptr_t)&mail->request, sizeof mail->request};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = rights.bytes,
                             .msg_controllen = sizeof rights.bytes};
    const int fds[2] = {mail->file, mail->reply};

    rights.head.cmsg_level = SOL_SOCKET;
    rights.head.cmsg_type = SCM_RIGHTS;
    rights.head.cmsg_len = CMSG_LEN(sizeof fds);
    memcpy(CMSG_DATA(&rights.head), fds, sizeof fds);
    return sendmsg(fd, &message, MSG_NOSIGNAL) == (ssize_t)sizeof mail->request;
}

/* ---- a child ---- */

/* In the child: nothing is left of the host but its memory, in which no picture ever was. */
static _Noreturn void be_child(struct host *host, int job, int words, pid_t parent)
{
    int said = words >= 0 ? words : STDERR_FILENO, *ruleset = &host->sandbox.ruleset;
    struct mail mail;

    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent || dup2(job, JOB) < 0 ||
        dup2(said, STDOUT_FILENO) < 0 || dup2(said, STDERR_FILENO) < 0 ||
        (*ruleset >= 0 && (*ruleset = dup2(*ruleset, RULESET)) < 0) ||
        close_range(*ruleset >= 0 ? RULESET + 1 : RULESET, ~0U, 0) != 0 ||
        sandbox_decoder_child(&host->sandbox) != VT_OK) {
        log_error("decoder: a child cannot be confined: %s", strerror(errno));
        _exit(EXIT_FAILURE);
    }
    close_fd(ruleset);
    if (!receive(JOB, &mail) || mail.file < 0)
        _exit(EXIT_FAILURE);
    (void)close(JOB);
    decoder_child_run(host->engine, &mail.request, mail.file, mail.reply);
}

/* Forks a child that waits for a job. */
static bool start_child(struct host *host)
{
    int job[2] = {-1, -1}, words[2] = {-1, -1};
    struct child child = NO_CHILD;
    pid_t parent = getpid();

    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, job) != 0)
        return false;
    /* Neither its end nor its words can hold anybody up; where nothing is confined, it is heard as
     * it speaks. */
    if (!host->settings->has_sandbox || pipe2(words, O_CLOEXEC | O_NONBLOCK) == 0)
        child.pid = fork();
    else
        child.pid = -1;
    if (child.pid == 0)
        be_child(host, job[1], words[1], parent);
    (void)close(job[1]);
    close_fd(&words[1]);
    child.job = job[0];
    child.words = words[0];
    child.pidfd = child.pid > 0 ? (int)syscall(SYS_pidfd_open, child.pid, 0) : -1;
    host->child = child;
    return child.pidfd >= 0;
}

/* Writes to the log what the child has said, as words of its, and not much of it. */
static void repeat_words(const struct child *child)
{
    char words[WORDS + 1], *line, *rest = NULL;
    ssize_t len = child->words >= 0 ? read(child->words, words, WORDS) : 0;

    words[len > 0 ? len : 0] = '\0';
    for (line = strtok_r(words, "\n", &rest); line != NULL; line = strtok_r(NULL, "\n", &rest))
        log_info("decoder: of an image: %s", line);
}

/* Ends the child, where it has not, and forgets it; gives what wait(2) does. */
static int end_child(struct host *host)
{
    struct child *child = &host->child;
    int status = 0;

    if (child->pid > 0) {
        (void)kill(child->pid, SIGKILL);
        while (waitpid(child->pid, &status, 0) < 0 && errno == EINTR)
            continue;
    }
    repeat_words(child);
    close_fd(&child->pidfd);
    close_fd(&child->job);
    close_fd(&child->words);
    *child = NO_CHILD;
    return status;
}

/* ---- a job ---- */

/* Has the library loaded, and the coders for such a file: never in a child. */
static enum vt_error prepare(struct host *host, enum image_type type)
{
    const struct decoder_settings *settings = host->settings;
    enum vt_error err = VT_OK;

    if ((unsigned)type >= IMAGE_TYPE_COUNT)
        return VT_ERR_INTERNAL;
    if (host->engine != NULL && host->is_prepared[type])
        return VT_OK;
    (void)end_child(host); /* it was forked without */
    if (host->engine == NULL)
        err = image_engine_new(settings->module_dir, settings->policy_dir, settings->max_pixels,
                               &host->engine);
    if (err == VT_OK)
        image_engine_prepare(host->engine, type);
    host->is_prepared[type] = err == VT_OK;
    return err;
}

/* What every decode has of address space: what the host has, the file, threads. */
static uint64_t base_memory(const struct host *host, int file)
{
    char text[64] = "";
    struct stat status;
    uint64_t pages = 0;

    if (host->statm >= 0 && pread(host->statm, text, sizeof text - 1, 0) > 0)
        pages = strtoull(text, NULL, 10);
    if (pages == 0)
        pages = (UINT64_C(1) << 30) / 4096;
    if (fstat(file, &status) != 0)
        status.st_size = 0;
    return pages * 4096 + (uint64_t)status.st_size + sandbox_decoder_overhead();
}

/* Gives the job to the child. */
static bool give(const struct host *host, const struct mail *mail)
{
    const struct decoder_request *request = &mail->request;
    uint64_t memory = base_memory(host, mail->file) + request->memory;

    if (host->settings->has_sandbox &&
        sandbox_decoder_limit(host->child.pid, memory, request->seconds + GRACE_SECONDS) != VT_OK)
        return false;
    return send_on(host->child.job, mail);
}

/* Gives it to the child that waits, or to one that is forked now: there may be none, or somebody
 * has ended it. */
static enum vt_error begin(struct host *host, const struct mail *mail)
{
    enum vt_error err = prepare(host, mail->request.header.type);

    if (err != VT_OK || (host->child.pid > 0 && give(host, mail)))
        return err;
    (void)end_child(host);
    return start_child(host) && give(host, mail) ? VT_OK : VT_ERR_MEMORY;
}

/* Waits for the child's end, and brings it about where its time is over or nobody wants its answer:
 * that is so where anything else is said. */
static enum decoder_cause wait_for_child(const struct host *host, unsigned seconds)
{
    struct pollfd fds[] = {{host->child.pidfd, POLLIN, 0}, {host->control, POLLIN, 0}};
    struct timespec until, now;

    if (clock_gettime(CLOCK_MONOTONIC, &until) != 0)
        return DECODER_CANCELLED;
    until.tv_sec += seconds + GRACE_SECONDS;
    for (;;) {
        long long left;
        int ready;

        if (clock_gettime(CLOCK_MONOTONIC, &now) != 0)
            return DECODER_CANCELLED;
        left = (until.tv_sec - now.tv_sec) * 1000LL + (until.tv_nsec - now.tv_nsec) / 1000000;
        ready = poll(fds, 2, left < 0 ? 0 : (int)left);
        if (ready == 0)
            return DECODER_LATE;
        if (ready > 0)
            return fds[0].revents != 0 ? DECODER_BY_ITSELF : DECODER_CANCELLED;
        if (errno != EINTR)
            return DECODER_CANCELLED;
    }
}

/* Where no child could be given the job: the host's own answer. */
static void refuse(int reply, enum vt_error err)
{
    struct decoder_reply head;

    memset(&head, 0, sizeof head);
    head.wire = DECODER_WIRE;
    head.err = (int32_t)err;
    (void)vt_fail(&head.why, err, "pictures cannot be decoded at the moment");
    if (write(reply, &head, sizeof head) < 0)
        log_error("decoder: no answer can be given: %s", strerror(errno));
}

/* One job, from its message to its child's end. */
static void do_job(struct host *host, struct mail *mail)
{
    struct decoder_end end = {.wire = DECODER_WIRE, .number = mail->request.number};
    enum vt_error err = begin(host, mail);

    if (err != VT_OK)
        refuse(mail->reply, err);
    close_fd(&mail->file);
    close_fd(&mail->reply);
    if (err == VT_OK) {
        end.cause = wait_for_child(host, mail->request.seconds);
        if (end.cause == DECODER_LATE)
            log_warning("decoder: an image takes over %" PRIu32 " s; its process is ended",
                        mail->request.seconds);
    }
    end.status = end_child(host);
    (void)send(host->control, &end, sizeof end, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (err == VT_OK && !start_child(host)) /* the next one's */
        (void)end_child(host);
}

/* ---- the program ---- */

static void prefer_for_killing(void)
{
    int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);

    if (fd >= 0 && write(fd, OUT_OF_MEMORY_SCORE, strlen(OUT_OF_MEMORY_SCORE)) < 0)
        log_info("decoder: oom_score_adj: %s", strerror(errno));
    close_fd(&fd);
}

enum vt_error decoder_host_run(int control, const struct decoder_settings *settings)
{
    struct host host = {.control = control, .settings = settings, .child = NO_CHILD};
    struct mail mail;
    enum vt_error err;

    prefer_for_killing();
    host.statm = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    err = sandbox_decoder_host(settings->has_sandbox, settings->module_dir, settings->policy_dir,
                               &host.sandbox);
    while (err == VT_OK && receive(control, &mail)) {
        if (mail.file >= 0 && mail.request.count > 0)
            do_job(&host, &mail);
        close_fd(&mail.file);
        close_fd(&mail.reply);
    }
    (void)end_child(&host);
    image_engine_free(host.engine);
    return err;
}
