# Sourced by every end-to-end test: starts a gallery for the test, and sends requests.
#
#   VITRINE_TEST_STAGE    the folder of a staged installation (make install DESTDIR=...)
#   VITRINE_TEST_LIBEXEC  where Vitrine's scripts are in it
#   VITRINE_TEST_BIN      where the command is in it
#   VITRINE_TEST_BUILD    the folder tests/ of the build: tools/make_picture
#   VITRINE_TEST_PATIENCE how many times longer than usual to wait if workers are slow; decodes may then take 100 seconds
#
# For a gallery that is already running, in a container or on another machine:
#
#   VITRINE_TEST_URL      its URL; tests that need their own gallery are skipped
#   VITRINE_TEST_DATA     its data folder, if it can be read from here
#   VITRINE_TEST_RESTART  a command that restarts it with the settings NAME=VALUE...
#
# A test sources this, runs its cases, and calls finish_gallery.
#
# Vitrine does not serve as root. If root runs a test, the test restarts itself as $gallery_user. A test that needs root for
# other things sets stays_root before it sources this; then only its galleries run as that user.
# shellcheck shell=sh
set -u
# shellcheck source=tests/tap.sh
. "${srcdir:-.}/tests/tap.sh"

# ---- the user ----

gallery_user=nobody
as_gallery= # prefix of a command that runs as the galleries' user

# Whether that user can reach the programs, which may be in root's own folder.
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
# A proxy is not for this machine.
no_proxy='*'
NO_PROXY='*'
export LC_ALL no_proxy NO_PROXY
# Unsets every setting except VITRINE_SANDBOX, which a build with sanitizers switches off, and
# VITRINE_VM_DRIVER, which tests/vm.sh reads.
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
# Part of every name that the test uploads, so that it finds its own images among others.
mark=t$(od -An -N6 -tx1 /dev/urandom | tr -d ' \n')

# ---- waiting ----

# poll COMMAND...: repeats it until it succeeds; fails after two minutes of patience. The caller has to look at the result.
poll() {
  polls=0
  until "$@" >"$work/polled" 2>&1; do
    polls=$((polls + 1))
    [ "$polls" -lt $((4800 * patience)) ] || return 1
    sleep 0.025
  done
}

# eventually WHAT COMMAND...: passes once the command succeeds. It runs in this shell, so what it sets stays set.
eventually() {
  eventually_what=$1
  shift
  if poll "$@"; then pass "$eventually_what"; else miss "$eventually_what" "$* :" "$(cat "$work/polled")"; fi
}

# An error of the server says in its body what it was.
tell_server_error() {
  case $status in
    5??) echo "# the last answer: $(head -c 500 "$work/body" | tr -d '\n')" ;;
  esac
}
after_miss=tell_server_error

# ---- a gallery of the test's own ----

has_ended() {
  ! kill -0 "$1" 2>/dev/null
}

is_ready_or_over() {
  grep -q '^Vitrine is ready' "$work/log" || has_ended "$server"
}

# Prefix of a command that must not have the capabilities that unshare_mounts has added.
plainly='setpriv --inh-caps -all --ambient-caps -all'
[ -n "${VITRINE_TEST_UNSHARED:-}" ] || plainly=

# start_gallery [NAME=VALUE...]: starts vitrine-serve on a free port with these settings.
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
    poll is_ready_or_over || : # the log decides
    if grep -q '^Vitrine is ready' "$work/log"; then
      url=http://127.0.0.1:$port
      return 0
    fi
    wait "$server" || :
    server=
    # Another program may have taken the port meanwhile; any other failure would repeat itself.
    grep -Eq 'is taken|Address already in use' "$work/log" || break
  done
  sed 's/^/# log: /' "$work/log"
  echo 'Bail out! the gallery does not start'
  exit 1
}

# stop_gallery: ends it as an operator does, and waits; $stopped is its exit status.
stop_gallery() {
  [ -n "$server" ] || return 0
  kill -TERM "$server" 2>/dev/null
  wait "$server"
  stopped=$?
  server=
  return "$stopped"
}

# finish_gallery: ends the test. In a build with sanitizers, a report of theirs is a failure.
finish_gallery() {
  stop_gallery
  is 'no sanitizer has reported anything' '' \
    "$(cat "$work/log" "$work/logs" 2>/dev/null | grep -E 'Sanitizer|runtime error:')"
  finish
}

# unshare_mounts: restarts the test in a mount namespace of its own, if that is possible, so that it can mount a small file
# system. Call it before anything is started; VITRINE_TEST_UNSHARED says that it was possible. The test has root's
# capabilities in the namespace; a gallery does not.
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

# is_own: whether the gallery is the test's own.
is_own() {
  [ -z "${VITRINE_TEST_URL:-}" ]
}

# has_data: whether the data folder can be read, as $data.
has_data() {
  is_own || [ -n "${VITRINE_TEST_DATA:-}" ]
}

# use_gallery: uses the gallery at VITRINE_TEST_URL, or starts one.
use_gallery() {
  if is_own; then
    start_gallery
  else
    url=${VITRINE_TEST_URL%/}
    data=${VITRINE_TEST_DATA:-}
  fi
}

# use_gallery_with NAME=VALUE...: the same, but (re)started with these settings.
use_gallery_with() {
  if is_own; then
    stop_gallery
    start_gallery "$@"
  else
    [ -n "${VITRINE_TEST_RESTART:-}" ] || bail_skip 'this gallery cannot be restarted with other settings'
    use_gallery
    "$VITRINE_TEST_RESTART" "$@" >"$work/log" 2>&1 || {
      sed 's/^/# log: /' "$work/log"
      echo 'Bail out! the gallery does not start again'
      exit 1
    }
  fi
}

# workers POOL: prints the process ids of its workers, the children of its multiwatch.
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

# ---- requests: a process costs more than what it is asked to do, so they start few ----

line_end='
'

# request METHOD PATH [CURL-ARGUMENT...]: sets $status; the answer is in $work/body and $work/headers.
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

# upload FILE [CURL-ARGUMENT...]: uploads it as a form.
upload() {
  file=$1
  shift
  request POST /api/images -F "file=@$file" "$@"
}

# form CONTENT-TYPE FILE: posts a form that was made by hand.
form() {
  request POST /api/images -H "Content-Type: $1" --data-binary "@$2"
}

# json FILTER: applies jq to the last answer.
json() {
  jq -r "$1" "$work/body" 2>&1
}

# header NAME: prints this header of the last answer.
header() {
  sed -n "s/\r\$//; s/^$1: //Ip" "$work/headers"
}

# refused WHAT STATUS REASON-REGEX: checks that the last request was refused so.
refused() {
  is "$1 is refused with $2" "$2" "$status"
  problem=$(json '.status, ([.detail, .images[0].error.detail] | join(" "))')
  is "$1 is answered with a problem in JSON" "application/problem+json $2" "$(header Content-Type) ${problem%%"$line_end"*}"
  like "$1 is refused with the reason" "$3" "${problem#*"$line_end"}"
}

# picture CODER FILE [name=number...]: see tests/tools/make_picture.c.
picture() {
  "$VITRINE_TEST_BUILD/tools/make_picture" "$@" || {
    echo "Bail out! make_picture $*"
    exit 1
  }
}

# use_command: has vitrine(), and whatever else runs the command, find the modules of the staged installation.
use_command() {
  VITRINE_MODULE_DIR=$VITRINE_TEST_LIBEXEC
  VITRINE_POLICY_DIR=$VITRINE_TEST_POLICY
  export VITRINE_MODULE_DIR VITRINE_POLICY_DIR
}

# vitrine COMMAND [ARGUMENT...]: runs it on $data and sets $code; its output is in $work/said and $work/errors.
vitrine() {
  code=0
  VITRINE_DATA=$data "$VITRINE_TEST_BIN/vitrine" "$@" >"$work/said" 2>"$work/errors" || code=$?
}

# with_bad_disk FILE CALLS COMMAND [ARGUMENT...]: runs the command on a disk on which each of these system calls fails with
# an input/output error for the file, which must be below $data.
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

# image_count: prints the number of images in the gallery.
image_count() {
  curl -s "$url/api/stats" | jq .images
}
