#include "decoder/decoder.h"

#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "../support/attempts.h"
#include "../support/forged.h"
#include "../support/metadata.h"
#include "../support/support.h"
#include "image/memory.h"
#include "process/sandbox_limits.h"
#include "process/sandbox_probe.h"

#define SECRET "a-token-that-no-decoder-may-know"

static struct config config;
static struct decoder *decoder;
static struct vt_reason why;
static struct decoder_result result;
static bool wants_metadata;

static void copy(const char *from_folder, const char *from, const char *to)
{
    struct buf bytes;
    char path[PATH_MAX];

    support_read_file(support_path(from_folder, from), &bytes);
    (void)strcpy(path, support_path(support_folder(), to));
    support_write_file(path, bytes.data, bytes.len);
    ck_assert_int_eq(chmod(path, 0755), 0);
    buf_free(&bytes);
}

/* A decoder whose module does what a picture tells it. */
static void start(void)
{
    char modules[PATH_MAX];

    ck_assert_int_eq(setenv("VITRINE_TOKEN", SECRET, 1), 0);
    support_config(support_folder(), &config);
    config.sandbox = SANDBOX_ON;
    (void)strcpy(modules, config.module_dir);
    copy(modules, "vitrine-decoder", "vitrine-decoder");
    copy(modules, "image_magick.so", "real.so");
    copy(modules, "tests/tools/hostile_module.so", "image_magick.so");
    copy(modules, "image_metadata.so", "image_metadata.so");
    (void)strcpy(config.module_dir, support_folder());
    ck_assert_int_eq(decoder_new(&config, &decoder), VT_OK);
}

static void stop(void)
{
    decoder_result_free(&result);
    decoder_free(decoder);
}

/* A GIF with a comment. */
static void make_gif(const char *comment, struct buf *gif)
{
    const struct picture picture = {.coder = "GIF"};
    size_t len = strlen(comment);

    support_picture(&picture, gif);
    ck_assert_int_eq(gif->data[gif->len - 1], ';');
    gif->len--;
    buf_append(gif, "!\xfe", 2);
    buf_append(gif, &(char){(char)len}, 1);
    buf_append(gif, comment, len + 1); /* its end is the list's */
    buf_append(gif, ";", 1);
}

/* In a process of its own, which loads ImageMagick: the test's own has to stay small. */
static int keep_picture(const struct buf *bytes)
{
    int fd = memfd_create("picture", MFD_CLOEXEC);

    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, bytes->data, bytes->len), (ssize_t)bytes->len);
    return fd;
}

static unsigned times_asked;

static bool is_wanted_twice(void *context)
{
    ck_assert_ptr_eq(context, &times_asked);
    return ++times_asked <= 2;
}

/* Has a picture decoded, which is_wanted may end. */
static enum vt_error run_while(const struct buf *bytes, unsigned seconds, int cancel_fd,
                               bool (*is_wanted)(void *context))
{
    const struct decoder_output outputs[] = {{32, DECODER_BY_ALPHA}, {16, DECODER_OPAQUE_WEBP}};
    struct image_header header;
    struct decoder_job job = {.file = keep_picture(bytes),
                              .header = &header,
                              .seconds = seconds,
                              .outputs = outputs,
                              .count = 2,
                              .cancel_fd = cancel_fd,
                              .is_wanted = is_wanted,
                              .context = &times_asked,
                              .metadata = wants_metadata};
    enum vt_error err;

    ck_assert_int_eq(image_header_read(bytes->data, bytes->len, &header, &why), VT_OK);
    job.memory = image_memory(&header, 640);
    why.text[0] = '\0';
    decoder_result_free(&result);
    err = decoder_run(decoder, &job, &result, &why);
    (void)close(job.file);
    return err;
}

static enum vt_error run(const struct buf *bytes, unsigned seconds, int cancel_fd)
{
    return run_while(bytes, seconds, cancel_fd, NULL);
}

static enum vt_error run_hostile(const char *wish, unsigned seconds)
{
    char comment[64];
    struct buf gif;
    enum vt_error err;

    (void)snprintf(comment, sizeof comment, "HOSTILE:%s", wish);
    make_gif(comment, &gif);
    err = run(&gif, seconds, -1);
    buf_free(&gif);
    return err;
}

/* One by the engine, and two without. */
static const struct picture pictures[] = {
    {.coder = "GIF"}, {.coder = "JPEG"}, {.coder = "JPEG", .cmyk = true}};

START_TEST(thumbnails_are_the_same_whatever_came_before)
{
    struct buf bytes, first;

    support_picture(&pictures[_i], &bytes);
    ck_assert_int_eq(run(&bytes, 30, -1), VT_OK);
    ck_assert(result.width == 64 && result.height == 48 && !result.alpha);
    first = result.files[0];
    result.files[0] = BUF_INIT;
    ck_assert_int_eq(run_hostile("crash", 30), VT_ERR_INVALID_IMAGE);
    ck_assert_int_eq(run(&bytes, 30, -1), VT_OK);
    ck_assert_uint_eq(result.files[0].len, first.len);
    ck_assert_int_eq(memcmp(result.files[0].data, first.data, first.len), 0);
    buf_free(&first);
    buf_free(&bytes);
}
END_TEST

START_TEST(a_crash_is_the_fault_of_one_picture)
{
    for (int i = 0; i < 20; i++) {
        ck_assert_int_eq(run_hostile("crash", 30), VT_ERR_INVALID_IMAGE);
        ck_assert_str_eq(why.text, "the image cannot be decoded: its decoder failed");
    }
    ck_assert(decoder_is_there(decoder));
}
END_TEST

START_TEST(a_decoder_that_hangs_is_killed_when_its_time_is_over)
{
    time_t before = time(NULL);

    ck_assert_int_eq(run_hostile("hang", 1), VT_ERR_INVALID_IMAGE);
    ck_assert_str_eq(why.text, "the image takes too long to decode");
    ck_assert_int_ge(time(NULL) - before, 1);
    ck_assert(decoder_is_there(decoder));
}
END_TEST

START_TEST(a_decode_that_takes_all_memory_is_refused_with_the_reason)
{
    ck_assert_int_eq(run_hostile("greedy", 30), VT_ERR_IMAGE_LIMIT);
    ck_assert_str_eq(why.text, "the image takes more memory to decode than is available");
}
END_TEST

START_TEST(a_reply_that_cannot_be_true_is_refused)
{
    for (int i = 0; i < 6; i++) {
        char wish[32];

        (void)snprintf(wish, sizeof wish, "lie %d", i);
        ck_assert_int_eq(run_hostile(wish, 30), VT_ERR_INVALID_IMAGE);
        ck_assert_str_eq(why.text, "the image cannot be decoded: its decoder failed");
        ck_assert(decoder_is_there(decoder));
    }
}
END_TEST

START_TEST(a_child_has_its_file_and_its_pipes_alone)
{
    ck_assert_int_eq(run_hostile("open", 30), VT_ERR_INVALID_IMAGE);
    ck_assert_str_eq(why.text, "open: pipe pipe file pipe");
}
END_TEST

/* By a picture that has taken its decoder over. */
START_TEST(each_attempt_comes_to_nothing)
{
    for (size_t i = 0; i < support_attempt_count; i++) {
        const struct attempt *attempt = &support_attempts[i];
        char wish[32], wanted[200];

        (void)snprintf(wish, sizeof wish, "try %zu", i);
        (void)snprintf(wanted, sizeof wanted, "%s: %s", attempt->name,
                       attempt->decoder > 0 ? strerrorname_np(attempt->decoder) : "");
        if (attempt->decoder == ATTEMPT_DEADLY)
            (void)strcpy(wanted, "the image cannot be decoded: its decoder failed");
        ck_assert_int_eq(run_hostile(wish, 30), VT_ERR_INVALID_IMAGE);
        ck_assert_msg(strcmp(why.text, wanted) == 0, "%s: %s", attempt->name, why.text);
    }
}
END_TEST

/* ---- metadata ---- */

/* A JPEG or GIF with such XMP. */
static void make_described(const char *coder, const char *attributes, struct buf *file)
{
    const struct picture picture = {.coder = coder};
    struct buf plain, xmp = BUF_INIT;

    metadata_xmp(&xmp, attributes, "");
    support_picture(&picture, &plain);
    *file = BUF_INIT;
    if (strcmp(coder, "JPEG") == 0) {
        PUT(file, "\xff\xd8\xff\xe1");
        forged_big(file, 2, 2 + 29 + xmp.len);
        PUT(file, "http://ns.adobe.com/xap/1.0/\0");
        buf_append(file, xmp.data, xmp.len);
        buf_append(file, plain.data + 2, plain.len - 2);
    } else {
        buf_append(file, plain.data, plain.len - 1);
        PUT(file, "!\xff\x0bXMP DataXMP");
        buf_append(file, xmp.data, xmp.len);
        PUT(file, "\1");
        for (int i = 0xff; i >= 0; i--)
            forged_big(file, 1, (unsigned)i);
        PUT(file, "\0;");
    }
    buf_free(&plain);
    buf_free(&xmp);
}

/* In either host. */
START_TEST(metadata_is_read_where_it_is_asked_for)
{
    static const char *const coders[] = {"JPEG", "GIF"};
    struct buf file;

    make_described(coders[_i], "xmp:Rating='3' xmp:CreateDate='2024-01-31T10:11:12Z'", &file);
    for (int i = 0; i < 4; i++) {
        wants_metadata = i % 2 == 1;
        ck_assert_int_eq(run(&file, 30, -1), VT_OK);
        ck_assert_uint_eq(result.photo.rating, wants_metadata ? 3 : 0);
        ck_assert_str_eq(metadata_taken(&result.photo),
                         wants_metadata ? "2024-01-31T10:11:12.000+00:00" : "");
    }
    buf_free(&file);
}
END_TEST

/* ---- copies ---- */

static enum vt_error redact(const struct buf *bytes, const struct image_header *header,
                            enum image_redact_level level)
{
    static const struct decoder_output plan = {0, DECODER_OPAQUE};
    struct decoder_job job = {.file = keep_picture(bytes),
                              .header = header,
                              .seconds = 30,
                              .memory = 48 << 20,
                              .outputs = &plan,
                              .count = 1,
                              .cancel_fd = -1,
                              .redact = level};
    enum vt_error err;

    why.text[0] = '\0';
    decoder_result_free(&result);
    err = decoder_run(decoder, &job, &result, &why);
    (void)close(job.file);
    return err;
}

/* The child finds the same as this process would, and decodes nothing: its GIF would crash it. */
START_TEST(the_plan_of_a_copy_is_made_without_decoding)
{
    enum image_redact_level level = _i % 2 == 0 ? IMAGE_REDACT_PLACE : IMAGE_REDACT_ALL;
    struct image_header header;
    struct buf file = BUF_INIT, want = BUF_INIT;

    if (_i < 2)
        make_gif("HOSTILE:crash", &file);
    else
        make_described("JPEG", "xmp:Rating='3'", &file);
    ck_assert_int_eq(image_header_read(file.data, file.len, &header, &why), VT_OK);
    ck_assert_int_eq(image_redact(header.type, level, file.data, file.len, &want), VT_OK);
    for (int times = 0; times < 2; times++) {
        ck_assert_int_eq(redact(&file, &header, level), VT_OK);
        ck_assert_uint_eq(result.files[0].len, want.len);
        ck_assert_mem_eq(result.files[0].data, want.data, want.len);
    }
    buf_free(&file);
    buf_free(&want);
}
END_TEST

START_TEST(a_file_that_cannot_be_copied_is_told_from_a_broken_one)
{
    const struct image_header header = {.type = (enum image_type)_i, .width = 8, .height = 8};
    struct buf file = BUF_INIT;

    PUT(&file, "neither");
    ck_assert_int_eq(redact(&file, &header, IMAGE_REDACT_PLACE), VT_ERR_UNSUPPORTED);
    ck_assert_str_eq(why.text, "no copy without metadata can be made of this image");
    buf_free(&file);
}
END_TEST

/* Has nothing but metadata read. */
static enum vt_error read_only(const struct buf *bytes, enum image_type type,
                               enum decoder_metadata what, unsigned seconds)
{
    const struct image_header header = {.type = type};
    struct decoder_job job = {.file = keep_picture(bytes),
                              .header = &header,
                              .seconds = seconds,
                              .memory = DECODER_METADATA_MEMORY,
                              .cancel_fd = -1,
                              .metadata = what};
    enum vt_error err;

    why.text[0] = '\0';
    decoder_result_free(&result);
    err = decoder_run(decoder, &job, &result, &why);
    (void)close(job.file);
    return err;
}

START_TEST(metadata_is_read_without_decoding_the_picture)
{
    static const char *const coders[] = {"JPEG", "GIF"};
    const enum image_type type = _i == 0 ? IMAGE_JPEG : IMAGE_GIF;
    struct buf file;

    make_described(coders[_i], "xmp:Rating='3'", &file);
    for (int i = 0; i < 3; i++) {
        ck_assert_int_eq(read_only(&file, type, DECODER_FILE_METADATA, 30), VT_OK);
        ck_assert_uint_eq(result.photo.rating, 3);
        ck_assert_uint_eq(result.width, 0);
        ck_assert_int_eq(run(&file, 30, -1), VT_OK); /* the two kinds of jobs alternate */
        ck_assert_uint_eq(result.width, 64);
    }
    buf_free(&file);
}
END_TEST

START_TEST(metadata_of_a_picture_that_cannot_be_decoded_is_read)
{
    struct buf file;

    make_described("JPEG", "xmp:Rating='3'", &file);
    file.len -= file.len / 8;
    ck_assert_int_eq(run(&file, 30, -1), VT_ERR_INVALID_IMAGE);
    ck_assert_int_eq(read_only(&file, IMAGE_JPEG, DECODER_FILE_METADATA, 30), VT_OK);
    ck_assert_uint_eq(result.photo.rating, 3);
    file.len = 0;
    ck_assert_int_eq(read_only(&file, IMAGE_JPEG, DECODER_FILE_METADATA, 30), VT_ERR_IMAGE_LIMIT);
    buf_free(&file);
}
END_TEST

START_TEST(xmp_that_was_beside_a_picture_is_read)
{
    struct buf xmp = BUF_INIT;

    metadata_xmp(&xmp, "xmp:Rating='4' xmp:CreateDate='2024-01-31T10:11:12Z'", "");
    ck_assert_int_eq(read_only(&xmp, IMAGE_JPEG, DECODER_XMP_METADATA, 30), VT_OK);
    ck_assert_uint_eq(result.photo.rating, 4);
    ck_assert_str_eq(metadata_taken(&result.photo), "2024-01-31T10:11:12.000+00:00");
    ck_assert_int_eq(read_only(&xmp, IMAGE_JPEG, DECODER_FILE_METADATA, 30), VT_OK);
    ck_assert_uint_eq(result.photo.rating, 0);
    buf_free(&xmp);
}
END_TEST

START_TEST(a_job_that_only_reads_metadata_fails_with_its_reader)
{
    static const struct {
        const char *attributes, *why;
    } wishes[] = {
        {"wish='HOSTILE:crash'", "its metadata cannot be read: its reader failed"},
        {"wish='HOSTILE:hang'", "its metadata takes too long to read"},
        {"wish='HOSTILE:lie'", "its metadata cannot be read: its reader failed"},
    };
    struct buf file;

    make_described("JPEG", wishes[_i].attributes, &file);
    copy(getenv("VITRINE_TEST_MODULES"), "tests/tools/hostile_metadata.so", "image_metadata.so");
    ck_assert_int_eq(read_only(&file, IMAGE_JPEG, DECODER_FILE_METADATA, 1), VT_ERR_INVALID_IMAGE);
    ck_assert_str_eq(why.text, wishes[_i].why);
    ck_assert_int_eq(result.photo.taken_from, PHOTO_TAKEN_UNKNOWN);
    ck_assert(decoder_is_there(decoder));
    buf_free(&file);
}
END_TEST

START_TEST(without_the_reader_of_metadata_a_job_that_only_reads_it_fails)
{
    struct buf file;

    make_described("JPEG", "xmp:Rating='3'", &file);
    ck_assert_int_eq(unlink(support_path(support_folder(), "image_metadata.so")), 0);
    for (int i = 0; i < 2; i++)
        ck_assert_int_eq(read_only(&file, IMAGE_JPEG, DECODER_FILE_METADATA, 30),
                         VT_ERR_UNAVAILABLE);
    ck_assert_int_eq(run(&file, 30, -1), VT_OK);
    buf_free(&file);
}
END_TEST

static void run_hostile_metadata(const char *wish, enum vt_error want)
{
    const struct picture picture = {.coder = "JPEG"};
    char attributes[64];
    struct buf file, plain;

    (void)snprintf(attributes, sizeof attributes, "wish='HOSTILE:%s'", wish);
    make_described("JPEG", attributes, &file);
    support_picture(&picture, &plain);
    copy(getenv("VITRINE_TEST_MODULES"), "tests/tools/hostile_metadata.so", "image_metadata.so");
    wants_metadata = true;
    for (int i = 0; i < 3; i++) {
        ck_assert_int_eq(run(&file, 30, -1), want);
        ck_assert_uint_eq(result.photo.rating, 0);
        ck_assert(!result.photo.has_place);
        ck_assert_int_eq(result.width, want == VT_OK ? 64 : 0);
        ck_assert_int_eq(run(&plain, 30, -1), VT_OK); /* the next picture is not affected */
    }
    ck_assert(decoder_is_there(decoder));
    buf_free(&file);
    buf_free(&plain);
}

START_TEST(metadata_that_crashes_its_reader_refuses_no_picture)
{
    run_hostile_metadata("crash", VT_OK);
}
END_TEST

START_TEST(metadata_that_takes_long_refuses_no_picture_and_costs_two_seconds)
{
    time_t before = time(NULL);

    run_hostile_metadata("hang", VT_OK);
    ck_assert_int_le(time(NULL) - before, 20);
}
END_TEST

START_TEST(a_photo_that_cannot_be_true_is_refused)
{
    run_hostile_metadata("lie", VT_ERR_INVALID_IMAGE);
    ck_assert_int_eq(result.photo.taken_from, PHOTO_TAKEN_UNKNOWN);
}
END_TEST

START_TEST(a_reader_that_is_wrong_refuses_no_picture)
{
    run_hostile_metadata("invent", VT_OK);
}
END_TEST

START_TEST(pictures_are_decoded_without_the_reader_of_metadata)
{
    struct buf file;

    make_described("JPEG", "xmp:Rating='3'", &file);
    ck_assert_int_eq(unlink(support_path(support_folder(), "image_metadata.so")), 0);
    wants_metadata = true;
    for (int i = 0; i < 2; i++) {
        ck_assert_int_eq(run(&file, 30, -1), VT_OK);
        ck_assert_uint_eq(result.photo.rating, 0);
    }
    buf_free(&file);
}
END_TEST

START_TEST(a_client_that_has_gone_ends_the_decode)
{
    struct buf gif;
    int pair[2];

    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    ck_assert_int_eq(close(pair[1]), 0);
    make_gif("HOSTILE:hang", &gif);
    ck_assert_int_eq(run(&gif, 30, pair[0]), VT_ERR_STOPPED);
    buf_free(&gif);
    ck_assert_int_eq(run_hostile("crash", 30), VT_ERR_INVALID_IMAGE);
    ck_assert_int_eq(close(pair[0]), 0);
}
END_TEST

START_TEST(a_decode_that_is_not_wanted_any_more_ends)
{
    struct buf gif;

    times_asked = 0;
    make_gif("HOSTILE:hang", &gif);
    ck_assert_int_eq(run_while(&gif, 30, -1, is_wanted_twice), VT_ERR_STOPPED);
    ck_assert_uint_eq(times_asked, 3);
    buf_free(&gif);
    ck_assert_int_eq(run_hostile("crash", 30), VT_ERR_INVALID_IMAGE);
}
END_TEST

/* The first child of a process; 0 for none. */
static pid_t first_child(pid_t parent)
{
    char path[64];
    int pid = 0;
    FILE *file;

    (void)snprintf(path, sizeof path, "/proc/%d/task/%d/children", (int)parent, (int)parent);
    file = fopen(path, "re");
    ck_assert_ptr_nonnull(file);
    if (fscanf(file, "%d", &pid) != 1)
        pid = 0;
    (void)fclose(file);
    return pid;
}

/* The same, once it is there. */
static pid_t child_of(pid_t parent)
{
    pid_t pid;

    while ((pid = first_child(parent)) == 0)
        (void)usleep(1000);
    return pid;
}

/* The process that forks children, and, once a picture was decoded, the one whose children have an
 * engine: before that, it may be a process that makes filters. */
static pid_t host(void)
{
    return child_of(getpid());
}

static pid_t engine_host(void)
{
    return child_of(host());
}

static void *kill_a_little_later(void *pid)
{
    (void)usleep(200000);
    ck_assert_int_eq(kill(*(pid_t *)pid, SIGKILL), 0);
    return NULL;
}

START_TEST(a_program_that_ends_during_a_decode_is_not_waited_for)
{
    time_t before;
    pthread_t killer;
    struct buf jpeg;
    pid_t pid;

    support_picture(&pictures[1], &jpeg);
    ck_assert_int_eq(run(&jpeg, 30, -1), VT_OK); /* both processes have started */
    buf_free(&jpeg);
    pid = _i == 0 ? host() : engine_host();
    before = time(NULL);
    ck_assert_int_eq(pthread_create(&killer, NULL, kill_a_little_later, &pid), 0);
    ck_assert_int_eq(run_hostile("hang", 30), VT_ERR_UNAVAILABLE);
    ck_assert_int_lt(time(NULL) - before, 20);
    ck_assert_int_eq(pthread_join(killer, NULL), 0);
}
END_TEST

START_TEST(without_its_program_nothing_is_decoded)
{
    ck_assert_int_eq(kill(host(), SIGKILL), 0);
    ck_assert_int_eq(run_hostile("crash", 30), VT_ERR_UNAVAILABLE);
    ck_assert(!decoder_is_there(decoder));
}
END_TEST

START_TEST(without_its_other_half_neither)
{
    struct buf jpeg;

    support_picture(&pictures[1], &jpeg);
    ck_assert_int_eq(run(&jpeg, 30, -1), VT_OK);
    ck_assert_int_eq(kill(engine_host(), SIGKILL), 0);
    ck_assert_int_eq(run_hostile("crash", 30), VT_ERR_UNAVAILABLE);
    while (decoder_is_there(decoder)) /* for a moment */
        (void)usleep(1000);
    ck_assert_int_eq(run(&jpeg, 30, -1), VT_ERR_UNAVAILABLE);
    buf_free(&jpeg);
}
END_TEST

/* The least limit with which a process can open two descriptors more. */
static rlim_t room_for_two(pid_t pid)
{
    unsigned left = 2;
    rlim_t number = 0;

    for (; left > 0; number++) {
        char path[64];

        (void)snprintf(path, sizeof path, "/proc/%d/fd/%u", (int)pid, (unsigned)number);
        left -= readlink(path, &(char){0}, 1) < 0;
    }
    return number;
}

/* Kills a process's first child, where there is one, and waits until it is dead: until then it
 * could still be given a job. */
static void end_first_child(pid_t parent)
{
    pid_t pid = first_child(parent);
    char path[64], state = 'R';
    FILE *file;

    if (pid == 0)
        return;
    ck_assert_int_eq(kill(pid, SIGKILL), 0);
    (void)snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    while (state != 'Z' && (file = fopen(path, "re")) != NULL) {
        if (fscanf(file, "%*d (%*[^)]) %c", &state) != 1)
            state = 'Z'; /* it was waited for meanwhile */
        (void)fclose(file);
    }
}

/* Its host has descriptors left for the job, and none, or too few, for another child. */
START_TEST(a_child_that_cannot_be_started_is_no_fault_of_the_picture)
{
    rlim_t least;
    unsigned refused = 0;
    struct rlimit limit;
    struct buf gif;
    pid_t pid;

    make_gif("a picture", &gif);
    ck_assert_int_eq(run(&gif, 30, -1), VT_OK);
    decoder_result_free(&result);
    pid = engine_host();
    (void)child_of(pid); /* which waits for the next picture */
    ck_assert_int_eq(prlimit(pid, RLIMIT_NOFILE, NULL, &limit), 0);
    least = room_for_two(pid);
    for (rlim_t most = least; most < least + 5; most++) {
        enum vt_error err;

        limit.rlim_cur = most;
        ck_assert_int_eq(prlimit(pid, RLIMIT_NOFILE, &limit, NULL), 0);
        end_first_child(pid);
        err = run(&gif, 30, -1);
        decoder_result_free(&result);
        ck_assert_msg(err == VT_OK || err == VT_ERR_UNAVAILABLE, "%s", why.text);
        refused += err != VT_OK;
    }
    ck_assert_uint_gt(refused, 0);
    ck_assert_int_eq(run(&gif, 30, -1), VT_OK);
    buf_free(&gif);
}
END_TEST

/* Whether the bytes are in the memory of the process. */
static bool has_in_memory(pid_t pid, const char *bytes)
{
    char path[64], line[PATH_MAX];
    unsigned long from, to;
    bool found = false;
    FILE *maps;
    int memory;

    (void)snprintf(path, sizeof path, "/proc/%d/maps", (int)pid);
    maps = fopen(path, "re");
    (void)snprintf(path, sizeof path, "/proc/%d/mem", (int)pid);
    memory = open(path, O_RDONLY | O_CLOEXEC);
    ck_assert(maps != NULL && memory >= 0);
    while (!found && fgets(line, sizeof line, maps) != NULL) {
        char *content;

        if (sscanf(line, "%lx-%lx rw", &from, &to) != 2 || to - from > 1UL << 28)
            continue;
        content = malloc(to - from);
        ck_assert_ptr_nonnull(content);
        if (pread(memory, content, to - from, (off_t)from) == (ssize_t)(to - from))
            found = memmem(content, to - from, bytes, strlen(bytes)) != NULL;
        free(content);
    }
    (void)fclose(maps);
    (void)close(memory);
    return found;
}

START_TEST(neither_a_token_nor_another_picture_is_in_a_decoders_memory)
{
    struct buf gif;

    make_gif("a-picture-of-another-visitor", &gif);
    ck_assert_int_eq(run(&gif, 30, -1), VT_OK);
    ck_assert(has_in_memory(getpid(), SECRET));
    ck_assert(!has_in_memory(host(), SECRET) && !has_in_memory(engine_host(), SECRET));
    ck_assert(!has_in_memory(host(), "a-picture-of-another-visitor"));
    ck_assert(!has_in_memory(engine_host(), "a-picture-of-another-visitor"));
    buf_free(&gif);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("decoder");
    TCase *all = tcase_create("all");
    struct vt_reason lacks = {""};

    tcase_set_timeout(all, 60);
    tcase_add_checked_fixture(all, start, stop);
    tcase_add_loop_test(all, thumbnails_are_the_same_whatever_came_before, 0,
                        sizeof pictures / sizeof pictures[0]);
    tcase_add_test(all, a_crash_is_the_fault_of_one_picture);
    tcase_add_test(all, a_decoder_that_hangs_is_killed_when_its_time_is_over);
    tcase_add_test(all, a_reply_that_cannot_be_true_is_refused);
    tcase_add_loop_test(all, the_plan_of_a_copy_is_made_without_decoding, 0, 4);
    tcase_add_loop_test(all, a_file_that_cannot_be_copied_is_told_from_a_broken_one, 0,
                        IMAGE_TYPE_COUNT);
    tcase_add_loop_test(all, metadata_is_read_where_it_is_asked_for, 0, 2);
    tcase_add_loop_test(all, metadata_is_read_without_decoding_the_picture, 0, 2);
    tcase_add_test(all, metadata_of_a_picture_that_cannot_be_decoded_is_read);
    tcase_add_test(all, xmp_that_was_beside_a_picture_is_read);
    tcase_add_loop_test(all, a_job_that_only_reads_metadata_fails_with_its_reader, 0, 3);
    tcase_add_test(all, without_the_reader_of_metadata_a_job_that_only_reads_it_fails);
    tcase_add_test(all, metadata_that_crashes_its_reader_refuses_no_picture);
    tcase_add_test(all, metadata_that_takes_long_refuses_no_picture_and_costs_two_seconds);
    tcase_add_test(all, a_photo_that_cannot_be_true_is_refused);
    tcase_add_test(all, a_reader_that_is_wrong_refuses_no_picture);
    tcase_add_test(all, pictures_are_decoded_without_the_reader_of_metadata);
    tcase_add_test(all, a_client_that_has_gone_ends_the_decode);
    tcase_add_test(all, a_decode_that_is_not_wanted_any_more_ends);
    tcase_add_loop_test(all, a_program_that_ends_during_a_decode_is_not_waited_for, 0, 2);
    tcase_add_test(all, without_its_program_nothing_is_decoded);
    tcase_add_test(all, without_its_other_half_neither);
    tcase_add_test(all, a_child_that_cannot_be_started_is_no_fault_of_the_picture);
    tcase_add_test(all, neither_a_token_nor_another_picture_is_in_a_decoders_memory);
    if (sandbox_probe(&lacks) == VT_OK) {
        tcase_add_test(all, a_child_has_its_file_and_its_pipes_alone);
        tcase_add_test(all, each_attempt_comes_to_nothing);
        if (SANDBOX_LIMITS_ADDRESS_SPACE)
            tcase_add_test(all, a_decode_that_takes_all_memory_is_refused_with_the_reason);
    }
    suite_add_tcase(suite, all);
    return suite;
}
