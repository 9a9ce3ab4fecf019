#!/bin/sh
# The one list of settings, provision/settings, against all that read, hand on or describe settings.
# shellcheck source=tests/tap.sh
. "${srcdir:-.}/tests/tap.sh"

cd "${srcdir:-.}" || exit 1

# listed WORD...: the settings with one of these words.
listed() {
  for word in "$@"; do
    sed -n "s/^\([A-Z_]*\) .*\<$word\>.*/VITRINE_\1/p" provision/settings
  done | sort -u
}
# names: those in standard input.
names() {
  grep -oE 'VITRINE_[A-Z_]+' | sort -u
}
# service NAME: what docker-compose.yml hands to this container.
service() {
  sed -n "/^  $1:/,/^ *volumes:/p" docker-compose.yml | sed -n 's/^      \(VITRINE_[A-Z_]*\): .*/\1/p' | sort
}
# without A B: the lines of A that B has not.
without() {
  printf '%s\n' "$1" >"$work/a"
  printf '%s\n' "$2" | sort | comm -23 "$work/a" - | xargs
}
work=$(mktemp -d /tmp/vitrine-settings-XXXXXX) || exit 1
trap 'rm -rf "$work"' EXIT

all=$(listed host guest worker web compose serve program)
is 'each line of the list has a name and words that are known' '' \
  "$(grep -vE '^(#.*|[A-Z_]+ +(host|guest|worker|web|compose|serve|program)( (worker|web|serve))*)$' provision/settings)"
in_c=$(grep -ohE '"VITRINE_[A-Z_]+"' cgi/base/config.c cgi/web/worker.c cgi/command/*.c | names)
is 'each setting that a program in C reads is in the list' '' "$(without "$in_c" "$all")"
# shellcheck disable=SC2016
in_shell=$(grep -ohE '\$\{VITRINE_[A-Z_]+:?[-?]' provision/vitrine-*.in run | names)
is 'each setting that a program in shell reads is in the list' '' "$(without "$in_shell" "$all")"
is 'nothing in the list is read by no program' '' \
  "$(without "$(listed host guest worker web serve program)" "$(printf '%s\n' "$in_c" "$in_shell")")"
is 'docker-compose.yml hands the workers what the list says' "$(listed worker)" "$(service worker)"
is 'docker-compose.yml hands nginx what the list says' "$(listed web)" "$(service web)"
is '.env.example has what docker-compose.yml takes' "$(listed worker web compose)" \
  "$(sed -n 's/^#\(VITRINE_[A-Z_]*\)=.*/\1/p' .env.example | sort)"
is 'docker-compose.yml takes what the list says' "$(listed worker web compose)" \
  "$(grep -v '^#' docker-compose.yml | grep -oE '\$\{VITRINE_[A-Z_]+' | names)"
is 'a manual page describes each setting that a program reads' '' \
  "$(without "$(listed host guest worker web program)" "$(grep -hE '^\.It Ev' docs/*.[18] | names)")"
# shellcheck disable=SC2016
is 'docs/settings.md or docs/vm.md describes each setting of a host' '' \
  "$(without "$(listed host guest serve)" "$(grep -hE '^(\| `|`)VITRINE_' docs/settings.md docs/vm.md | names)")"
is 'end-to-end tests do not take a setting from who runs them' '' \
  "$(without "$(listed host serve)" "$(sed -n 's/^unset //p' tests/e2e/lib.sh | names)
VITRINE_SANDBOX")"

finish
