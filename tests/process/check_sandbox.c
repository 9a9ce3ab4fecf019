#include "process/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../support/app.h"
#include "../support/attempts.h"
#include "process/sandbox_landlock.h"
#include "process/sandbox_limits.h"
#include "process/sandbox_probe.h"

#define COUNT(table) ((int)(sizeof(table) / sizeof(table)[0]))

static char data[PATH_MAX], outside[PATH_MAX];

/* Two folders beside each other, a file in the one, and in the other a way to it. */
static void set_up(void)
{
    static const char *const folders[] = {"tmp", "uploads", "run", "run/nginx"};
    char way[PATH_MAX + 4];

    (void)strcpy(data, support_subfolder(support_folder(), "data"));
    (void)strcpy(outside, support_subfolder(support_folder(), "outside"));
    support_write_file(support_path(outside, "file"), "secret", 6);
    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++)
        ck_assert_int_eq(mkdir(support_path(data, folders[i]), 0700), 0);
    support_write_file(support_path(data, "run/nginx/nginx.conf"), "", 0);
    support_write_file(support_path(data, "catalogue.sqlite"), "", 0);
    (void)snprintf(way, sizeof way, "%s/way", data);
    ck_assert_int_eq(symlink(support_path(outside, "file"), way), 0);
}

static struct config config_for(const char *folder, enum pool pool)
{
    struct config config;

    support_config(folder, &config);
    config.pool = pool;
    config.sandbox = SANDBOX_ON;
    return config;
}

/* Enters all of it, as main.c does. In a child process alone: there is no way back. */
static void enter(const struct config *config)
{
    SUPPORT_MUST(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
    SUPPORT_MUST(sandbox_confine_files(config) == VT_OK);
    SUPPORT_MUST(sandbox_confine_changes(config) == VT_OK);
    SUPPORT_MUST(sandbox_enter(config, NULL) == VT_OK);
}

/* Runs a function in a child process and gives what it has given, or ATTEMPT_DEADLY where the child
 * was ended by SIGSYS. The child runs nothing of what was registered for its end: LeakSanitizer
 * would look into the process from another one. */
static int in_child(int (*function)(void *context), void *context)
{
    int status;
    pid_t child = fork();

    ck_assert_int_ge(child, 0);
    if (child == 0)
        _exit(function(context));
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS)
        return ATTEMPT_DEADLY;
    ck_assert_msg(WIFEXITED(status), "ended by signal %d", WTERMSIG(status));
    return WEXITSTATUS(status);
}

/* ---- what is refused ---- */

struct trial {
    const struct attempt *attempt;
    enum pool pool;
};

static int try_it(void *context)
{
    const struct trial *trial = context;
    struct config config = config_for(data, trial->pool);

    enter(&config);
    return trial->attempt->try(data, outside);
}

START_TEST(each_forbidden_attempt_is_refused)
{
    const struct attempt *attempt = &support_attempts[_i];
    struct trial trial = {attempt, POOL_API};
    int got = in_child(try_it, &trial);

    ck_assert_msg(got == attempt->api, "api: %s: %d", attempt->name, got);
    trial.pool = POOL_IMAGE;
    got = in_child(try_it, &trial);
    ck_assert_msg(got == attempt->image, "image: %s: %d", attempt->name, got);
}
END_TEST

/* Landlock alone, where the filter would have refused before. */
static int connect_by_tcp(void *context)
{
    const char *const nothing[] = {NULL};
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(9)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    (void)context;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    SUPPORT_MUST(fd >= 0 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
    SUPPORT_MUST(sandbox_landlock_enter(data, nothing) == VT_OK);
    return connect(fd, (struct sockaddr *)&address, sizeof address) == 0 ? 0 : errno;
}

static int signal_parent(void *context)
{
    const char *const nothing[] = {NULL};

    (void)context;
    SUPPORT_MUST(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
    SUPPORT_MUST(sandbox_landlock_enter(data, nothing) == VT_OK);
    return kill(getppid(), 0) == 0 ? 0 : errno;
}

START_TEST(landlock_refuses_tcp_and_signals_by_itself)
{
    int abi = sandbox_probe_landlock();

    ck_assert_int_eq(in_child(connect_by_tcp, NULL), abi >= 4 ? EACCES : ECONNREFUSED);
    ck_assert_int_eq(in_child(signal_parent, NULL), abi >= 6 ? EPERM : 0);
}
END_TEST

START_TEST(landlock_needs_the_data_folder)
{
    const char *const nothing[] = {NULL};

    ck_assert_int_eq(sandbox_landlock_enter(support_path(data, "none"), nothing),
                     VT_ERR_UNAVAILABLE);
    support_write_file(support_path(outside, "still"), "", 0); /* nothing has changed */
}
END_TEST

/* ---- what goes on working ---- */

static const struct picture pictures[] = {
    {.coder = "JPEG"},
    {.coder = "JPEG", .cmyk = true},
    {.coder = "PNG"},
    {.coder = "PNG", .alpha = true},
    {.coder = "GIF", .frames = 2},
    {.coder = "WEBP", .alpha = true},
    {.coder = "AVIF", .width = 600, .height = 400},
    {.coder = "HEIC", .width = 600, .height = 400},
    {.coder = "TIFF", .deep = true},
};

/* In a process of its own, which loads the libraries: the other one has to do that for itself. */
static int make_picture(void *context)
{
    struct buf bytes;

    support_picture(context, &bytes);
    support_write_file(support_path(outside, "picture"), bytes.data, bytes.len);
    buf_free(&bytes);
    return 0;
}

static int add_picture(void *context)
{
    struct config config = config_for(data, POOL_IMAGE);
    struct gallery *gallery = NULL;
    struct added added;
    struct buf *bytes = context;
    enum vt_error err;

    SUPPORT_MUST(gallery_new(&config, &gallery) == VT_OK);
    gallery_confine_by(gallery, sandbox_confine_files);
    gallery_narrow_by(gallery, sandbox_confine_changes);
    SUPPORT_MUST(gallery_start_decoder(gallery, true) == VT_OK);
    SUPPORT_MUST(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
    SUPPORT_MUST(gallery_open(gallery, NULL) == VT_OK && sandbox_enter(&config, NULL) == VT_OK);
    err = support_add(gallery, bytes->data, bytes->len, "a picture", &added, NULL);
    if (err == VT_OK)
        err = gallery_make_thumbnail(gallery, added.record.id, 1280,
                                     gallery_thumbnail_extension(&added.record));
    gallery_free(gallery);
    return (int)err;
}

START_TEST(pictures_of_every_kind_are_taken)
{
    struct picture picture = pictures[_i];
    struct buf bytes;

    ck_assert_int_eq(in_child(make_picture, &picture), 0);
    support_read_file(support_path(outside, "picture"), &bytes);
    ck_assert_int_eq(in_child(add_picture, &bytes), VT_OK);
    buf_free(&bytes);
    /* The catalogue, its two companions, the original, three thumbnails, and the way outside. */
    ck_assert_uint_ge(support_count_files(data), 4);
}
END_TEST

static enum vt_error no_row(void *context, const struct record *record)
{
    (void)context;
    (void)record;
    return VT_ERR_INTERNAL;
}

/* As a worker does that starts before its data folder is mounted. */
static int find_data_late(void *context)
{
    struct config config = config_for(support_path(outside, "late"), POOL_API);
    struct gallery *gallery = NULL;
    struct listing_query query = {.limit = 10};
    struct listing_page page;
    int fd;

    (void)context;
    SUPPORT_MUST(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
    SUPPORT_MUST(gallery_new(&config, &gallery) == VT_OK);
    gallery_confine_by(gallery, sandbox_confine_files);
    gallery_narrow_by(gallery, sandbox_confine_changes);
    SUPPORT_MUST(gallery_open(gallery, NULL) == VT_ERR_UNAVAILABLE);
    SUPPORT_MUST(sandbox_enter(&config, NULL) == VT_OK);
    SUPPORT_MUST(gallery_list(gallery, &query, no_row, NULL, &page) == VT_ERR_UNAVAILABLE);
    SUPPORT_MUST(mkdir(config.data, 0700) == 0);
    SUPPORT_MUST(gallery_list(gallery, &query, no_row, NULL, &page) == VT_OK);
    gallery_free(gallery);
    fd = open(support_path(outside, "file"), O_WRONLY);
    return fd < 0 ? errno : 0;
}

START_TEST(data_folder_that_was_away_is_found_and_kept_to)
{
    ck_assert_int_eq(in_child(find_data_late, NULL), EACCES);
}
END_TEST

/* ---- limits ---- */

static rlim_t limit_of(__rlimit_resource_t resource)
{
    struct rlimit limit;

    SUPPORT_MUST(getrlimit(resource, &limit) == 0 && limit.rlim_cur <= limit.rlim_max);
    return limit.rlim_cur;
}

static int open_many(void *context)
{
    int last = 0;

    (void)context;
    SUPPORT_MUST(sandbox_limits_set(1) == VT_OK);
    while (last >= 0 && last < 1000)
        last = open("/", O_RDONLY);
    return last < 0 ? errno : 0;
}

static int write_much(void *context)
{
    const struct rlimit small = {10, 10};
    int fd = open(support_path(data, "grows"), O_WRONLY | O_CREAT, 0600);

    (void)context;
    SUPPORT_MUST(fd >= 0 && setrlimit(RLIMIT_FSIZE, &small) == 0);
    SUPPORT_MUST(sandbox_limits_set(1) == VT_OK);
    SUPPORT_MUST(write(fd, "0123456789", 10) == 10);
    return write(fd, "0", 1) < 0 ? errno : 0;
}

static int map_much(void *context)
{
    (void)context;
    SUPPORT_MUST(sandbox_limits_set(1) == VT_OK);
    return mmap(NULL, limit_of(RLIMIT_AS), PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) ==
                   MAP_FAILED
               ? errno
               : 0;
}

START_TEST(a_confined_worker_has_resource_limits)
{
    ck_assert_int_eq(in_child(open_many, NULL), EMFILE);
    ck_assert_int_eq(in_child(write_much, NULL), EFBIG);
    if (SANDBOX_LIMITS_ADDRESS_SPACE)
        ck_assert_int_eq(in_child(map_much, NULL), ENOMEM);
}
END_TEST

static int look_at_limits(void *context)
{
    rlim_t small;

    (void)context;
    SUPPORT_MUST(sandbox_limits_set(1) == VT_OK);
    SUPPORT_MUST(limit_of(RLIMIT_NOFILE) == 192 && limit_of(RLIMIT_CORE) == 0);
    SUPPORT_MUST(limit_of(RLIMIT_FSIZE) == (rlim_t)64 << 30);
    small = limit_of(RLIMIT_AS);
    SUPPORT_MUST(!SANDBOX_LIMITS_ADDRESS_SPACE ||
                 (small > (rlim_t)1 << 30 && small < (rlim_t)1 << 40));
    /* Never raised again. */
    SUPPORT_MUST(sandbox_limits_set(UINT64_C(1) << 40) == VT_OK);
    return limit_of(RLIMIT_AS) == small && limit_of(RLIMIT_FSIZE) == (rlim_t)64 << 30 ? 0 : 1;
}

static int accept_large_uploads(void *context)
{
    (void)context;
    SUPPORT_MUST(sandbox_limits_set(UINT64_C(1) << 40) == VT_OK);
    return limit_of(RLIMIT_FSIZE) == (rlim_t)1 << 40 ? 0 : 1;
}

START_TEST(limits_are_those_of_the_settings_or_less)
{
    ck_assert_int_eq(in_child(look_at_limits, NULL), 0);
    ck_assert_int_eq(in_child(accept_large_uploads, NULL), 0);
}
END_TEST

static int ask_for_processor_time(void *context)
{
    const struct rlimit short_life = {SANDBOX_REQUEST_SECONDS + 1, SANDBOX_REQUEST_SECONDS + 1};
    const struct rlimit over = {SANDBOX_REQUEST_SECONDS, SANDBOX_REQUEST_SECONDS};
    time_t granted = 0;

    (void)context;
    SUPPORT_MUST(sandbox_limits_set(1) == VT_OK);
    SUPPORT_MUST(sandbox_limits_grant_request(&granted));
    SUPPORT_MUST(limit_of(RLIMIT_CPU) == SANDBOX_REQUEST_SECONDS + 1);
    SUPPORT_MUST(granted == SANDBOX_REQUEST_SECONDS + 1);
    granted = 0;
    SUPPORT_MUST(setrlimit(RLIMIT_CPU, &short_life) == 0);
    SUPPORT_MUST(sandbox_limits_grant_request(&granted));
    granted = 0;
    SUPPORT_MUST(setrlimit(RLIMIT_CPU, &over) == 0);
    return sandbox_limits_grant_request(&granted) ? 1 : 0;
}

static int use_up_processor_time(void *context)
{
    const struct rlimit second = {1, 3};
    volatile unsigned long turns = 0;

    (void)context;
    SUPPORT_MUST(sandbox_limits_set(1) == VT_OK);
    SUPPORT_MUST(setrlimit(RLIMIT_CPU, &second) == 0);
    for (;;)
        turns++;
}

START_TEST(processor_time_is_granted_until_a_life_is_over)
{
    int status;
    pid_t child;

    ck_assert_int_eq(in_child(ask_for_processor_time, NULL), 0);
    child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0)
        _exit(use_up_processor_time(NULL));
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU);
}
END_TEST

/* ---- off ---- */

static int enter_nothing(void *context)
{
    struct config config = config_for(data, POOL_API);
    time_t granted = 0;
    rlim_t files = limit_of(RLIMIT_NOFILE);
    int fd;

    (void)context;
    config.sandbox = SANDBOX_OFF;
    enter(&config);
    SUPPORT_MUST(sandbox_grant_request(&config, &granted) && granted == 0);
    SUPPORT_MUST(limit_of(RLIMIT_NOFILE) == files && prctl(PR_GET_SECCOMP) == 0);
    fd = open(support_path(outside, "file"), O_WRONLY);
    return fd < 0 ? errno : 0;
}

START_TEST(with_the_sandbox_off_a_worker_is_not_confined)
{
    ck_assert_int_eq(in_child(enter_nothing, NULL), 0);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("sandbox");
    TCase *sandbox = tcase_create("sandbox");
    struct vt_reason why = {""};

    if (sandbox_probe(&why) != VT_OK) {
        (void)printf("1..0 # SKIP %s\n", why.text);
        exit(EXIT_SUCCESS);
    }
    tcase_set_timeout(sandbox, 60);
    tcase_add_checked_fixture(sandbox, set_up, NULL);
    tcase_add_loop_test(sandbox, each_forbidden_attempt_is_refused, 0, (int)support_attempt_count);
    tcase_add_test(sandbox, landlock_refuses_tcp_and_signals_by_itself);
    tcase_add_test(sandbox, landlock_needs_the_data_folder);
    tcase_add_loop_test(sandbox, pictures_of_every_kind_are_taken, 0, COUNT(pictures));
    tcase_add_test(sandbox, data_folder_that_was_away_is_found_and_kept_to);
    tcase_add_test(sandbox, a_confined_worker_has_resource_limits);
    tcase_add_test(sandbox, limits_are_those_of_the_settings_or_less);
    tcase_add_test(sandbox, processor_time_is_granted_until_a_life_is_over);
    tcase_add_test(sandbox, with_the_sandbox_off_a_worker_is_not_confined);
    suite_add_tcase(suite, sandbox);
    return suite;
}
