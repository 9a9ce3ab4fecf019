#include "base/host_memory.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../support/support.h"

#define GIB (UINT64_C(1) << 30)

/* Writes root/path, with the folders on its way. */
static void put(const char *path, const char *text)
{
    char full[512];

    (void)snprintf(full, sizeof full, "%s/%s", support_folder(), path);
    for (char *slash = strchr(full + strlen(support_folder()) + 1, '/'); slash != NULL;
         slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        (void)mkdir(full, 0700);
        *slash = '/';
    }
    support_write_file(full, text, strlen(text));
}

static void expect(uint64_t bytes, bool is_group, uint64_t for_decodes)
{
    bool group = !is_group;

    ck_assert_uint_eq(host_memory(support_folder(), &group), bytes);
    ck_assert_int_eq(group, is_group);
    ck_assert_uint_eq(host_memory_for_decodes(support_folder()), for_decodes);
}

START_TEST(half_of_the_machine_is_for_decodes)
{
    put("proc/meminfo", "MemTotal:        2097152 kB\nMemFree: 1 kB\n");
    put("proc/self/cgroup", "0::/\n");
    expect(2 * GIB, false, GIB);
}
END_TEST

START_TEST(three_quarters_of_a_group_are_for_decodes)
{
    put("proc/meminfo", "MemTotal:        8388608 kB\n");
    put("proc/self/cgroup", "0::/system.slice/vitrine@image.service\n");
    put("sys/fs/cgroup/system.slice/vitrine@image.service/memory.max", "2147483648\n");
    expect(2 * GIB, true, GIB + GIB / 2);
}
END_TEST

START_TEST(a_group_above_counts_where_it_allows_less)
{
    put("proc/meminfo", "MemTotal:        8388608 kB\n");
    put("proc/self/cgroup", "0::/a/b\n");
    put("sys/fs/cgroup/a/b/memory.max", "max\n");
    put("sys/fs/cgroup/a/memory.max", "1073741824\n");
    expect(GIB, true, GIB - GIB / 4);
}
END_TEST

START_TEST(a_container_finds_its_limit_at_the_top)
{
    put("proc/meminfo", "MemTotal:        8388608 kB\n");
    put("proc/self/cgroup", "0::/\n");
    put("sys/fs/cgroup/memory.max", "1073741824\n");
    expect(GIB, true, GIB - GIB / 4);
}
END_TEST

START_TEST(version_1_has_its_limit_among_the_memory_controllers)
{
    put("proc/meminfo", "MemTotal:        8388608 kB\n");
    put("proc/self/cgroup", "12:cpu,cpuacct:/x\n4:memory:/docker/abc\n0::/\n");
    put("sys/fs/cgroup/memory/docker/abc/memory.limit_in_bytes", "1073741824\n");
    expect(GIB, true, GIB - GIB / 4);
}
END_TEST

START_TEST(a_group_that_allows_more_than_there_is_is_no_limit)
{
    put("proc/meminfo", "MemTotal:        2097152 kB\n");
    put("proc/self/cgroup", "4:memory:/\n");
    put("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
    expect(2 * GIB, false, GIB);
}
END_TEST

/* As in a systemd unit with ProcSubset=pid. */
START_TEST(without_meminfo_the_kernel_tells_what_the_machine_has)
{
    uint64_t all = (uint64_t)sysconf(_SC_PHYS_PAGES) * (uint64_t)sysconf(_SC_PAGESIZE);

    put("proc/self/cgroup", "0::/a\n");
    put("sys/fs/cgroup/a/memory.max", "9223372036854771712\n");
    expect(all, false, all / 2);
    put("sys/fs/cgroup/a/memory.max", "1048576\n");
    expect(1048576, true, 1048576 - 1048576 / 4);
}
END_TEST

START_TEST(where_nothing_tells_512_megabytes_are_for_decodes)
{
    put("proc/meminfo", "");
    expect(0, false, GIB / 2);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("host_memory");
    TCase *cases = tcase_create("host_memory");

    tcase_add_test(cases, half_of_the_machine_is_for_decodes);
    tcase_add_test(cases, three_quarters_of_a_group_are_for_decodes);
    tcase_add_test(cases, a_group_above_counts_where_it_allows_less);
    tcase_add_test(cases, a_container_finds_its_limit_at_the_top);
    tcase_add_test(cases, version_1_has_its_limit_among_the_memory_controllers);
    tcase_add_test(cases, a_group_that_allows_more_than_there_is_is_no_limit);
    tcase_add_test(cases, without_meminfo_the_kernel_tells_what_the_machine_has);
    tcase_add_test(cases, where_nothing_tells_512_megabytes_are_for_decodes);
    suite_add_tcase(suite, cases);
    return suite;
}
