/* speed_start serve PORT COMMAND...: starts the command and prints after how many milliseconds
 * 127.0.0.1:PORT has answered /healthz with 200; then ends it.
 * speed_start worker SOCKET PROGRAM: starts a worker on a listening socket that has a request for
 * /healthz waiting, and prints after how many milliseconds it was answered, and the status; then
 * ends it.
 *
 * The settings are in the environment. Any other end than the first answer is a failure. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PATIENCE_MS 60000
#define SETTLING_NS 500000000 /* what has only just started may not have a handler for TERM yet */

/* Set by whoever wants this to end early. */
static volatile sig_atomic_t stopped;

static void stop(int signal)
{
    (void)signal;
    stopped = 1;
}

static double now(void)
{
    struct timespec time = {0, 0};

    if (clock_gettime(CLOCK_MONOTONIC, &time) != 0)
        abort(); /* it is there on every Linux */
    return (double)time.tv_sec * 1e3 + (double)time.tv_nsec / 1e6;
}

/* Starts a program on these descriptors; -1 leaves one as it is. Returns its process id, or -1. */
static pid_t start(char *const *command, int in, int out)
{
    pid_t pid = fork();

    if (pid != 0)
        return pid;
    if ((in < 0 || dup2(in, STDIN_FILENO) >= 0) && (out < 0 || dup2(out, STDOUT_FILENO) >= 0))
        (void)execvp(command[0], command);
    perror(command[0]);
    _exit(127);
}

static bool has_ended(pid_t pid)
{
    siginfo_t info = {.si_pid = 0};

    return waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid != 0;
}

static void end(pid_t pid)
{
    if (pid <= 0)
        return;
    (void)kill(pid, SIGTERM);
    while (waitpid(pid, NULL, 0) < 0 && !stopped)
        ;
}

/* ---- all of it ---- */

static bool is_answered(int port)
{
    static const char question[] = "GET /healthz HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n";
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port),
                                  .sin_addr = {htonl(INADDR_LOOPBACK)}};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    char answer[16] = "";
    bool good = fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof address) == 0 &&
                send(fd, question, sizeof question - 1, MSG_NOSIGNAL) > 0 &&
                recv(fd, answer, 12, MSG_WAITALL) == 12 && strcmp(answer, "HTTP/1.1 200") == 0;

    if (fd >= 0)
        (void)close(fd);
    return good;
}

static bool measure_serve(int port, char *const *command)
{
    const struct timespec nap = {0, 1000000}, settling = {0, SETTLING_NS};
    double begun = now(), answered = 0;
    pid_t pid = start(command, -1, STDERR_FILENO); /* stdout has the figure alone */

    while (pid > 0 && answered == 0 && !stopped && !has_ended(pid) && now() - begun < PATIENCE_MS) {
        if (is_answered(port))
            answered = now();
        else
            (void)nanosleep(&nap, NULL);
    }
    (void)nanosleep(&settling, NULL);
    end(pid);
    if (answered == 0) {
        (void)fprintf(stderr, "speed_start: %s does not answer\n", command[0]);
        return false;
    }
    return printf("%.3f\n", answered - begun) > 0;
}

/* ---- a worker ---- */

static int listen_at(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (strlen(path) < sizeof address.sun_path)
        (void)strcpy(address.sun_path, path);
    if (fd >= 0 && bind(fd, (struct sockaddr *)&address, sizeof address) == 0 && listen(fd, 8) == 0)
        return fd;
    perror(path);
    if (fd >= 0)
        (void)close(fd);
    return -1;
}

static bool wait_for(int fd)
{
    struct pollfd ready = {fd, POLLIN, 0};

    return poll(&ready, 1, PATIENCE_MS) == 1;
}

/* The request is libfcgi's own client's: it waits in the socket's backlog before the worker is
 * there. */
static bool measure_worker(char *path, char *program)
{
    char *const client[] = {(char[]){"cgi-fcgi"}, (char[]){"-bind"}, (char[]){"-connect"}, path,
                            NULL};
    char *const worker[] = {program, NULL};
    char answer[32] = "";
    int fd = listen_at(path), out[2] = {-1, -1};
    pid_t asking = -1, pid = -1;
    double begun = 0, answered = 0;

    if (fd >= 0 && pipe(out) == 0)
        asking = start(client, -1, out[1]);
    if (out[1] >= 0)
        (void)close(out[1]);
    if (asking > 0 && wait_for(fd)) {
        begun = now();
        pid = start(worker, fd, -1);
    }
    if (pid > 0 && wait_for(out[0]) && read(out[0], answer, sizeof answer - 1) > 0)
        answered = now();
    end(pid);
    end(asking);
    if (fd >= 0)
        (void)close(fd);
    if (out[0] >= 0)
        (void)close(out[0]);
    (void)unlink(path);
    if (answered == 0 || strncmp(answer, "Status: ", 8) != 0) {
        (void)fprintf(stderr, "speed_start: the worker does not answer: %s\n", answer);
        return false;
    }
    return printf("%.3f %.3s\n", answered - begun, answer + 8) > 0;
}

int main(int argc, char **argv)
{
    const struct sigaction action = {.sa_handler = stop};
    bool good = false;

    if (sigaction(SIGTERM, &action, NULL) != 0 || sigaction(SIGINT, &action, NULL) != 0 ||
        sigaction(SIGHUP, &action, NULL) != 0)
        return EXIT_FAILURE;
    if (argc >= 4 && strcmp(argv[1], "serve") == 0) {
        good = measure_serve((int)strtol(argv[2], NULL, 10), argv + 3);
    } else if (argc == 4 && strcmp(argv[1], "worker") == 0) {
        good = measure_worker(argv[2], argv[3]);
    } else {
        (void)fprintf(stderr, "usage: speed_start serve PORT COMMAND... | worker SOCKET PROGRAM\n");
    }
    return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
