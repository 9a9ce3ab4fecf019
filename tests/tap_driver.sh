#!/bin/sh
# tests/tap_driver.sh DRIVER --test-name NAME OPTION...: runs Automake's driver for TAP. If VITRINE_TEST_TIMES names a file, a
# line is added to it: how many seconds the test took, how many seconds of the processors, and its name. A test that takes
# much longer than the processors do is one that waits.
[ -n "${VITRINE_TEST_TIMES:-}" ] || exec "$@"
began=$(date +%s)
"$@"
code=$?
took=$(($(date +%s) - began))
times=$(mktemp) || exit 1
times >"$times" # not in a pipeline: its shell would have no children
awk -v took="$took" -v name="$3" '
  function seconds(text,  part) { split(text, part, "m"); return part[1] * 60 + part[2] }
  { processors += seconds($1) + seconds($2) }
  END { printf "%5d %5d %s\n", took, processors, name }' "$times" >>"$VITRINE_TEST_TIMES"
rm "$times"
exit $code
