#!/bin/sh
# tests/tap_driver.sh DRIVER --test-name NAME OPTION...: runs Automake's driver for TAP. If VITRINE_TEST_TIMES names a file, a
# line is added to it: how many seconds the test took, how many seconds of the processors, and its name. A test that takes
# much longer than the processors do is one that waits. Root counts by a control group, which sees daemons, too; for others,
# only what the test's own processes have waited for is counted.
[ -n "${VITRINE_TEST_TIMES:-}" ] || exec "$@"

# Version 1 of control groups has a hierarchy for each controller, version 2 has one for all.
if [ -d /sys/fs/cgroup/cpuacct ]; then
  group=/sys/fs/cgroup/cpuacct/vitrine-test-$$
else
  group=/sys/fs/cgroup/vitrine-test-$$
fi
mkdir "$group" 2>/dev/null || group=

# run COMMAND...: runs it in the group.
run() {
  [ -z "$group" ] || (sh -c 'echo $PPID' >"$group/cgroup.procs") 2>/dev/null || :
  exec "$@"
}
began=$(date +%s)
(run "$@")
code=$?
took=$(($(date +%s) - began))
if [ -z "$group" ]; then
  times=$(mktemp) || exit 1
  times >"$times" # not in a pipeline: its shell would have no children
  processors=$(awk '
    function seconds(text,  part) { split(text, part, "m"); return part[1] * 60 + part[2] }
    { sum += seconds($1) + seconds($2) }
    END { printf "%d", sum }' "$times")
  rm "$times"
elif [ -e "$group/cpuacct.usage" ]; then
  processors=$(($(cat "$group/cpuacct.usage") / 1000000000))
else
  processors=$(($(sed -n 's/^usage_usec //p' "$group/cpu.stat") / 1000000))
fi
# What a test leaves running keeps the group.
[ -z "$group" ] || rmdir "$group" 2>/dev/null || :
printf '%5d %5d %s\n' "$took" "$processors" "$3" >>"$VITRINE_TEST_TIMES"
exit $code
