#!/bin/sh
# ./run bench's part that measures: a quick run on the host, and one that is interrupted. What is measured depends on
# the machine; that all of it is, that it can be read, and that nothing goes on running, does not.
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

# What the bench starts has this in its environment; nothing else has.
mkdir "$work/tmp"
: >"$work/logs"
chmod 755 "$work/tmp"
echo "TMPDIR=$work/tmp" >"$work/needle"
left_running() {
  grep -lF -f "$work/needle" /proc/[0-9]*/environ 2>/dev/null
}
# A shell has its background jobs ignore INT.
run_bench() {
  exec env --default-signal=INT TMPDIR="$work/tmp" "$bench/run" --quick --targets host "$@" >"$work/log" 2>&1
}

# ---- a quick run ----

(run_bench --out "$work/quick")
is 'a quick run ends well' 0 $?
results=$work/quick/results.json
results_of() {
  jq -r "$1" "$results" 2>&1
}
PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$bench /usr/bin/python3 -c '
import sys
from vitrine_bench import results
results.read(sys.argv[1])' "$results" >"$work/said" 2>&1
is 'its results are valid' '0 ' "$? $(cat "$work/said")"
is 'and complete' 'true true 2' "$(results_of '[.complete, .quick, .rounds] | join(" ")')"
wanted='cpu.browse cpu.listing cpu.mixed cpu.upload memory.idle memory.load start.warm'
wanted="$wanted throughput.browse throughput.listing throughput.mixed throughput.upload"
is 'each figure was measured in each round' "$wanted" \
  "$(results_of '[.samples | group_by(.measure)[] | select((map(.round) | unique) == [0, 1]) | .[0].measure | select(. != "start.cold")] | join(" ")')"
is 'latencies, too' 'browse 0 1,listing 0 1,mixed 0 1,upload 0 1' \
  "$(results_of '[.latencies | group_by(.workload)[] | "\(.[0].workload) \(map(.round) | unique | join(" "))"] | join(",")')"
# A photograph may find no processor in time, where others have all.
is 'no request for a page, a listing or a thumbnail failed' 0 \
  "$(results_of '[.latencies[], .samples[] | select((.workload // .measure) | test("browse|listing")) | .errors] | add')"
is 'starts, memory, processor and load are above zero' 0 \
  "$(results_of '[.samples[] | select(.value <= 0 and .measure != "throughput.upload")] | length')"
holds 'memory over time' test "$(results_of '.memory | length')" -ge 10
is 'the report is made of it' 'report.html report.md' "$(cd "$work/quick" && echo report.*)"
like 'with charts' '[.]svg$' "$(ls "$work/quick")"
is 'nothing is left running' '' "$(left_running)"
is 'nor a file' '' "$(ls "$work/tmp")"

# ---- interrupted ----

cat "$work/log" >>"$work/logs"
: >"$work/log" # here: in the background, the one before would be read a moment longer

run_bench --out "$work/interrupted" &
running=$!
polls=0
until grep -q 'browse, as much as it can' "$work/log" || ! kill -0 "$running" 2>/dev/null; do
  polls=$((polls + 1))
  [ "$polls" -lt 1200 ] || break
  sleep 0.1
done
holds 'meanwhile, something runs' test -n "$(left_running)"
kill -INT "$running"
wait "$running"
is 'Ctrl-C: ends as who is interrupted does' 130 $?
running=
results=$work/interrupted/results.json
is 'what was measured is kept, as not complete' false "$(results_of .complete)"
is 'the latency before it, too' browse "$(results_of '[.latencies[].workload] | join(" ")')"
is 'a report is made of it' 'report.html report.md' "$(cd "$work/interrupted" && echo report.*)"
is 'interrupted: nothing is left running' '' "$(left_running)"
is 'interrupted: nor a file' '' "$(ls "$work/tmp")"

# ---- how it is called ----

cat "$work/log" >>"$work/logs"

for arguments in '--targets moon' '--targets host --url http://127.0.0.1' '--starts 0' '--start'; do
  # shellcheck disable=SC2086
  "$bench/run" $arguments >"$work/said" 2>&1
  is "$arguments: usage" '2 usage' "$? $(cut -d : -f 1 "$work/said" | head -n 1)"
done
VITRINE_TEST_LIBEXEC=${VITRINE_TEST_LIBEXEC:?} "$bench/run" --url http://127.0.0.1:1 --out "$work/url" >"$work/log" 2>&1
is 'a gallery that is not there: an error' 1 $?
like 'which is named' 'http://127[.]0[.]0[.]1:1 does not answer' "$(cat "$work/log")"

finish
