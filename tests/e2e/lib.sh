# Sourced by every end-to-end test: requests, and a gallery of the test's own.
#
#   VITRINE_TEST_STAGE    the folder of a staged installation (make install DESTDIR=...)
#   VITRINE_TEST_LIBEXEC  where Vitrine's scripts are in it
#   VITRINE_TEST_BIN      where the command is in it
#   VITRINE_TEST_BUILD    the folder tests/ of the build: tools/make_picture
#   VITRINE_TEST_PATIENCE how many times as long as usual to wait, where workers are slow; they have as long as there is
#                         for a decode, then
#
# For a gallery that runs already, in a container or on another machine:
#
#   VITRINE_TEST_URL      where it answers; tests of what only a gallery of one's own can show are skipped
#   VITRINE_TEST_DATA     its data folder, where it can be read from here
#   VITRINE_TEST_RESTART  a command that starts it again with the settings NAME=VALUE...
#
# A test sources this, runs its checks, and calls finish_gallery.
#
# Nothing of Vitrine serves as root. Where root runs a test, the test starts itself again as $gallery_user. One that
# needs root for other things sets stays_root before it sources this; its galleries run as that user then.
# shellcheck shell=sh
set -u
# shellcheck source=tests/tap.sh
. "${srcdir:-.}/tests/tap.sh"

# ---- who runs it ----

gallery_user=nobody
as_gallery= # begins a command that is to run as the galleries' user

# Whether that user reaches the programs; they may lie in root's own folder.
can_reach_programs() {
  $as_gallery test -x "$VITRINE_TEST_LIBEXEC/vitrine-serve" 2>/dev/null
}

if [ "$(id -u)" -eq 0 ] && [ -z "${VITRINE_TEST_URL:-}" ]; then
  capabilities=-all
  for capabilities in -all -all,+dac_read_search; do
    as_gallery="setpriv --reuid $gallery_user --regid $(id -g $gallery_user) --clear-groups --inh-caps $capabilities"
    as_gallery="$as_gallery --ambient-caps $capabilities"
    can_reach_programs && break
  done
  # shellcheck disable=SC2086
  [ -n "${stays_root:-}" ] || exec $as_gallery "$0" "$@"
fi

LC_ALL=C.UTF-8
# A proxy is for other machines.
no_proxy='*'
NO_PROXY='*'
export LC_ALL no_proxy NO_PROXY
# No setting comes from who runs the tests, but VITRINE_SANDBOX, which a build with sanitizers switches off, and
# VITRINE_VM_DRIVER, which tests/vm.sh takes.
# shellcheck disable=SC2046
unset $(sed -n 's/^ *\.name = "\(VITRINE_[A-Z_]*\)",$/\1/p' "${srcdir:-.}/cgi/base/settings.c" | grep -vxE "VITRINE_(SANDBOX|VM_DRIVER)")

work=$(mktemp -d /tmp/vitrine-e2e-XXXXXX) || exit 1
[ -z "$as_gallery" ] || chmod 755 "$work"
data=$work/data
patience=${VITRINE_TEST_PATIENCE:-1}
decode_seconds=
[ "$patience" -eq 1 ] || decode_seconds=VITRINE_DECODE_SECONDS=100
server=
status= # of the last request
# In every name that the test uploads, so that it finds its own among others'.
mark=t$(od -An -N6 -tx1 /dev/urandom | tr -d ' \n')

# ---- waiting ----

# poll COMMAND...: until it succeeds, for half a minute of patience at most.
poll() {
  polls=0
  until "$@" >"$work/polled" 2>&1; do
    polls=$((polls + 1))
    [ "$polls" -lt $((1200 * patience)) ] || return 1
    sleep 0.025
  done
}

# ---- a gallery of the test's own ----

has_ended() {
  ! kill -0 "$1" 2>/dev/null
}

is_ready_or_over() {
  grep -q '^Vitrine is ready' "$work/log" || has_ended "$server"
}

# Begins a command that has no more capabilities than the user who runs the test: unshare_mounts has added some.
plainly='setpriv --inh-caps -all --ambient-caps -all'
[ -n "${VITRINE_TEST_UNSHARED:-}" ] || plainly=

# start_gallery [NAME=VALUE...]: runs vitrine-serve on a free port, with these settings.
start_gallery() {
  mkdir -p "$data"
  [ -z "$as_gallery" ] || chown -R "$gallery_user:" "$data"
  [ ! -e "$work/log" ] || cat "$work/log" >>"$work/logs"
  for _ in 1 2 3 4 5 6 7 8 9 10; do
    port=$((20000 + $(od -An -N2 -tu2 /dev/urandom) % 12000))
    : >"$work/log" # emptied before vitrine-serve starts in the background, or the last log would be read for a moment
    # shellcheck disable=SC2086
    $as_gallery $plainly env VITRINE_ROOT="$VITRINE_TEST_STAGE" VITRINE_DATA="$data" VITRINE_PORT="$port" $decode_seconds "$@" \
      "$VITRINE_TEST_LIBEXEC/vitrine-serve" >"$work/log" 2>&1 &
    server=$!
    poll is_ready_or_over
    if grep -q '^Vitrine is ready' "$work/log"; then
      url=http://127.0.0.1:$port
      return 0
    fi
    wait "$server" || :
    server=
    # Another program may have been faster to the port; anything else will not mend itself.
    grep -Eq 'is taken|Address already in use' "$work/log" || break
  done
  sed 's/^/# log: /' "$work/log"
  echo 'Bail out! the gallery does not start'
  exit 1
}

# Ends it as an operator would, and waits for its end.
stop_gallery() {
  [ -n "$server" ] || return 0
  kill -TERM "$server" 2>/dev/null
  wait "$server"
  stopped=$?
  server=
  return "$stopped"
}

# Ends the test. In a build with sanitizers, what they had to say is a failure.
finish_gallery() {
  stop_gallery
  is 'no sanitizer has reported anything' '' \
    "$(cat "$work/log" "$work/logs" 2>/dev/null | grep -E 'Sanitizer|runtime error:')"
  finish
}

# unshare_mounts: starts the test again with mounts that only it sees, where that is possible: a file system of a few
# megabytes needs one. To be called before anything is started; VITRINE_TEST_UNSHARED tells that it was. The test has
# root's capabilities in there, over what is its own; a gallery does not.
unshare_mounts() {
  [ -z "${VITRINE_TEST_UNSHARED:-}" ] || return 0
  unshare_flags="-m --map-user=$(id -u) --map-group=$(id -g) --keep-caps"
  # shellcheck disable=SC2086
  unshare $unshare_flags test -x "$VITRINE_TEST_LIBEXEC/vitrine-serve" 2>/dev/null || return 0
  rm -rf "$work"
  trap - EXIT
  # shellcheck disable=SC2086
  exec env VITRINE_TEST_UNSHARED=1 unshare $unshare_flags "$0"
}

# Whether the gallery is the test's own.
is_own() {
  [ -z "${VITRINE_TEST_URL:-}" ]
}

# Whether its data folder, then $data, can be looked into.
has_data() {
  is_own || [ -n "${VITRINE_TEST_DATA:-}" ]
}

# use_gallery: the one that VITRINE_TEST_URL names, or one of the test's own.
use_gallery() {
  if is_own; then
    start_gallery
  else
    url=${VITRINE_TEST_URL%/}
    data=${VITRINE_TEST_DATA:-}
  fi
}

# use_gallery_with NAME=VALUE...: the same, started (again) with these settings.
use_gallery_with() {
  if is_own; then
    stop_gallery
    start_gallery "$@"
  else
    [ -n "${VITRINE_TEST_RESTART:-}" ] || bail_skip 'this gallery cannot be started with other settings'
    use_gallery
    "$VITRINE_TEST_RESTART" "$@" >"$work/log" 2>&1 || {
      sed 's/^/# log: /' "$work/log"
      echo 'Bail out! the gallery does not start again'
      exit 1
    }
  fi
}

# The workers of a pool: the children of its multiwatch, by process id.
workers() {
  for pool_pid in $(pgrep -P "$server" -f "vitrine-pool $1"); do
    pgrep -P "$(pgrep -P "$pool_pid")"
  done
}

clean_up() {
  [ "$failures" -eq 0 ] || [ ! -e "$work/log" ] || tail -n 40 "$work/log" | sed 's/^/# log: /'
  stop_gallery
  rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 1' HUP INT TERM

# ---- requests ----

# request METHOD PATH [CURL-ARGUMENT...]: sets $status; the answer is in $work/body and
# $work/headers.
request() {
  request_url=$url$2
  case $1 in
    HEAD) shift 2 && set -- --head "$@" ;;
    GET) shift 2 ;;
    *) request_method=$1 && shift 2 && set -- -X "$request_method" "$@" ;;
  esac
  : >"$work/body"
  status=$(curl -s --path-as-is --max-time $((60 * patience)) -D "$work/headers" -o "$work/body" \
    -w '%{http_code}' "$@" "$request_url")
}

# upload FILE [CURL-ARGUMENT...]: as a form.
upload() {
  file=$1
  shift
  request POST /api/images -F "file=@$file" "$@"
}

# form CONTENT-TYPE FILE: posts a body that was made by hand.
form() {
  request POST /api/images -H "Content-Type: $1" --data-binary "@$2"
}

# json FILTER: of the last answer, by jq.
json() {
  jq -r "$1" "$work/body" 2>&1
}

# header NAME: of the last answer.
header() {
  tr -d '\r' <"$work/headers" | sed -n "s/^$1: //Ip"
}

# refused WHAT STATUS REASON-REGEX: checks that the last request was refused so.
refused() {
  is "$1 is refused with $2" "$2" "$status"
  is "$1 is answered with a problem in JSON" "application/problem+json $2" "$(header Content-Type) $(json .status)"
  like "$1 is refused with the reason" "$3" "$(json '[.detail, .images[0].error.detail] | join(" ")')"
}

# picture CODER FILE [name=number...]: see tests/tools/make_picture.c.
picture() {
  "$VITRINE_TEST_BUILD/tools/make_picture" "$@" || {
    echo "Bail out! make_picture $*"
    exit 1
  }
}

# with_bad_disk FILE CALLS COMMAND [ARGUMENT...]: runs the command on a disk that answers each of these system calls on
# the file, which is one below $data, with an input/output error.
with_bad_disk() {
  bad_file=$1
  bad_calls=$2
  shift 2
  ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0" strace -f --seccomp-bpf -qq -o "$work/bad_disk" \
    -P "$bad_file" -P "${bad_file#"$data"/}" -e "trace=$bad_calls" -e "inject=$bad_calls:error=EIO" "$@"
}

# can_have_bad_disk: whether with_bad_disk works here.
can_have_bad_disk() {
  strace -f --seccomp-bpf -qq -o "$work/bad_disk" true 2>/dev/null
}

# How many images the gallery holds.
image_count() {
  curl -s "$url/api/stats" | jq .images
}
