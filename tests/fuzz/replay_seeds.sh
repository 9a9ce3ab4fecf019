#!/bin/sh
# Runs each fuzz target once on its seeds, so that no fixed bug comes back.
# shellcheck source=tests/tap.sh
. "${srcdir:-.}/tests/tap.sh"
# shellcheck source=tests/fuzz/lib.sh
. "${srcdir:-.}/tests/fuzz/lib.sh"

work=$(mktemp -d /tmp/vitrine-seeds-XXXXXX) || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
targets=$VITRINE_TEST_BUILD/fuzz
cd "${srcdir:-.}" || exit 1
fuzz_suppress

for target in multipart request image_header image_metadata image_decode upload; do
  # shellcheck disable=SC2046
  if TMPDIR=$work "$targets/fuzz_$target" $(find $(fuzz_seeds "$target") -type f) >"$work/log" 2>&1; then
    seeds=$(find $(fuzz_seeds "$target") -type f | wc -l)
    holds "fuzz_$target has seeds" [ "$seeds" -gt 0 ]
    is "fuzz_$target passes each of its seeds" "$seeds" "$(grep -c '^tests/fuzz/seeds/' "$work/log")"
  else
    sed 's/^/# /' "$work/log" | tail -n 40
    holds "fuzz_$target passes each of its seeds" false
  fi
done

finish
