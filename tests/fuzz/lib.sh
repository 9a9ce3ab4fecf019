# Sourced by the scripts of this folder, which run in the folder of the sources.
# shellcheck shell=sh

# fuzz_build FOLDER LOG CONFIGURE-ARGUMENT...: builds the targets there, and sets $work, a folder for what they write, in
# memory if possible.
fuzz_build() {
  fuzz_folder=$1
  fuzz_log=$2
  shift 2
  mkdir -p "$fuzz_folder"
  VITRINE_CALLER=fuzz VITRINE_TARGET=fuzz-programs provision/build "$fuzz_folder" --enable-tests "$@" \
    >"$fuzz_log" 2>&1 || {
    tail -n 30 "$fuzz_log" >&2
    exit 1
  }
  work=$(mktemp -d -p /dev/shm vitrine-fuzz-XXXXXX 2>/dev/null || mktemp -d)
  trap 'rm -rf "$work"' EXIT
  trap 'exit 1' HUP INT TERM
  TMPDIR=$work
  VITRINE_TEST_POLICY=$PWD/cgi/image
  VITRINE_TEST_MODULES=$fuzz_folder
  export TMPDIR VITRINE_TEST_POLICY VITRINE_TEST_MODULES
  fuzz_suppress
}

# fuzz_suppress: has LeakSanitizer pass over what the tests know of and what only forged files bring about. It takes one file,
# which is made in $work.
fuzz_suppress() {
  cat tests/lsan.supp tests/fuzz/lsan.supp >"$work/lsan.supp"
  LSAN_OPTIONS=suppressions=$work/lsan.supp:print_suppressions=0
  export LSAN_OPTIONS
}

# fuzz_seeds TARGET: prints its folders of seeds. Targets that read images share one.
fuzz_seeds() {
  for fuzz_seed in "tests/fuzz/seeds/$1" "$(case $1 in image_metadata) ;; image_* | upload) echo tests/fuzz/seeds/image ;; esac)"; do
    [ ! -d "$fuzz_seed" ] || echo "$fuzz_seed"
  done
}
