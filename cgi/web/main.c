/* vitrine.fcgi: one worker process, started by multiwatch, on a socket that spawn-fcgi opened as
 * descriptor 0. */
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/config.h"
#include "base/log.h"
#include "gallery/gallery.h"
#include "gallery/listing_json.h"
#include "process/sandbox.h"
#include "web/guesses.h"
#include "web/metrics.h"
#include "web/worker.h"

#define LOG_LINES 50 /* errors and warnings in LOG_SECONDS: clients can cause them */
#define LOG_SECONDS 10
#define LISTENING 0 /* FCGI_LISTENSOCK_FILENO */

static bool is_listening(int fd)
{
    int listening = 0;
    socklen_t size = sizeof listening;

    return getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &size) == 0 && listening != 0;
}

/* A worker must not outlive its supervisor: it would keep the socket from the next one. */
static bool set_up_process(void)
{
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    pid_t parent = getppid();

    (void)umask(027);
    if (sigaction(SIGPIPE, &ignore, NULL) != 0 || prctl(PR_SET_PDEATHSIG, SIGTERM) != 0 ||
        prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return false;
    return getppid() == parent;
}

/* Opens what all workers share, in files of the data folder. */
static enum vt_error open_shared(struct app *app)
{
    char path[PATH_MAX + 16];
    unsigned count;
    const char *const *names = router_names(&count);
    enum vt_error err;

    (void)snprintf(path, sizeof path, "%s/metrics", app->config->data);
    err = metrics_new(path, names, count, &app->metrics);
    if (err != VT_OK)
        return err;
    (void)snprintf(path, sizeof path, "%s/guesses", app->config->data);
    return guesses_new(path, &app->guesses);
}

/* Removes what a worker that died has left: this one may be its replacement. */
static void sweep(struct app *app)
{
    unsigned removed;

    if (app->config->pool == POOL_IMAGE && gallery_sweep_stages(app->gallery, &removed) == VT_OK &&
        removed > 0)
        log_warning("a process was killed: %u unfinished files of it are removed", removed);
}

/* Whenever a worker ends, another one replaces it at once. A worker that fails before it serves
 * will fail again, and must not do so in a tight loop. */
static int fail_to_start(void)
{
    (void)sleep(1);
    return EXIT_FAILURE;
}

int main(int argc, char **argv)
{
    static struct config config; /* its paths would touch three more pages of the stack */
    struct app app = {.config = &config};
    struct vt_reason why = {""};
    enum vt_error err = config_load(&config, &why);
    bool is_open, has_started = false;

    (void)argv;
    if (argc > 1 || !is_listening(LISTENING)) {
        log_error("vitrine.fcgi takes no arguments and is started by spawn-fcgi; see its man page");
        return EXIT_FAILURE;
    }
    if (geteuid() == 0) {
        log_error("Vitrine does not serve as root: start it as the data folder's owner");
        return fail_to_start();
    }
    if (err != VT_OK) {
        log_error("%s", why.text);
        return fail_to_start();
    }
    if (!set_up_process()) {
        log_error("the process cannot be set up");
        return fail_to_start();
    }
    log_limit(LOG_LINES, LOG_SECONDS);
    err = open_shared(&app);
    if (err == VT_OK)
        err = gallery_new(&config, &app.gallery);
    /* Before the process holds anything that the decoder should not have. */
    if (err == VT_OK && config.pool == POOL_IMAGE)
        err = gallery_start_decoder(app.gallery, true);
    if (err == VT_OK) {
        gallery_publish_by(app.gallery, listing_json_first);
        gallery_confine_by(app.gallery, sandbox_confine_files);
        gallery_narrow_by(app.gallery, sandbox_confine_changes);
        is_open = gallery_open(app.gallery, &why) == VT_OK;
        /* A store that is unavailable now may be back by the first request. */
        if (!is_open)
            log_error("%s; it is tried again at each request", why.text);
        why.text[0] = '\0';
        err = sandbox_enter(&config, &why);
        if (err != VT_OK)
            log_error("%s", why.text);
        else if (is_open)
            sweep(&app);
        has_started = err == VT_OK;
        if (err == VT_OK)
            err = worker_run(&app, LISTENING);
        /* A decoder that cannot run ends at once, and so would that of the next worker. */
        has_started = has_started && !gallery_has_lost_decoder(app.gallery);
    }
    if (err != VT_OK)
        log_error("the worker ends: %s", vt_strerror(err));
    gallery_free(app.gallery);
    metrics_free(app.metrics);
    guesses_free(app.guesses);
    if (!has_started)
        return fail_to_start();
    return err == VT_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
