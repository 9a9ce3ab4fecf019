#include "decoder/decoder.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "decoder/reply.h"

/* Time beyond a job's own, for the host to load its libraries on a busy machine. */
#define PATIENCE_SECONDS 20
#define PIECE 65536
#define ASK_MS 100         /* between two questions whether a job is still wanted */
#define METADATA_SECONDS 2 /* from the last thumbnail; reading it takes less than a millisecond */

struct decoder {
    pid_t host;
    int control;
    uint32_t number; /* of the last job */
};

/* A job whose reply this process waits for. */
struct waiting {
    struct decoder *decoder;
    const struct decoder_job *job;
    struct decoder_result *result;
    struct decoder_reply head;
    size_t head_len; /* bytes of the head that have arrived */
    size_t file;     /* index of the file that arrives now */
    struct photo photo;
    size_t photo_len;   /* bytes of it that have arrived */
    bool is_photo_lost; /* it does not arrive: the file has no metadata then */
    int reply;          /* the pipe of the reply; -1 once it has ended */
    struct decoder_end end;
    bool has_ended;  /* `end` is set */
    bool is_refused; /* the reply was invalid */
    struct timespec deadline;
};

/* ---- the program ---- */

/* The program's environment. From this process it gets only what sanitizers use. Two settings are
 * added, since children are forked for one picture each and so access all of their memory for the
 * first time: malloc asks for huge pages, as pages of four kilobytes cost a fifth of a large
 * picture's decode; and functions are bound once, before the first fork. */
static char **environment(void)
{
    static const char *const passed[] = {
        "ASAN_OPTIONS=", "LSAN_OPTIONS=", "UBSAN_OPTIONS=", "LD_LIBRARY_PATH="};
    static char huge_pages[] = "GLIBC_TUNABLES=glibc.malloc.hugetlb=1",
                bind_now[] = "LD_BIND_NOW=1";
    static char *kept[sizeof passed / sizeof passed[0] + 3];
    size_t count = 0;

    for (char **one = environ; *one != NULL; one++)
        for (size_t i = 0; i < sizeof passed / sizeof passed[0]; i++)
            if (count < sizeof passed / sizeof passed[0] &&
                strncmp(*one, passed[i], strlen(passed[i])) == 0)
                kept[count++] = *one;
    kept[count++] = huge_pages;
    kept[count] = bind_now;
    return kept;
}

/* In the new process: becomes the program, with the socket as its standard input and no other
 * descriptor except standard error. It blocks stop signals: they are for its parent, with which it
 * ends. */
static _Noreturn void become_host(const struct config *config, int control, pid_t parent)
{
    static const char *const modes[] = {
        [SANDBOX_ON] = "on", [SANDBOX_REQUIRE] = "on", [SANDBOX_OFF] = "off"};
    char program[PATH_MAX + sizeof DECODER_PROGRAM + 1], pixels[32];
    const char *arguments[] = {DECODER_PROGRAM, config->module_dir,     config->policy_dir,
                               pixels,          modes[config->sandbox], NULL};
    sigset_t stops;

    (void)snprintf(program, sizeof program, "%s/" DECODER_PROGRAM, config->module_dir);
    (void)snprintf(pixels, sizeof pixels, "%llu", (unsigned long long)config->max_pixels);
    (void)sigemptyset(&stops);
    (void)sigaddset(&stops, SIGHUP);
    (void)sigaddset(&stops, SIGINT);
    (void)sigaddset(&stops, SIGQUIT);
    (void)sigaddset(&stops, SIGTERM);
    (void)sigaddset(&stops, SIGUSR1);
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent)
        _exit(EXIT_FAILURE); /* the worker has ended meanwhile */
    if (sigprocmask(SIG_SETMASK, &stops, NULL) == 0 &&
        (control == DECODER_CONTROL ? fcntl(control, F_SETFD, 0)
                                    : dup2(control, DECODER_CONTROL)) >= 0 &&
        dup2(STDERR_FILENO, STDOUT_FILENO) >= 0 && close_range(3, ~0U, 0) == 0)
        (void)execve(program, (char **)(uintptr_t)arguments, environment());
    log_error("decoder: %s cannot be run: %s", DECODER_PROGRAM, strerror(errno));
    _exit(127);
}

enum vt_error decoder_new(const struct config *config, struct decoder **decoder)
{
    struct decoder *self = calloc(1, sizeof *self);
    pid_t parent = getpid();
    int pair[2];

    *decoder = NULL;
    if (self == NULL)
        return VT_ERR_MEMORY;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0) {
        free(self);
        return VT_ERR_INTERNAL;
    }
    self->control = pair[0];
    self->host = fork();
    if (self->host == 0)
        become_host(config, pair[1], parent);
    (void)close(pair[1]);
    if (self->host < 0) {
        decoder_free(self);
        return VT_ERR_MEMORY;
    }
    *decoder = self;
    return VT_OK;
}

void decoder_free(struct decoder *decoder)
{
    if (decoder == NULL)
        return;
    (void)close(decoder->control); /* which makes the program end */
    if (decoder->host > 0)
        (void)waitpid(decoder->host, NULL, 0);
    free(decoder);
}

bool decoder_is_there(const struct decoder *decoder)
{
    struct pollfd control = {.fd = decoder->control, .events = POLLIN};

    return poll(&control, 1, 0) >= 0 && (control.revents & (POLLHUP | POLLERR)) == 0;
}

int decoder_socket(const struct decoder *decoder)
{
    return decoder->control;
}

/* ---- a job ---- */

/* Asks the host to end the child, whatever it is doing. */
static void send_cancel(const struct decoder *decoder)
{
    struct decoder_mail mail = DECODER_MAIL_INIT;

    mail.request.number = decoder->number;
    if (!decoder_wire_send(decoder->control, &mail))
        log_warning("decoder: a job cannot be cancelled: %s", strerror(errno));
}

static bool send_job(struct decoder *decoder, const struct decoder_job *job, int reply)
{
    struct decoder_mail mail;
    struct decoder_request *request = &mail.request;

    memset(&mail, 0, sizeof mail); /* padding, too, so that no memory of this process leaks */
    mail.file = job->file;
    mail.reply = reply;
    request->wire = DECODER_WIRE;
    request->number = ++decoder->number;
    request->seconds = job->seconds;
    request->count = (uint32_t)job->count;
    request->metadata = job->metadata;
    request->redact = (uint32_t)job->redact;
    request->memory = job->memory;
    request->header = *job->header;
    for (size_t i = 0; i < job->count; i++)
        request->outputs[i] = job->outputs[i];
    return decoder_wire_send(decoder->control, &mail);
}

/* Reads the part of the head that has arrived. */
static ssize_t read_head(struct waiting *waiting)
{
    struct decoder_reply *head = &waiting->head;
    ssize_t got =
        read(waiting->reply, (char *)head + waiting->head_len, sizeof *head - waiting->head_len);

    if (got > 0)
        waiting->head_len += (size_t)got;
    if (waiting->head_len == sizeof *head && !decoder_reply_is_sound(head, waiting->job))
        waiting->is_refused = true;
    return got;
}

static ssize_t read_file(struct waiting *waiting)
{
    char piece[PIECE];
    struct buf *file = &waiting->result->files[waiting->file];
    size_t left = waiting->head.lengths[waiting->file] - file->len;
    ssize_t got = read(waiting->reply, piece, left < sizeof piece ? left : sizeof piece);

    if (got > 0)
        buf_append(file, piece, (size_t)got);
    if (file->len == waiting->head.lengths[waiting->file] || !buf_ok(file))
        waiting->file++;
    return got;
}

static ssize_t read_photo(struct waiting *waiting)
{
    ssize_t got = read(waiting->reply, (char *)&waiting->photo + waiting->photo_len,
                       sizeof waiting->photo - waiting->photo_len);

    if (got > 0)
        waiting->photo_len += (size_t)got;
    if (waiting->photo_len == sizeof waiting->photo &&
        !decoder_reply_photo_is_sound(&waiting->photo))
        waiting->is_refused = true;
    return got;
}

/* Whether all thumbnails have arrived, and metadata may follow. */
static bool has_files(const struct waiting *waiting)
{
    return waiting->head_len == sizeof waiting->head && !waiting->is_refused &&
           waiting->head.err == VT_OK && waiting->file == waiting->job->count;
}

/* Whether the file can do without what is still missing: metadata, unless the job is about that. */
static bool can_do_without(const struct waiting *waiting)
{
    return has_files(waiting) && waiting->job->count > 0;
}

/* Whether the whole reply has arrived, or all that will. */
static bool is_complete(const struct waiting *waiting)
{
    if (has_files(waiting))
        return waiting->job->metadata == DECODER_NO_METADATA || waiting->is_photo_lost ||
               waiting->photo_len == sizeof waiting->photo;
    return waiting->head_len == sizeof waiting->head && !waiting->is_refused &&
           waiting->head.err != VT_OK;
}

static ssize_t read_part(struct waiting *waiting)
{
    if (waiting->head_len < sizeof waiting->head)
        return read_head(waiting);
    return has_files(waiting) ? read_photo(waiting) : read_file(waiting);
}

/* Goes on without the metadata, since its reader has crashed or takes too long. */
static void lose_photo(struct waiting *waiting)
{
    log_warning("decoder: an image's metadata has broken its decoder, and is ignored");
    waiting->is_photo_lost = true;
}

static void read_reply(struct waiting *waiting)
{
    bool could_do_without = can_do_without(waiting);
    ssize_t got = read_part(waiting);

    if (got > 0 && !waiting->is_refused) {
        if (!could_do_without && can_do_without(waiting) &&
            clock_gettime(CLOCK_MONOTONIC, &waiting->deadline) == 0)
            waiting->deadline.tv_sec += METADATA_SECONDS;
        return;
    }
    if (could_do_without && got <= 0)
        lose_photo(waiting);
    /* The child has ended, or has to end; then the host reports how. */
    (void)close(waiting->reply);
    waiting->reply = -1;
    send_cancel(waiting->decoder);
}

/* Reads how a child has ended. Returns false if the host can send nothing more. */
static bool read_end(struct waiting *waiting)
{
    struct decoder_end end;
    ssize_t got = recv(waiting->decoder->control, &end, sizeof end, MSG_DONTWAIT);

    if (got != (ssize_t)sizeof end || end.wire != DECODER_WIRE)
        return got < 0 && (errno == EAGAIN || errno == EINTR);
    /* Otherwise the end is that of an earlier job, whose reply was complete. */
    if (end.number == waiting->decoder->number) {
        waiting->end = end;
        waiting->has_ended = true;
    }
    return true;
}

/* The decode had all the memory that the budget allows, so it would fail the next time, too. */
static enum vt_error too_large(struct vt_reason *why)
{
    return vt_fail(why, VT_ERR_IMAGE_LIMIT,
                   "the image takes more memory to decode than is available");
}

/* Translates how a child has ended without a reply. */
static enum vt_error explain(const struct waiting *waiting, struct vt_reason *why)
{
    int status = waiting->end.status;
    bool is_killed = WIFSIGNALED(status), decodes = waiting->job->count > 0;

    if (waiting->end.cause == DECODER_LATE || (is_killed && WTERMSIG(status) == SIGXCPU))
        return vt_fail(why, VT_ERR_INVALID_IMAGE,
                       decodes ? "the image takes too long to decode"
                               : "its metadata takes too long to read");
    /* Neither host nor worker killed it: the kernel does so when memory is short. */
    if (waiting->end.cause == DECODER_BY_ITSELF && is_killed && WTERMSIG(status) == SIGKILL)
        return too_large(why);
    log_warning("decoder: an image has broken its decoder: %s %d%s",
                is_killed ? "signal" : "exit status",
                is_killed ? WTERMSIG(status) : WEXITSTATUS(status),
                waiting->is_refused ? ", after an invalid answer" : "");
    return vt_fail(why, VT_ERR_INVALID_IMAGE,
                   decodes ? "the image cannot be decoded: its decoder failed"
                           : "its metadata cannot be read: its reader failed");
}

static int milliseconds_left(const struct timespec *deadline)
{
    struct timespec now;
    long long left;

    if (clock_gettime(CLOCK_MONOTONIC, &now) != 0)
        return 0;
    left = ((long long)deadline->tv_sec - now.tv_sec) * 1000 +
           (deadline->tv_nsec - now.tv_nsec) / 1000000;
    return left < 0 ? 0 : (int)left;
}

static enum vt_error wait_for_reply(struct waiting *waiting, struct vt_reason *why)
{
    const struct decoder_job *job = waiting->job;

    while (!is_complete(waiting) && !(waiting->reply < 0 && waiting->has_ended)) {
        struct pollfd fds[] = {{waiting->reply, POLLIN, 0},
                               {waiting->decoder->control, POLLIN, 0},
                               {job->cancel_fd, POLLRDHUP, 0}};
        int left = milliseconds_left(&waiting->deadline);
        int ready = poll(fds, sizeof fds / sizeof fds[0],
                         job->is_wanted != NULL && left > ASK_MS ? ASK_MS : left);

        if (ready < 0 && errno == EINTR)
            continue;
        if (ready == 0 && left > 0 && job->is_wanted != NULL) {
            if (job->is_wanted(job->context))
                continue;
            send_cancel(waiting->decoder);
            return vt_fail(why, VT_ERR_STOPPED, "the image is not wanted any more");
        }
        if (ready <= 0) {
            send_cancel(waiting->decoder);
            if (ready == 0 && can_do_without(waiting)) {
                lose_photo(waiting);
                continue;
            }
            return vt_fail(why, VT_ERR_UNAVAILABLE, "the decoder does not answer");
        }
        if (fds[2].revents != 0) {
            send_cancel(waiting->decoder);
            return vt_fail(why, VT_ERR_STOPPED, "the client has disconnected");
        }
        if (fds[0].revents != 0)
            read_reply(waiting);
        else if (fds[1].revents != 0 && !read_end(waiting))
            return vt_fail(why, VT_ERR_UNAVAILABLE, "the decoder has ended");
    }
    return is_complete(waiting) ? VT_OK : explain(waiting, why);
}

/* Takes the child's reply once it is complete. */
static enum vt_error take(struct waiting *waiting, struct vt_reason *why)
{
    const struct decoder_reply *head = &waiting->head;

    if (head->err == VT_ERR_MEMORY)
        return too_large(why);
    if (head->err != VT_OK)
        return vt_fail(why, (enum vt_error)head->err, "%s", head->why.text);
    for (size_t i = 0; i < waiting->job->count; i++)
        if (!buf_ok(&waiting->result->files[i]))
            return VT_ERR_MEMORY;
    if (!decoder_reply_files_are_sound(head, waiting->job, waiting->result)) {
        log_warning("decoder: its answer contains an invalid file");
        return vt_fail(why, VT_ERR_INVALID_IMAGE,
                       "the image cannot be decoded: its decoder failed");
    }
    waiting->result->width = head->width;
    waiting->result->height = head->height;
    waiting->result->alpha = head->alpha != 0;
    if (waiting->job->metadata != DECODER_NO_METADATA && !waiting->is_photo_lost)
        waiting->result->photo = waiting->photo;
    return VT_OK;
}

enum vt_error decoder_run(struct decoder *decoder, const struct decoder_job *job,
                          struct decoder_result *result, struct vt_reason *why)
{
    struct waiting waiting = {.decoder = decoder, .job = job, .result = result};
    int pair[2];
    bool is_sent;
    enum vt_error err;

    *result = DECODER_RESULT_INIT;
    if ((job->count == 0 && job->metadata == DECODER_NO_METADATA) ||
        job->count > DECODER_OUTPUTS_MAX)
        return VT_ERR_INTERNAL;
    if (clock_gettime(CLOCK_MONOTONIC, &waiting.deadline) != 0 || pipe2(pair, O_CLOEXEC) != 0)
        return VT_ERR_INTERNAL;
    waiting.deadline.tv_sec += job->seconds + PATIENCE_SECONDS;
    is_sent = send_job(decoder, job, pair[1]);
    (void)close(pair[1]);
    waiting.reply = pair[0];
    err = is_sent ? wait_for_reply(&waiting, why)
                  : vt_fail(why, VT_ERR_UNAVAILABLE, "the decoder has ended");
    if (err == VT_OK)
        err = take(&waiting, why);
    if (waiting.reply >= 0)
        (void)close(waiting.reply);
    return err;
}

void decoder_result_free(struct decoder_result *result)
{
    for (size_t i = 0; i < DECODER_OUTPUTS_MAX; i++)
        buf_free(&result->files[i]);
}
