#!/bin/sh
# The one table of settings, cgi/base/settings.c, compared with all files that read, pass on or describe settings.
# shellcheck source=tests/tap.sh
. "${srcdir:-.}/tests/tap.sh"

work=$(mktemp -d /tmp/vitrine-settings-XXXXXX) || exit 1
trap 'rm -rf "$work"' EXIT
./vitrine settings --json >"$work/table" || exit 1
cd "${srcdir:-.}" || exit 1

# listed WORD...: prints the settings with one of these words.
listed() {
  jq -r 'select(.places - $ARGS.positional != .places).name' --args "$@" <"$work/table" | sort
}
# names: prints the settings named in standard input.
names() {
  grep -oE 'VITRINE_[A-Z_]+' | sort -u
}
# service NAME: prints the settings that docker-compose.yml passes to this container.
service() {
  sed -n "/^  $1:/,/^ *volumes:/p" docker-compose.yml | sed -n 's/^      \(VITRINE_[A-Z_]*\): .*/\1/p' | sort
}
# without A B: prints the lines of A that are not in B.
without() {
  printf '%s\n' "$1" >"$work/a"
  printf '%s\n' "$2" | sort | comm -23 "$work/a" - | xargs
}

# ---- the table ----

all=$(jq -r .name "$work/table" | sort)
is 'each setting has a place, and only known words' '' "$(jq -r '
  select(.places == [] or .places - ["host", "guest", "worker", "web", "compose", "serve", "program", "vagrant"] != []).name
  ' "$work/table")"
is 'the table is in alphabetical order, each setting once' "$(jq -r .name "$work/table" | LC_ALL=C sort -u)" \
  "$(jq -r .name "$work/table")"
is 'a line of help is short, and has no full stop' '' \
  "$(jq -r 'select(.help == "" or (.help | length) > 110 or (.help | endswith("."))).name' "$work/table")"

# ---- who takes names from its text ----

# shellcheck disable=SC2034,SC2086,SC2154 # the variables are those of the line
is "provision/install reads the table's names" "$(listed host guest)" \
  "$(sources=. && eval "$(grep '^names=' provision/install)" && printf 'VITRINE_%s\n' $names)"
is "the Vagrantfile reads the table's names" "$(listed host)" \
  "$(perl -0ne 'BEGIN { local $/; open F, "Vagrantfile"; ($re) = <F> =~ m{scan\(\s*/(.*)/\s*\)}; $re =~ s/^\s+|\s+$//g }
    while (/$re/g) { print "$1\n" }' cgi/base/settings.c | sort)"
# VITRINE_SANDBOX and VITRINE_VM_DRIVER are for the tests themselves.
# shellcheck disable=SC2016
is "end-to-end tests unset the settings of the caller's environment" 'VITRINE_SANDBOX VITRINE_VM_DRIVER' \
  "$(without "$all" "$(srcdir=. && eval "$(sed -n 's/^unset \$(/(/p' tests/e2e/lib.sh)" | names)")"

# ---- names ----

in_shell=$(grep -ohE '\$\{VITRINE_[A-Z_]+:?[-?]' provision/vitrine-*.in run | names)
in_c=$(awk -F'"' '/\.name = / { name = $2 } /MEMBER\(/ { print name }' cgi/base/settings.c | sort)
is 'a program in C names no setting that the table does not have' '' \
  "$(without "$(grep -rohE '"VITRINE_[A-Z_]+"' cgi --include='*.c' | names)" "$all")"
is 'each setting that a program in shell reads is in the table' '' "$(without "$in_shell" "$all")"
is 'each setting in the table is read by a program' '' \
  "$(without "$(listed host guest worker web serve program)" "$(printf '%s\n' "$in_c" "$in_shell")")"
is 'docker-compose.yml passes the settings of the table to the workers' "$(listed worker)" "$(service worker)"
is 'docker-compose.yml passes the settings of the table to nginx' "$(listed web)" "$(service web)"
is '.env.example has each setting that docker-compose.yml reads' "$(listed worker web compose)" \
  "$(sed -n 's/^#\(VITRINE_[A-Z_]*\)=.*/\1/p' .env.example | sort)"
is 'docker-compose.yml reads the settings of the table' "$(listed worker web compose)" \
  "$(grep -v '^#' docker-compose.yml | grep -oE '\$\{VITRINE_[A-Z_]+' | names)"
is 'the Vagrantfile reads the settings of the table' "$(listed vagrant)" \
  "$(grep -oE 'setting\["VITRINE_[A-Z_]+' Vagrantfile | names)"
is 'a manual page describes each setting that a program reads' '' \
  "$(without "$(listed host guest worker web program)" "$(grep -hE '^\.It Ev' docs/*.[18] | names)")"
# shellcheck disable=SC2016
is 'docs/settings.md or docs/vm.md describes each setting of a host' '' \
  "$(without "$(listed host guest serve)" "$(grep -hE '^(\| `|`)VITRINE_' docs/settings.md docs/vm.md | names)")"

# ---- defaults, ranges and help ----

compared() {
  tests/check_settings.py "$1" <"$work/table" 2>&1
}
is 'scripts, Dockerfile, docker-compose.yml and Vagrantfile have the defaults and ranges of the table' '' "$(compared scripts)"
is 'README.md, docs/settings.md, docs/vm.md and the Vagrantfile tell default, range and help as the table does' '' \
  "$(compared documents)"
is '.env.example tells default and help as the table does' '' "$(compared example)"
is 'the manual pages tell default, range and help as the table does' '' "$(compared manuals)"

finish
