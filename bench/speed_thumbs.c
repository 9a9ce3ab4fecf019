/* speed_thumbs FILE ROUNDS FOLDER: measures the thumbnails that an upload of FILE makes, ours
 * against libvips and against decoding alone, interleaved, in this process; see
 * docs/performance.md. speed_thumbs FILE ROUNDS: ours alone.
 *
 * Prints JSON: {"sizes": [...], "sides": {SIDE: {"wall": [...], "cpu": [...]}}}, in milliseconds,
 * one entry for each round. The thumbnails of the warm-up are written to FOLDER/SIDE-SIZE.jpg. The
 * settings are the worker's, from the environment. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <jansson.h>

#include "base/config.h"
#include "image/header/header.h"
#include "speed_sides.h"

static const struct side {
    const char *name;
    bool (*run)(const struct speed_task *task, struct speed_outputs *outputs);
    bool has_outputs;
} sides[] = {
    {"ours", speed_ours_run, true},
    {"vips", speed_vips_run, true},
    {"vips_chain", speed_vips_chain_run, true},
    {"floor", speed_floor_run, false},
};

#define SIDE_COUNT (sizeof sides / sizeof sides[0])

/* What one side took, for each round. */
struct figures {
    json_t *wall, *cpu;
};

static double milliseconds(clockid_t clock)
{
    struct timespec now = {0, 0};

    if (clock_gettime(clock, &now) != 0)
        abort(); /* both clocks are there on every Linux */
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static void clear(struct speed_outputs *outputs)
{
    for (size_t i = 0; i < SPEED_SIZES; i++)
        buf_clear(&outputs->files[i]);
}

static bool measure(const struct side *side, const struct speed_task *task,
                    struct speed_outputs *outputs, const struct figures *figures)
{
    double wall, cpu;

    clear(outputs);
    wall = milliseconds(CLOCK_MONOTONIC);
    cpu = milliseconds(CLOCK_PROCESS_CPUTIME_ID);
    if (!side->run(task, outputs))
        return false;
    cpu = milliseconds(CLOCK_PROCESS_CPUTIME_ID) - cpu;
    wall = milliseconds(CLOCK_MONOTONIC) - wall;
    return json_array_append_new(figures->wall, json_real(wall)) == 0 &&
           json_array_append_new(figures->cpu, json_real(cpu)) == 0;
}

/* ---- the warm-up, which shows that the sides do the same ---- */

static bool write_file(const char *folder, const char *side, unsigned size, const struct buf *bytes)
{
    char path[4096];
    int len = snprintf(path, sizeof path, "%s/%s-%u.jpg", folder, side, size);
    FILE *file = len > 0 && (size_t)len < sizeof path ? fopen(path, "wb") : NULL;
    bool written = file != NULL && fwrite(bytes->data, 1, bytes->len, file) == bytes->len;

    if (file != NULL && fclose(file) != 0)
        written = false;
    if (!written)
        perror(path);
    return written;
}

/* Each output is a JPEG, and of the same size as the first side's. */
static bool compare(const char *side, const struct speed_task *task,
                    const struct speed_outputs *outputs, struct image_header *first)
{
    for (size_t i = 0; i < task->count; i++) {
        const struct buf *bytes = &outputs->files[i];
        struct image_header header;
        struct vt_reason why = {""};

        if (image_header_read(bytes->data, bytes->len, &header, &why) != VT_OK ||
            header.type != IMAGE_JPEG) {
            (void)fprintf(stderr, "speed_thumbs: %s: no JPEG: %s\n", side, why.text);
            return false;
        }
        if (first[i].width == 0)
            first[i] = header;
        if (header.width != first[i].width || header.height != first[i].height) {
            (void)fprintf(stderr, "speed_thumbs: %s makes %ux%u, ours is %ux%u\n", side,
                          header.width, header.height, first[i].width, first[i].height);
            return false;
        }
    }
    return true;
}

static bool warm_up(size_t count, const struct speed_task *task, struct speed_outputs *outputs,
                    const char *folder)
{
    struct image_header first[SPEED_SIZES];

    memset(first, 0, sizeof first);
    for (size_t i = 0; i < count; i++) {
        clear(outputs);
        if (!sides[i].run(task, outputs))
            return false;
        if (!sides[i].has_outputs)
            continue;
        if (!compare(sides[i].name, task, outputs, first))
            return false;
        for (size_t j = 0; folder != NULL && j < task->count; j++)
            if (!write_file(folder, sides[i].name, task->sizes[j], &outputs->files[j]))
                return false;
    }
    return true;
}

/* ---- the whole ---- */

static bool read_file(const char *path, struct speed_task *task)
{
    FILE *file = fopen(path, "rb");
    long len = -1;
    bool read = false;

    if (file != NULL && fseek(file, 0, SEEK_END) == 0)
        len = ftell(file);
    if (len > 0 && fseek(file, 0, SEEK_SET) == 0) {
        task->len = (size_t)len;
        task->data = malloc(task->len);
        read = task->data != NULL && fread(task->data, 1, task->len, file) == task->len;
    }
    if (!read)
        perror(path);
    if (file != NULL)
        (void)fclose(file);
    return read;
}

/* The sides take turns at being first. */
static bool run_rounds(size_t count, long rounds, const struct speed_task *task,
                       struct speed_outputs *outputs, const struct figures *figures)
{
    for (size_t round = 0; round < (size_t)rounds; round++)
        for (size_t i = 0; i < count; i++) {
            size_t turn = (round + i) % count;

            if (!measure(&sides[turn], task, outputs, &figures[turn]))
                return false;
        }
    return true;
}

static bool print(size_t count, const struct speed_task *task, const struct figures *figures)
{
    json_t *sizes = json_array(), *measured = json_object(), *all;
    bool good = sizes != NULL && measured != NULL;

    for (size_t i = 0; good && i < task->count; i++)
        good = json_array_append_new(sizes, json_integer(task->sizes[i])) == 0;
    for (size_t i = 0; good && i < count; i++)
        good = json_object_set_new(
                   measured, sides[i].name,
                   json_pack("{sOsO}", "wall", figures[i].wall, "cpu", figures[i].cpu)) == 0;
    all = json_pack("{soso}", "sizes", sizes, "sides", measured);
    good = good && all != NULL && json_dumpf(all, stdout, JSON_REAL_PRECISION(6)) == 0 &&
           puts("") >= 0 && fflush(stdout) == 0;
    json_decref(all);
    return good;
}

int main(int argc, char **argv)
{
    const char *folder = argc == 4 ? argv[3] : NULL;
    size_t count = folder != NULL ? SIDE_COUNT : 1;
    struct figures figures[SIDE_COUNT] = {{NULL, NULL}};
    struct speed_task task = {0};
    struct speed_outputs outputs;
    long rounds = argc == 3 || argc == 4 ? strtol(argv[2], NULL, 10) : 0;
    bool good;

    if (rounds < 1) {
        (void)fprintf(stderr, "usage: speed_thumbs FILE ROUNDS [FOLDER]\n");
        return EXIT_FAILURE;
    }
    for (size_t i = 0; i < SPEED_SIZES; i++)
        outputs.files[i] = BUF_INIT;
    for (size_t i = 0; i < SIDE_COUNT; i++)
        figures[i] = (struct figures){json_array(), json_array()};
    good = read_file(argv[1], &task) && speed_ours_open(&task) && speed_vips_open(argv[0]) &&
           warm_up(count, &task, &outputs, folder) &&
           run_rounds(count, rounds, &task, &outputs, figures) && print(count, &task, figures);
    for (size_t i = 0; i < SIDE_COUNT; i++) {
        json_decref(figures[i].wall);
        json_decref(figures[i].cpu);
    }
    for (size_t i = 0; i < SPEED_SIZES; i++)
        buf_free(&outputs.files[i]);
    speed_vips_close();
    speed_ours_close();
    free(task.data);
    return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
