#!/bin/sh
# The arithmetic of bench/speed, on measurements with known outcomes; nothing is measured here.
# shellcheck source=tests/tap.sh
. "${srcdir:-.}/tests/tap.sh"

command -v jq >/dev/null || bail_skip 'jq is not installed'
bench=${srcdir:-.}/bench
work=$(mktemp -d /tmp/vitrine-speed-test-XXXXXX) || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

cat >"$work/machine" <<'EOF'
{"date": "2026-11-25T09:30:00Z", "commit": "abc1234", "cpu": "Some Processor", "cpus": 2, "memory_kb": 4000000,
 "kernel": "Linux 6.1 x86_64", "system": "Debian 12", "others_percent": 1.5, "versions": {"nginx": "1.22"}}
EOF

# sum_up ROWS-AS-JSON: the report, in $work/report.
sum_up() {
  printf '%s\n' "$1" | jq -s -L "$bench/speed.d" -f "$bench/speed.d/report.jq" --slurpfile machine "$work/machine" \
    --arg quick '' --arg unmeasured "${2-}" >"$work/report" 2>"$work/said"
}

# report FILTER
report() {
  jq -c "$1" "$work/report"
}

table() {
  "$bench/speed" --print "$work/report"
}

# ---- statistics ----

sum_up '{"row": "a.b", "part": "a", "what": "w", "unit": "ms", "ours": [4, 1, 3]}
  {"row": "a.c", "part": "a", "what": "w", "unit": "ms", "ours": [10, 40, 20, 30]}'
is 'the median of an odd number of rounds' 3 "$(report '.rows[0].ours.median')"
is 'of an even number' 25 "$(report '.rows[1].ours.median')"
is 'least and most' '[1,4,10,40]' "$(report '[.rows[].ours | .least, .most]')"
is 'the rounds are kept, in order' '[[4,1,3],[10,40,20,30]]' "$(report '[.rows[].ours.rounds]')"
is 'their number' '[3,4]' "$(report '[.rows[].rounds]')"
is 'no ratio and no verdict where there is nothing to compare with' '[null,null]' "$(report '.rows[0] | [.ratio, .met]')"

# A machine that is ten times slower in the second round: each side alone tells nothing.
sum_up '{"row": "a.b", "part": "a", "what": "w", "unit": "ms", "ours": [10, 100, 12], "against": "x", "other": [20, 200, 16]}'
is 'the ratio is taken round by round' '[0.5,0.5,0.75]' "$(report '.rows[0].ratio.rounds')"
is 'and so are its median and spread' '[0.5,0.5,0.75]' "$(report '.rows[0].ratio | [.median, .least, .most]')"

# met ASKED [OTHER]: the verdict on a median of 3, or on a ratio of 3 to OTHER.
met() {
  sum_up "{\"row\": \"a.b\", \"part\": \"a\", \"what\": \"w\", \"unit\": \"ms\", \"ours\": [3], \"asked\": $1
    ${2:+, \"against\": \"x\", \"other\": [$2]}}"
  report '.rows[0].met'
}
is 'at most: met' true "$(met '{"at_most": 3}')"
is 'at most: not met' false "$(met '{"at_most": 2.9}')"
is 'at least: met' true "$(met '{"at_least": 3}')"
is 'at least: not met' false "$(met '{"at_least": 3.1}')"
is 'a bound on a ratio: met' true "$(met '{"at_least": 1.5}' 2)"
is 'a bound on a ratio: not met, whatever the figure' false "$(met '{"at_most": 1.4}' 2)"

# refused WHAT ROW REGEX
refused() {
  if sum_up "$2"; then miss "$1" 'it was taken'; else like "$1" "$3" "$(cat "$work/said")"; fi
}
refused 'no rounds: an error' '{"row": "a.b", "part": "a", "what": "w", "unit": "", "ours": []}' 'a.b: nothing was measured'
refused 'sides that differ in rounds: an error' \
  '{"row": "a.b", "part": "a", "what": "w", "unit": "", "ours": [1, 2], "against": "x", "other": [1]}' 'a.b: the sides differ'

# ---- the table ----

sum_up '{"row": "a.b", "part": "a", "what": "three sizes", "unit": "ms", "ours": [1234.5, 12.34, 1.234], "against": "x",
    "other": [1234.5, 24.68, 0.1234], "asked": {"at_most": 1.25}}
  {"row": "a.c", "part": "a", "what": "one round", "unit": "MB", "ours": [0.5], "asked": {"at_most": 0.4}}
  {"row": "a.d", "part": "a", "what": "no unit, no bound", "unit": "", "ours": [7, 7.004]}
  {"row": "a.e", "part": "a", "what": "not for the table", "unit": "", "ours": [7], "detail": true}' ' c d'
is 'as it should look' '| part | what              | Vitrine             | against                | ratio             | asked    | met |
|------|-------------------|---------------------|------------------------|-------------------|----------|-----|
| a    | three sizes       | 12.3 ms (1.23–1235) | x 24.7 ms (0.123–1235) | 1.00 (0.500–10.0) | ≤ 1.25   | yes |
| a    | one round         | 0.500 MB            | –                      | –                 | ≤ 0.4 MB | no  |
| a    | no unit, no bound | 7.00 (7.00–7.00)    | –                      | –                 | –        | –   |

Vitrine abc1234, 2026-11-25, 2 × Some Processor, Debian 12, Linux 6.1 x86_64. Other programs took 1.5 % of the processors as it began. Not measured: c, d.' "$(table)"
is 'details are in the report' 4 "$(report '.rows | length')"

# ---- wrk's summary ----

summary() {
  "$bench/speed.d/wrk-summary" 2>"$work/said"
}
recorded() {
  cat <<EOF
Running 1s test @ http://127.0.0.1:28761/
  2 threads and 4 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency   112.12us  282.90us   4.92ms   96.59%
    Req/Sec    26.85k     6.52k   49.08k    76.19%
  56063 requests in 1.10s, 8.13MB read
$1
Requests/sec:  50995.01
Transfer/sec:      7.39MB
EOF
}
is 'a good run' 50995 "$({
  recorded ''
  echo '{"requests": 56063, "seconds": 1.099382, "errors": 0, "p50_ms": 0.0660, "p99_ms": 1.6760, "max_ms": 4.9240}'
} | summary | jq '.requests / .seconds | round')"
is 'its tail' 1.676 "$({
  recorded ''
  echo '{"requests": 56063, "seconds": 1.099382, "errors": 0, "p50_ms": 0.0660, "p99_ms": 1.6760, "max_ms": 4.9240}'
} | summary | jq .p99_ms)"

# not_taken WHAT REGEX LINE
not_taken() {
  if { recorded ''; printf '%s\n' "$3"; } | summary >"$work/summary"; then
    miss "$1" 'it was taken'
  else
    like "$1" "$2" "$(cat "$work/said")"
  fi
}
not_taken 'answers that were errors' 'of 387 requests 387 were not answered well' \
  '{"requests": 387, "seconds": 1.002794, "errors": 387, "p50_ms": 0.0620, "p99_ms": 0.7820, "max_ms": 1.1450}'
not_taken 'no answer at all' 'of 0 requests' \
  '{"requests": 0, "seconds": 1.002794, "errors": 0, "p50_ms": 0.0, "p99_ms": 0.0, "max_ms": 0.0}'
not_taken 'no summary' 'wrk has no summary' 'unable to connect to 127.0.0.1:28761 Connection refused'

# ---- the command ----

"$bench/speed" nothing >"$work/said" 2>&1
is 'a part that is none: usage' '64 usage' "$? $(cut -d : -f 1 "$work/said")"
"$bench/speed" --json >"$work/said" 2>&1
is 'no file: usage' '64 usage' "$? $(cut -d : -f 1 "$work/said")"
"$bench/speed" --json "$work/nowhere/file" start >"$work/said" 2>&1
is 'a file that cannot be written: an error, before anything is measured' 1 $?

finish
