#include "decoder/host.h"

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

#include "base/log.h"
#include "decoder/child.h"
#include "process/sandbox_decoder.h"
#include "process/warm_up.h"

#define GRACE_SECONDS 1 /* for a decoder to notice that it is late */
#define WORDS 2000      /* bytes of a child's standard error that are logged */
/* If memory runs out, the kernel should end a decoder, not the process that waits for it. */
#define OUT_OF_MEMORY_SCORE "500"

/* A child's descriptors, in addition to standard output and error. */
#define JOB 0
#define RULESET 3 /* until it has confined itself */

/* A child, which waits for its job or is doing it. */
struct child {
    pid_t pid; /* 0 if there is no child */
    int pidfd;
    int job;   /* the socket on which it gets the job */
    int words; /* its standard error; -1 if it writes to the host's */
};

#define NO_CHILD ((struct child){0, -1, -1, -1})

/* One of the two processes that fork children. */
struct host {
    int control; /* where jobs come from */
    const struct decoder_settings *settings;
    struct sandbox_decoder sandbox;
    int statm;       /* /proc/self/statm, or -1 */
    int engine_host; /* the socket to the host whose children have an engine; -1 in that host */
    struct warm_up warm_up;
    const void *heap;                             /* where it begins; NULL once the plan is made */
    struct image_engine *engine;                  /* NULL until that host's first job */
    const struct image_metadata_module *metadata; /* NULL until a job needs it */
    bool has_tried_metadata;                      /* it is loaded, or cannot be */
    bool is_prepared[IMAGE_TYPE_COUNT];
    struct child child;
    bool is_outdated; /* the module is of another version, so the host ends */
};

static void close_fd(int *fd)
{
    if (*fd >= 0)
        (void)close(*fd);
    *fd = -1;
}

/* ---- a child ---- */

/* In the child: keeps nothing of the host but its memory, which has never held a picture. */
static _Noreturn void be_child(struct host *host, int job, int words, pid_t parent)
{
    int said = words >= 0 ? words : STDERR_FILENO, *ruleset = &host->sandbox.child_ruleset;
    struct decoder_mail mail;

    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent)
        _exit(EXIT_FAILURE);                     /* the host has ended meanwhile */
    (void)prctl(PR_SET_THP_DISABLE, 0, 0, 0, 0); /* pictures are quicker in huge pages */
    if (dup2(job, JOB) < 0 || dup2(said, STDOUT_FILENO) < 0 || dup2(said, STDERR_FILENO) < 0 ||
        (*ruleset >= 0 && (*ruleset = dup2(*ruleset, RULESET)) < 0) ||
        close_range(*ruleset >= 0 ? RULESET + 1 : RULESET, ~0U, 0) != 0 ||
        sandbox_decoder_child(&host->sandbox) != VT_OK) {
        log_error("decoder: a child cannot be confined: %s", strerror(errno));
        _exit(EXIT_FAILURE);
    }
    close_fd(ruleset);
    if (host->engine == NULL)
        warm_up_run(&host->warm_up);
    if (!decoder_wire_receive(JOB, &mail) || mail.file < 0)
        _exit(EXIT_FAILURE);
    (void)close(JOB);
    decoder_child_run(host->engine, host->metadata, &mail.request, mail.file, mail.reply);
}

/* Forks a child that waits for a job. */
static bool start_child(struct host *host)
{
    int job[2] = {-1, -1}, words[2] = {-1, -1};
    struct child child = NO_CHILD;
    pid_t parent = getpid();

    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, job) != 0)
        return false;
    /* The pipe for its standard error does not block, so that neither side can delay the other.
     * Without a sandbox, the child writes to the host's standard error directly. */
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

/* Logs the beginning of what the child has written to standard error, marked as the child's. */
static void repeat_words(const struct child *child)
{
    char words[WORDS + 1], *line, *rest = NULL;
    ssize_t len = child->words >= 0 ? read(child->words, words, WORDS) : 0;

    words[len > 0 ? len : 0] = '\0';
    for (line = strtok_r(words, "\n", &rest); line != NULL; line = strtok_r(NULL, "\n", &rest))
        log_info("decoder: of an image: %s", line);
}

/* Ends the child if it has not ended, and clears it. Returns the status of wait(2). */
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

/* Loads what reads metadata. Without it, pictures have none; that is logged, once. The host whose
 * children have no engine loads it with its first job, before it plans what a child brings in:
 * nearly all of its jobs need it. */
static enum vt_error prepare_metadata(struct host *host, const struct decoder_request *request)
{
    enum vt_error err;

    if (host->has_tried_metadata ||
        (host->engine_host < 0 && request->metadata == DECODER_NO_METADATA))
        return VT_OK;
    (void)end_child(host); /* it was forked without it */
    host->has_tried_metadata = true;
    err = image_metadata_load(host->settings->module_dir, &host->metadata);
    if (err == VT_ERR_INTERNAL)
        host->is_outdated = true;
    return err == VT_ERR_INTERNAL ? err : VT_OK;
}

/* Loads the library, and the coders for such a file: never in a child, and never in the host whose
 * children do not need it. */
static enum vt_error prepare_engine(struct host *host, enum image_type type)
{
    const struct decoder_settings *settings = host->settings;
    enum vt_error err = VT_OK;

    if (host->engine_host >= 0 || (host->engine != NULL && host->is_prepared[type]))
        return VT_OK;
    (void)end_child(host); /* it was forked without them */
    if (host->engine == NULL)
        err = image_engine_new(settings->module_dir, settings->policy_dir, settings->max_pixels,
                               &host->engine);
    if (err == VT_OK)
        err = image_engine_prepare(host->engine, type);
    if (err == VT_ERR_INTERNAL)
        host->is_outdated = true;
    host->is_prepared[type] = err == VT_OK;
    return err;
}

static enum vt_error prepare(struct host *host, const struct decoder_request *request)
{
    enum vt_error err = prepare_metadata(host, request);

    if (request->count == 0) /* the job is nothing without a reader, and needs no more */
        return err == VT_OK && host->metadata == NULL ? VT_ERR_UNAVAILABLE : err;
    if (err == VT_OK)
        err = prepare_engine(host, request->header.type);
    if (err == VT_OK && host->heap != NULL) {
        warm_up_plan(&host->warm_up, host->heap);
        host->heap = NULL;
    }
    return err;
}

/* The address space in bytes that every decode has: the host's, the file, and threads. */
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
static bool give(const struct host *host, const struct decoder_mail *mail)
{
    const struct decoder_request *request = &mail->request;
    uint64_t memory = base_memory(host, mail->file) + request->memory;

    if (host->settings->has_sandbox &&
        sandbox_decoder_limit(host->child.pid, memory, request->seconds + GRACE_SECONDS) != VT_OK)
        return false;
    return decoder_wire_send(host->child.job, mail);
}

/* Gives the job to the child that waits, or else to one that is forked now: there may be none, or
 * another process may have ended it. */
static enum vt_error begin(struct host *host, const struct decoder_mail *mail)
{
    enum vt_error err = prepare(host, &mail->request);

    if (err != VT_OK || (host->child.pid > 0 && give(host, mail)))
        return err;
    (void)end_child(host);
    return start_child(host) && give(host, mail) ? VT_OK : VT_ERR_UNAVAILABLE;
}

/* Waits until the child ends, its time is over, or its reply is no longer wanted, which any other
 * message means. The caller ends the child then. */
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

/* Writes the host's own reply if the job could not be given to a child. That is not the picture's
 * fault, which may be tried again; a child that lacks memory is reported in another way. */
static void refuse(int reply)
{
    const enum vt_error err = VT_ERR_UNAVAILABLE;
    struct decoder_reply head;

    memset(&head, 0, sizeof head);
    head.wire = DECODER_WIRE;
    head.err = (int32_t)err;
    (void)vt_fail(&head.why, err, "pictures cannot be decoded at the moment");
    if (write(reply, &head, sizeof head) < 0)
        log_error("decoder: no answer can be given: %s", strerror(errno));
}

/* Does one job of this host, from its message to its child's end. */
static void do_job(struct host *host, struct decoder_mail *mail)
{
    struct decoder_end end = {.wire = DECODER_WIRE, .number = mail->request.number};
    enum vt_error err = begin(host, mail);

    if (err != VT_OK)
        refuse(mail->reply);
    decoder_wire_close(mail);
    if (err == VT_OK) {
        end.cause = wait_for_child(host, mail->request.seconds);
        if (end.cause == DECODER_LATE)
            log_warning("decoder: an image takes over %" PRIu32 " s; its process is ended",
                        mail->request.seconds);
    }
    end.status = end_child(host);
    (void)send(host->control, &end, sizeof end, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (err == VT_OK && !start_child(host)) /* for the next job */
        (void)end_child(host);
}

/* ---- jobs that need the engine ---- */

/* Passes the job to the host that has the engine, and the report of its end back. Returns false if
 * that host is gone: this one must end, too. */
static bool pass_on(const struct host *host, struct decoder_mail *mail)
{
    struct pollfd fds[] = {{host->engine_host, POLLIN, 0}, {host->control, POLLIN, 0}};
    struct decoder_mail cancel = DECODER_MAIL_INIT;
    struct decoder_end end;
    bool is_there = decoder_wire_send(host->engine_host, mail);

    if (!is_there)
        refuse(mail->reply);
    decoder_wire_close(mail);
    while (is_there && fds[0].revents == 0) {
        if (poll(fds, sizeof fds / sizeof fds[0], -1) < 0 && errno != EINTR)
            is_there = false;
        if (fds[1].revents != 0) { /* cancels once; the caller reads the message itself */
            is_there = decoder_wire_send(host->engine_host, &cancel);
            fds[1].fd = -1;
            fds[1].revents = 0;
        }
    }
    if (!is_there || recv(host->engine_host, &end, sizeof end, 0) != (ssize_t)sizeof end)
        return false;
    (void)send(host->control, &end, sizeof end, MSG_NOSIGNAL | MSG_DONTWAIT);
    return true;
}

/* ---- the program ---- */

static void prefer_for_killing(void)
{
    int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);

    if (fd >= 0 && write(fd, OUT_OF_MEMORY_SCORE, strlen(OUT_OF_MEMORY_SCORE)) < 0)
        log_info("decoder: oom_score_adj: %s", strerror(errno));
    close_fd(&fd);
}

/* Waits for a job. Returns false if the host that has the engine has ended. */
static bool wait_for_job(const struct host *host)
{
    struct pollfd fds[] = {{host->control, POLLIN, 0}, {host->engine_host, 0, 0}};

    while (fds[0].revents == 0 && fds[1].revents == 0)
        if (poll(fds, sizeof fds / sizeof fds[0], -1) < 0 && errno != EINTR)
            return false;
    return fds[1].revents == 0;
}

static bool is_job(const struct decoder_mail *mail)
{
    const struct decoder_request *request = &mail->request;

    return mail->file >= 0 && (request->count > 0 || request->metadata != DECODER_NO_METADATA) &&
           request->metadata < DECODER_METADATA_COUNT &&
           (unsigned)request->header.type < IMAGE_TYPE_COUNT;
}

/* Confines this process to its files and does jobs until the other end of its socket is closed. */
static enum vt_error serve(struct host *host)
{
    struct decoder_mail mail;
    bool is_well = true;
    enum vt_error err;

    host->statm = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    err = sandbox_decoder_files(&host->sandbox);
    while (err == VT_OK && is_well && !host->is_outdated) {
        is_well = wait_for_job(host);
        if (!is_well || !decoder_wire_receive(host->control, &mail))
            break;
        if (!is_job(&mail))
            decoder_wire_close(&mail);
        else if (host->engine_host >= 0 && mail.request.count > 0 &&
                 mail.request.redact == IMAGE_REDACT_NOTHING &&
                 image_needs_engine(mail.request.header.type))
            is_well = pass_on(host, &mail);
        else
            do_job(host, &mail);
    }
    (void)end_child(host);
    image_engine_free(host->engine);
    return is_well ? err : VT_ERR_UNAVAILABLE;
}

/* Forks the host whose children have an engine. It ends with this one. */
static bool start_engine_host(struct host *host)
{
    pid_t parent = getpid(), child;
    int pair[2];

    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
        return false;
    child = fork();
    if (child == 0) {
        (void)close(pair[0]);
        if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent ||
            dup2(pair[1], host->control) < 0)
            _exit(EXIT_FAILURE);
        (void)close(pair[1]);
        _exit(serve(host) == VT_OK ? EXIT_SUCCESS : EXIT_FAILURE);
    }
    (void)close(pair[1]);
    host->engine_host = pair[0];
    return child > 0;
}

enum vt_error decoder_host_run(int control, const struct decoder_settings *settings)
{
    struct host host = {
        .control = control, .settings = settings, .engine_host = -1, .child = NO_CHILD};
    enum vt_error err;

    host.heap = sbrk(0);
    prefer_for_killing();
    /* The kernel would make huge pages of what little of the heap this process uses: 2 MB each. */
    (void)prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
    /* Before the other host is forked, so that the two share this memory. */
    err = sandbox_decoder_calls(settings->has_sandbox, settings->module_dir, settings->policy_dir,
                                &host.sandbox);
    if (err == VT_OK && !start_engine_host(&host))
        err = VT_ERR_MEMORY;
    return err == VT_OK ? serve(&host) : err;
}
