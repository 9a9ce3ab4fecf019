#!/bin/sh
# Formatting and static checks, at pinned settings. A tool that is not installed is a skip; `./run
# check` installs them all.
# shellcheck source=tests/tap.sh
. "${srcdir:-.}/tests/tap.sh"

cd "${srcdir:-.}" || exit 1

# lint TOOL WHAT COMMAND...
lint() {
  tool=$1
  shift
  if command -v "$tool" >/dev/null; then holds "$@"; else skip "$1" "$tool is not installed"; fi
}

scripts=$(grep -l '^#!/bin/sh' run provision/* bench/* bench/speed.d/* tests/*.sh tests/e2e/*.sh tests/browser/*.sh tests/container/* tests/fuzz/* tests/soak/* tests/valgrind/* tests/vm/* .ci/* 2>/dev/null)

sources=$(find cgi bench tests -name '*.[ch]')
# shellcheck disable=SC2086
lint clang-format 'C is formatted' clang-format --dry-run -Werror $sources
# shellcheck disable=SC2086
lint shellcheck 'scripts pass shellcheck' shellcheck -x $scripts
lint cppcheck 'C passes cppcheck' cppcheck --quiet --std=c11 --error-exitcode=1 \
  --enable=warning,performance,portability --inline-suppr \
  -D_GNU_SOURCE -DMODULE_DIR='""' -DPOLICY_DIR='""' -DPACKAGE_VERSION='""' -Icgi cgi bench

# E203 is of slices, whose colon may stand free; E402 of bench/run, which keeps bytecode out of the sources first.
pythons="bench/vitrine_bench tests/bench $(grep -ls '^#!/usr/bin/python3' bench/* tests/*)"
# shellcheck disable=SC2086
lint pyflakes3 'Python passes pyflakes' pyflakes3 $pythons
# shellcheck disable=SC2086
lint pycodestyle 'Python is formatted' pycodestyle --max-line-length=125 --ignore=E203,E402,W503,W504 $pythons

manual_warnings() {
  for page in docs/*.[18]; do
    man --warnings -E UTF-8 -l "$page" 2>&1 >/dev/null | sed "s|^|$page: |"
  done
}
if command -v man >/dev/null; then
  is 'manual pages have no warnings' '' "$(MANWIDTH=80 manual_warnings)"
else
  skip 'manual pages have no warnings' 'man is not installed'
fi

is 'no script ignores what poll returns, or loses in a subshell what it sets' '' \
  "$(grep -nE '^ *(poll .*[^{]$|holds .* poll )' tests/*.sh tests/e2e/*.sh | grep -v ' || ')"

texts=$(find bench cgi nginx www provision tests docs run ./*.md Makefile.am configure.ac -type f \
  -not -name '*.log' -not -name '*.trs' -not -name '*.o' -not -name '*.stamp' -not -path '*/stage/*' \
  -not -path '*/.deps/*' -not -path 'tests/fuzz/seeds/*' -not -perm -100 -o -name '*.sh')
# shellcheck disable=SC2086
is 'no white space at the end of a line' '' "$(grep -nIE '[[:blank:]]+$' $texts)"

# Generated files and the seeds of the fuzzer are left out. The ignored words are mdoc's .Nd, the chunk ALPH of WebP, ue(v) of
# H.265, and words that tests shorten on purpose.
# shellcheck disable=SC2086
spelled=$(printf '%s\n' $texts $scripts .env.example Dockerfile Vagrantfile docker-compose.yml |
  grep -vE '^(docs/bench|www/npm|www/photoswipe)/|/node_modules/|/package-lock\.json$' | sort -u)
if command -v codespell >/dev/null; then
  # shellcheck disable=SC2086
  is 'codespell finds no misspelled word' '' "$(codespell --check-hidden --ignore-words-list=alph,fiel,hel,iif,nam,nd,operato,te,ue $spelled 2>&1)"
else
  skip 'codespell finds no misspelled word' 'codespell is not installed'
fi

finish
