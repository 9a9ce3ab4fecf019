#!/bin/sh
# The part of ./run bench that measures: a quick run on the host, and an interrupted one. The figures depend on the
# machine, so the test checks that there is one for everything, that they can be read, and that no process is left.
# shellcheck source=tests/tap.sh
. "${srcdir:-.}/tests/tap.sh"

bench=$(cd "${srcdir:-.}/bench" && pwd -P)
for tool in ab gnuplot jpegtran jq wrk; do
  command -v $tool >/dev/null || bail_skip "$tool is not installed"
done
/usr/bin/python3 -c 'import numpy, scipy' 2>/dev/null || bail_skip "NumPy or SciPy of the system's Python is not installed"
[ -e /usr/share/backgrounds/Kleiber_by_Lukas_Baubkus.jpg ] ||
  bail_skip 'there are no photographs: install lomiri-wallpapers-20.04'
VITRINE_BENCH_BUILD=$(cd "${VITRINE_TEST_BUILD:?}/.." && pwd -P)
export VITRINE_BENCH_BUILD
[ -x "$VITRINE_BENCH_BUILD/bench/load_at_rate" ] || bail_skip 'load_at_rate was not built: libcurl is not installed'

work=$(mktemp -d /tmp/vitrine-bench-test-XXXXXX) || exit 1
chmod 755 "$work"
running=
# shellcheck disable=SC2317
clean_up() {
  [ -z "$running" ] || {
    kill -TERM "$running" 2>/dev/null
    wait "$running"
  }
  [ "$failures" -eq 0 ] || cat "$work/logs" "$work/log" | sed 's/^/# log: /'
  rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 1' HUP INT TERM

# Only processes that the bench has started have this in their environment.
mkdir "$work/tmp"
: >"$work/logs"
chmod 755 "$work/tmp"
echo "TMPDIR=$work/tmp" >"$work/needle"
left_running() {
  grep -lF -f "$work/needle" /proc/[0-9]*/environ 2>/dev/null
}
# A shell makes its background jobs ignore SIGINT.
run_bench() {
  exec env --default-signal=INT TMPDIR="$work/tmp" "$bench/run" --quick --targets host "$@" >"$work/log" 2>&1
}

# ---- a quick run ----

(run_bench --out "$work/quick")
is 'a quick run of the bench ends with success' 0 $?
results=$work/quick/results.json
results_of() {
  jq -r "$1" "$results" 2>&1
}
PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$bench /usr/bin/python3 -c '
import sys
from vitrine_bench import results
results.read(sys.argv[1])' "$results" >"$work/said" 2>&1
is 'the results of a quick run are valid' '0 ' "$? $(cat "$work/said")"
is 'the results of a quick run are complete' 'true true 2' "$(results_of '[.complete, .quick, .rounds] | join(" ")')"
wanted='cpu.browse cpu.listing cpu.mixed cpu.upload memory.idle memory.load start.warm'
wanted="$wanted throughput.browse throughput.listing throughput.mixed throughput.upload"
is 'a quick run has measured each figure in each round' "$wanted" \
  "$(results_of '[.samples | group_by(.measure)[] | select((map(.round) | unique) == [0, 1]) | .[0].measure | select(. != "start.cold")] | join(" ")')"
is 'a quick run has measured the latencies in each round' 'browse 0 1,listing 0 1,mixed 0 1,upload 0 1' \
  "$(results_of '[.latencies | group_by(.workload)[] | "\(.[0].workload) \(map(.round) | unique | join(" "))"] | join(",")')"
# Uploads are left out: on a busy machine, a photograph may not be decoded in time.
is 'no request for a page, a listing or a thumbnail has failed in a quick run' 0 \
  "$(results_of '[.latencies[], .samples[] | select((.workload // .measure) | test("browse|listing")) | .errors] | add')"
is 'starts, memory, processor time and load are above zero in a quick run' 0 \
  "$(results_of '[.samples[] | select(.value <= 0 and .measure != "throughput.upload")] | length')"
holds 'a quick run has measured memory over time' test "$(results_of '.memory | length')" -ge 10
is 'a quick run writes a report as HTML and Markdown' 'report.html report.md' "$(cd "$work/quick" && echo report.*)"
like 'the report of a quick run has charts' '[.]svg$' "$(ls "$work/quick")"
is 'a quick run leaves no process' '' "$(left_running)"
is 'a quick run leaves no temporary file' '' "$(ls "$work/tmp")"

# ---- an interrupted run ----

cat "$work/log" >>"$work/logs"
: >"$work/log" # emptied before run_bench starts in the background, or the last log would be read for a moment

run_bench --out "$work/interrupted" &
running=$!
polls=0
until grep -q 'browse, as much as it can' "$work/log" || ! kill -0 "$running" 2>/dev/null; do
  polls=$((polls + 1))
  [ "$polls" -lt 1200 ] || break
  sleep 0.1
done
holds 'the bench runs other programs when it is interrupted' test -n "$(left_running)"
kill -INT "$running"
wait "$running"
is 'the bench exits with 130 on Ctrl-C' 130 $?
running=
results=$work/interrupted/results.json
is 'an interrupted run keeps its results, marked as not complete' false "$(results_of .complete)"
is 'an interrupted run keeps the latency that it has measured' browse "$(results_of '[.latencies[].workload] | join(" ")')"
is 'an interrupted run writes a report' 'report.html report.md' "$(cd "$work/interrupted" && echo report.*)"
is 'an interrupted run leaves no process' '' "$(left_running)"
is 'an interrupted run leaves no temporary file' '' "$(ls "$work/tmp")"

# ---- arguments ----

cat "$work/log" >>"$work/logs"

for arguments in '--targets moon' '--targets host --url http://127.0.0.1' '--starts 0' '--start'; do
  # shellcheck disable=SC2086
  "$bench/run" $arguments >"$work/said" 2>&1
  is "bench/run $arguments prints the usage" '2 usage' "$? $(cut -d : -f 1 "$work/said" | head -n 1)"
done
VITRINE_TEST_LIBEXEC=${VITRINE_TEST_LIBEXEC:?} "$bench/run" --url http://127.0.0.1:1 --out "$work/url" >"$work/log" 2>&1
is 'a gallery that does not answer is an error' 1 $?
like 'the error names the gallery that does not answer' 'http://127[.]0[.]0[.]1:1 does not answer' "$(cat "$work/log")"

finish
