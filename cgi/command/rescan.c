/* vitrine rescan: a program of its own, because of the decoder. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "command/command.h"
#include "command/confined.h"
#include "process/sandbox.h"

#define NICE 19
#define IMAGES_OF_A_PROCESS 5000 /* as for a worker: a new process frees what was leaked */
#define TRIES 5                  /* while the store is busy, after pauses of 1, 2, 4, 8 seconds */
#define OPTION_AGAIN 1001

/* What a process passes on to the next one and to the parent that waits for it. */
struct shared {
    struct rescan_result result;
    bool is_done;
    enum vt_error err; /* why the process could not go on */
    struct vt_reason why;
};

struct rescanner {
    struct command admin; /* the first member */
    bool again;
    int state; /* upkeep_rescan_begin() */
    struct shared *shared;
};

static void tell(void *context, enum rescan_problem problem, const struct record *record,
                 const char *detail)
{
    struct rescanner *self = context;
    const char *kind = upkeep_rescan_problem_name(problem);

    if (self->admin.json) {
        command_print(&self->admin, json_pack("{s:s, s:s, s:s}", "kind", kind, "subject",
                                              record->id, "detail", detail));
    } else {
        command_wipe(&self->admin);
        (void)printf("%s %s: %s\n", kind, record->id, detail);
    }
    (void)fflush(stdout); /* command_flushed() reports a failure */
}

/* ---- the process that reads ---- */

static void work(void *context)
{
    struct rescanner *self = context;
    struct shared *shared = self->shared;
    const struct rescan rescan = {.state = self->state,
                                  .images = IMAGES_OF_A_PROCESS,
                                  .tell = tell,
                                  .context = self,
                                  .watch = {command_tick, &self->admin}};
    time_t granted = 0;
    enum vt_error err = confined_yield(NICE, true);

    if (err == VT_OK)
        err = gallery_start_decoder(self->admin.gallery, false);
    if (err == VT_OK)
        err = confined_enter(&self->admin.config, NULL, &shared->why);
    if (err == VT_OK && !sandbox_grant_request(&self->admin.config, &granted))
        err = VT_ERR_UNAVAILABLE;
    if (err == VT_OK) {
        gallery_narrow_by(self->admin.gallery, sandbox_confine_changes);
        err = upkeep_rescan(self->admin.gallery, &rescan, &shared->result, &shared->is_done,
                            &shared->why);
    }
    shared->err = err;
    command_wipe(&self->admin);
    gallery_free(self->admin.gallery);
    if (!command_flushed())
        shared->err = VT_ERR_IO;
}

/* ---- the parent ---- */

/* Runs one process. One that was killed did not say what it could not do. */
static enum vt_error run_once(struct rescanner *self)
{
    struct shared *shared = self->shared;
    int status = 0;
    enum vt_error err;

    shared->err = VT_ERR_UNAVAILABLE;
    (void)vt_fail(&shared->why, shared->err, "the process that reads was killed");
    err = confined_run(work, self, &status);
    upkeep_rescan_unlock(self->state);
    if (err == VT_OK && command_is_stopped())
        return shared->is_done ? VT_OK : VT_ERR_STOPPED;
    return err == VT_OK ? shared->err : err;
}

/* Whether the error may pass: others use the store, or the process has lost its decoder. */
static bool may_pass(enum vt_error err)
{
    return err == VT_ERR_BUSY || err == VT_ERR_UNAVAILABLE;
}

static enum vt_error run_all(struct rescanner *self)
{
    struct shared *shared = self->shared;
    enum vt_error err = VT_OK;
    unsigned failures = 0;

    while (!shared->is_done && (err == VT_OK || (may_pass(err) && failures < TRIES))) {
        uint64_t before = shared->result.read;

        if (failures > 0)
            (void)sleep(1U << (failures - 1));
        if (command_is_stopped())
            return VT_ERR_STOPPED;
        err = run_once(self);
        failures = err == VT_OK || shared->result.read > before ? 0 : failures + 1;
    }
    return err;
}

static void tell_result(struct rescanner *self)
{
    const struct rescan_result *result = &self->shared->result;

    if (self->admin.json) {
        command_print(&self->admin, json_pack("{s:I, s:I, s:I}", "read", (json_int_t)result->read,
                                              "changed", (json_int_t)result->changed, "problems",
                                              (json_int_t)result->problems));
    } else if (!self->admin.quiet) {
        command_wipe(&self->admin);
        (void)printf("%" PRIu64 " images read, %" PRIu64 " changed, %" PRIu64 " with problems\n",
                     result->read, result->changed, result->problems);
    }
}

static int rescan(struct rescanner *self)
{
    struct vt_reason why = {""};
    bool is_done = false;
    enum vt_error err = confined_check_user(&self->admin.config, &why);

    if (err == VT_OK)
        err = upkeep_rescan_begin(self->admin.gallery, self->again, &self->state, &is_done, &why);
    if (err != VT_OK)
        return command_fail(&self->admin, err, &why);
    self->shared->is_done = is_done;
    err = run_all(self);
    if (err == VT_OK || err == VT_ERR_STOPPED)
        tell_result(self);
    if (err != VT_OK)
        return command_fail(&self->admin, err, &self->shared->why);
    return self->shared->result.problems > 0 ? COMMAND_PARTLY : COMMAND_OK;
}

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct rescanner *self = state->input;

    switch (key) {
    case OPTION_AGAIN:
        self->again = true;
        return 0;
    case 'q':
        self->admin.quiet = true;
        return 0;
    default:
        return command_parse_nothing(key, argument, state);
    }
}

int main(int argc, char **argv)
{
    static const struct argp_option options[] = {
        {"again", OPTION_AGAIN, NULL, 0, "Read all images, even those that have been read", 0},
        {"quiet", 'q', NULL, 0, "Print only problems, and no progress", 0},
        {NULL, 0, NULL, 0, NULL, 0}};
    static const struct argp argp = {
        .options = options,
        .parser = parse,
        .children = command_children,
        .doc = "Reads what the originals say of themselves (time taken, camera, place, words) if "
               "an earlier version has stored them, beside a running gallery. What a person has "
               "set stays.\v"
               "The same command continues after an interruption.\n"
               "Exit status: 0 done, 1 done, but some originals or their metadata cannot be read.",
    };
    struct rescanner self = {.admin = {.noun = "images"}, .state = -1};
    int status = command_begin(&self.admin, "rescan", &argp, argc, argv);

    if (status != COMMAND_OK)
        return command_end(&self.admin, status);
    self.admin.config.pool = POOL_IMAGE; /* it needs that pool's sandbox */
    gallery_keep_page(self.admin.gallery);
    self.shared =
        mmap(NULL, sizeof *self.shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (self.shared == MAP_FAILED)
        return command_end(&self.admin, command_fail(&self.admin, VT_ERR_MEMORY, NULL));
    status = rescan(&self);
    (void)munmap(self.shared, sizeof *self.shared);
    if (self.state >= 0)
        (void)close(self.state);
    return command_end(&self.admin, status);
}
