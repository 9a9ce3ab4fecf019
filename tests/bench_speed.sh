#!/bin/sh
# The arguments of bench/speed, and how it reads wrk's summary; nothing is measured here. Its report is tested by
# tests/bench/check_speed.py.
# shellcheck source=tests/tap.sh
. "${srcdir:-.}/tests/tap.sh"

command -v jq >/dev/null || bail_skip 'jq is not installed'
bench=${srcdir:-.}/bench
work=$(mktemp -d /tmp/vitrine-speed-test-XXXXXX) || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

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
is "wrk's summary gives the requests per second" 50995 "$({
  recorded ''
  echo '{"requests": 56063, "seconds": 1.099382, "errors": 0, "p50_ms": 0.0660, "p99_ms": 1.6760, "max_ms": 4.9240}'
} | summary | jq '.requests / .seconds | round')"
is "wrk's summary gives the 99th percentile" 1.676 "$({
  recorded ''
  echo '{"requests": 56063, "seconds": 1.099382, "errors": 0, "p50_ms": 0.0660, "p99_ms": 1.6760, "max_ms": 4.9240}'
} | summary | jq .p99_ms)"

# not_taken WHAT REGEX LINE: checks that a run which ends with that line is refused.
not_taken() {
  if { recorded ''; printf '%s\n' "$3"; } | summary >"$work/summary"; then
    miss "$1" 'it was accepted'
  else
    like "$1" "$2" "$(cat "$work/said")"
  fi
}
not_taken 'a run whose answers were errors is refused' 'of 387 requests 387 were not answered well' \
  '{"requests": 387, "seconds": 1.002794, "errors": 387, "p50_ms": 0.0620, "p99_ms": 0.7820, "max_ms": 1.1450}'
not_taken 'a run without answers is refused' 'of 0 requests' \
  '{"requests": 0, "seconds": 1.002794, "errors": 0, "p50_ms": 0.0, "p99_ms": 0.0, "max_ms": 0.0}'
not_taken "a run without wrk's summary is refused" 'wrk has no summary' 'unable to connect to 127.0.0.1:28761 Connection refused'

# ---- the command ----

"$bench/speed" nothing >"$work/said" 2>&1
is 'an unknown part prints the usage' '64 usage' "$? $(cut -d : -f 1 "$work/said")"
"$bench/speed" --json >"$work/said" 2>&1
is '--json without a file prints the usage' '64 usage' "$? $(cut -d : -f 1 "$work/said")"
"$bench/speed" --json "$work/nowhere/file" start >"$work/said" 2>&1
is 'a file that cannot be written is an error before anything is measured' 1 $?

finish
