# TAP for the tests in shell: pass, miss, is, like, holds, skip; finish prints the plan.
# shellcheck shell=sh

checks=0
failures=0

pass() {
  checks=$((checks + 1))
  echo "ok $checks - $1"
}

# A command that prints more about a miss.
after_miss=

# miss WHAT [LINE...]: fails, and prints the lines as what was seen.
miss() {
  checks=$((checks + 1))
  failures=$((failures + 1))
  echo "not ok $checks - $1"
  shift
  printf '%s\n' "$@" | head -n 60 | sed 's/^/# /'
  $after_miss
}

# is WHAT WANTED GOT
is() {
  if [ "$2" = "$3" ]; then pass "$1"; else miss "$1" "wanted: $2" "got: $3"; fi
}

# like WHAT EXTENDED-REGEX TEXT
like() {
  if grep -Eq -- "$2" <<TEXT; then pass "$1"; else miss "$1" "wanted: $2" "got: $3"; fi
$3
TEXT
}

# holds WHAT COMMAND...: passes if the command succeeds. It runs in a subshell, so what it sets is lost.
holds() {
  holds_what=$1
  shift
  if holds_said=$("$@" 2>&1); then pass "$holds_what"; else miss "$holds_what" "$* :" "$holds_said"; fi
}

skip() {
  checks=$((checks + 1))
  echo "ok $checks - $1 # SKIP $2"
}

# bail_skip WHY: skips the whole test.
bail_skip() {
  echo "1..0 # SKIP $1"
  exit 0
}

# finish: prints the plan and ends the test.
finish() {
  echo "1..$checks"
  [ "$failures" -eq 0 ] || exit 1
  exit 0
}
