#include "base/host_memory.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/sysinfo.h>

#define UNKNOWN_BYTES (UINT64_C(512) << 20)

/* The total memory in bytes that the kernel itself reports. */
static uint64_t kernel_total(void)
{
    struct sysinfo info;

    return sysinfo(&info) == 0 ? (uint64_t)info.totalram * info.mem_unit : 0;
}

/* The machine's memory from /proc/meminfo (proc(5)), in which a container may report less. A
 * systemd unit with ProcSubset=pid cannot see that file. */
static uint64_t machine(const char *root)
{
    char path[PATH_MAX], line[256];
    uint64_t kib = 0;
    FILE *file;

    (void)snprintf(path, sizeof path, "%s/proc/meminfo", root);
    file = fopen(path, "re");
    if (file == NULL)
        return kernel_total();
    while (kib == 0 && fgets(line, sizeof line, file) != NULL)
        if (sscanf(line, "MemTotal: %" SCNu64 " kB", &kib) != 1)
            kib = 0;
    (void)fclose(file);
    return kib > UINT64_MAX >> 10 ? 0 : kib << 10;
}

/* The number in a file, or UINT64_MAX if it holds none: "max" means that there is no limit. */
static uint64_t limit_of(const char *path)
{
    uint64_t limit = UINT64_MAX;
    FILE *file = fopen(path, "re");

    if (file == NULL)
        return UINT64_MAX;
    if (fscanf(file, "%" SCNu64, &limit) != 1)
        limit = UINT64_MAX;
    (void)fclose(file);
    return limit;
}

/* The lowest limit of a group and the groups above it, up to the top of the mounted hierarchy. */
static uint64_t lowest_limit(const char *mount, const char *group, const char *name)
{
    char path[PATH_MAX];
    uint64_t lowest = UINT64_MAX;
    size_t len = strlen(group);

    for (;;) {
        int written = snprintf(path, sizeof path, "%s%.*s/%s", mount, (int)len, group, name);
        uint64_t limit = UINT64_MAX;

        if (written > 0 && (size_t)written < sizeof path)
            limit = limit_of(path);
        if (limit < lowest)
            lowest = limit;
        if (len == 0)
            return lowest;
        while (len > 0 && group[--len] != '/')
            ;
    }
}

/* Lines of /proc/self/cgroup are "ID:CONTROLLERS:GROUP" (cgroups(7)); version 2 has no controllers.
 */
static uint64_t group_limit(const char *root)
{
    char path[PATH_MAX], mount[PATH_MAX], line[PATH_MAX + 64];
    uint64_t lowest = UINT64_MAX;
    FILE *file;

    (void)snprintf(path, sizeof path, "%s/proc/self/cgroup", root);
    file = fopen(path, "re");
    if (file == NULL)
        return UINT64_MAX;
    while (fgets(line, sizeof line, file) != NULL) {
        char *controllers = strchr(line, ':');
        char *group = controllers != NULL ? strchr(controllers + 1, ':') : NULL;
        bool is_second, is_memory;
        uint64_t limit;

        if (group == NULL)
            continue;
        *group++ = '\0';
        group[strcspn(group, "\n")] = '\0';
        if (strcmp(group, "/") == 0)
            *group = '\0';
        is_second = controllers[1] == '\0';
        is_memory = strcmp(controllers + 1, "memory") == 0;
        if (!is_second && !is_memory)
            continue;
        (void)snprintf(mount, sizeof mount, "%s/sys/fs/cgroup%s", root, is_memory ? "/memory" : "");
        limit = lowest_limit(mount, group, is_memory ? "memory.limit_in_bytes" : "memory.max");
        if (limit < lowest)
            lowest = limit;
    }
    (void)fclose(file);
    return lowest;
}

uint64_t host_memory(const char *root, bool *is_group)
{
    uint64_t all = machine(root), limit = group_limit(root);

    *is_group = limit < all || (all == 0 && limit != UINT64_MAX);
    return *is_group ? limit : all;
}

uint64_t host_memory_for_decodes(const char *root)
{
    bool is_group;
    uint64_t bytes = host_memory(root, &is_group);

    if (bytes == 0)
        return UNKNOWN_BYTES;
    return is_group ? bytes - bytes / 4 : bytes / 2;
}
