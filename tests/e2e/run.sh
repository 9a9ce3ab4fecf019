#!/bin/sh
# ./run serve, from a fresh clone to the ready line, to a picture, to the end.
stays_root=1 # ./run sets up the machine as root, and serves as another user
# shellcheck source=tests/e2e/lib.sh
. "${srcdir:-.}/tests/e2e/lib.sh"

is_own || bail_skip 'this is about ./run'
# A tarball has no history to clone, though it may be unpacked inside a repository.
[ "$(git -C "${srcdir:-.}" rev-parse --show-toplevel 2>/dev/null)" = "$(cd "${srcdir:-.}" && pwd -P)" ] ||
  bail_skip 'this is not a git checkout'
unset MAKEFLAGS MFLAGS MAKELEVEL

chmod 755 "$work" # for the user as whom the gallery runs
clone=$work/clone
git clone -q --no-checkout "${srcdir:-.}" "$clone" || exit 1
# Uncommitted changes are tested, too.
(cd "${srcdir:-.}" && git ls-files -co --exclude-standard -z | tar -c --null --ignore-failed-read -T - 2>"$work/tar") |
  tar -x -C "$clone"
git -C "$clone" reset -q
clean=$(git -C "$clone" status --porcelain)

# run_serve [NAME=VALUE...]: starts ./run serve in the clone.
run_serve() {
  port=$((20000 + $(od -An -N2 -tu2 /dev/urandom) % 12000))
  url=http://127.0.0.1:$port
  : >"$work/log"
  env VITRINE_PORT="$port" "$@" "$clone/run" serve >"$work/log" 2>&1 &
  server=$!
}
is_ready() {
  is_ready_or_over && grep -qx "Vitrine is ready at $url" "$work/log"
}

# refuses WHAT REGEX [NAME=VALUE...]: checks that ./run serve does not start.
refuses() {
  what=$1
  wanted=$2
  shift 2
  run_serve "$@"
  wait "$server"
  is "$what: ./run serve exits with 1" 1 $?
  server=
  like "$what: ./run serve says why" "$wanted" "$(cat "$work/log")"
  # The lines of check are about this machine's libraries.
  is "$what: ./run serve says it in one line" 1 "$(grep -avc 'vitrine: check: ' "$work/log")"
}

for _ in 1 2 3; do
  run_serve
  polls_left=20 # building takes longer than one poll lasts
  until poll is_ready_or_over || [ $polls_left -eq 0 ]; do polls_left=$((polls_left - 1)); done
  grep -q 'is taken' "$work/log" || break # another test's gallery was faster to the port
done
holds './run serve builds and serves a fresh clone' is_ready
is_ready || sed 's/^/# log: /' "$work/log"
picture PNG "$work/first.png" seed=$$
upload "$work/first.png"
is 'an upload to a fresh clone succeeds' 201 "$status"
original=$(json '.images[0].url')
is 'the data folder of a clone is ./var' 1 "$(find "$clone/var/uploads" -type f | wc -l)"
[ "$(id -u)" -ne 0 ] || is 'the gallery does not run as root' 0 "$(ps -o uid= -p "$server" | tr -d ' ' | grep -cx 0)"
stop_gallery
is './run serve ends with success on SIGTERM' 0 "$stopped"

# The second start builds nothing.
run_serve
eventually './run serve starts a second time' is_ready
is 'the second ./run serve builds nothing' "Vitrine is ready at $url" "$(grep -v '^vitrine: check: ' "$work/log")" # of this machine's libraries
request GET "$original"
is 'the second ./run serve has the picture' 200 "$status"
holds 'the second ./run serve serves the picture byte for byte' cmp "$work/first.png" "$work/body"

taken=$port
first=$server
server=
refuses 'a port in use' "port $taken is taken" VITRINE_PORT="$taken" VITRINE_DATA="$work/other"
server=$first
stop_gallery

if [ "$(id -u)" -eq 0 ]; then
  chmod 700 "$work"
  refuses 'root, in a folder that nobody else may enter' 'Vitrine does not serve as root, and www-data cannot reach .*; move it' \
    VITRINE_DATA="$work/private"
  is 'root, in a folder that nobody else may enter: no data folder is made' '' "$(ls -d "$work/private" 2>/dev/null)"
  chmod 755 "$work"
  mkdir -m 755 "$work/roots"
  refuses "root, on a data folder of root's" 'Vitrine does not serve as root, and www-data cannot write .*; chown -R www-data: ' \
    VITRINE_DATA="$work/roots"
  for part in serve 'pool api' 'nginx run'; do
    # shellcheck disable=SC2086
    env VITRINE_ROOT="$VITRINE_TEST_STAGE" VITRINE_DATA="$work/roots" "$VITRINE_TEST_LIBEXEC"/vitrine-$part >"$work/log" 2>&1
    is "vitrine-$part refuses to run as root" 1 $?
    like "vitrine-$part says why it does not run as root, and what to do" 'Vitrine does not serve as root: start it as ' "$(cat "$work/log")"
  done
  env VITRINE_DATA="$work/roots" spawn-fcgi -n -s "$work/socket" -- "$VITRINE_TEST_LIBEXEC/vitrine.fcgi" >"$work/log" 2>&1
  is 'a worker refuses to run as root' 1 $?
  like 'a worker says why it does not run as root, and what to do' 'Vitrine does not serve as root: start it as ' "$(cat "$work/log")"
  env VITRINE_DATA="$work/roots" VITRINE_MODULE_DIR="$VITRINE_TEST_LIBEXEC" "$VITRINE_TEST_BIN/vitrine" import "$work/roots" >"$work/log" 2>&1
  is 'an import refuses to run as root' 69 $?
  like 'an import says why it does not run as root' 'root decodes no pictures' "$(cat "$work/log")"
  is 'programs that refuse to run as root make no file' '' "$(ls "$work/roots")"
fi

touch "$work/file"
refuses 'a data folder below a file' 'the data folder cannot be made' VITRINE_DATA="$work/file/data"
refuses 'a file as data folder' 'data folder' VITRINE_DATA="$work/file"
refuses 'an invalid port' 'VITRINE_PORT must be a whole number' VITRINE_PORT=http
refuses 'an invalid upload limit' 'VITRINE_MAX_UPLOAD must be' VITRINE_MAX_UPLOAD=lots

# A user other than root on a machine without the packages.
mkdir "$work/tools"
for tool in cat comm dirname mkdir mktemp rm sed sh sort tr; do ln -s "$(command -v $tool)" "$work/tools"; done
printf '#!/bin/sh\nexit 1\n' >"$work/tools/dpkg-query"
printf '#!/bin/sh\necho 1000\n' >"$work/tools/id"
chmod +x "$work/tools/dpkg-query" "$work/tools/id"
refuses 'a machine without the packages' 'these packages are needed: autoconf .*spawn-fcgi zlib1g-dev \(run this as root' PATH="$work/tools"

"$clone/run" >"$work/log" 2>&1
is './run without a command prints the usage' '64 usage: ./run serve | ./run check [--vm] [NAME=VALUE...] | ./run bench [--help]' "$? $(cat "$work/log")"
"$clone/run" check vm >"$work/log" 2>&1
is './run check with an argument that is neither --vm nor a variable of make prints the usage' '64 usage:' \
  "$? $(cut -d ' ' -f 1 "$work/log")"
is './run leaves no file that git does not ignore' "$clean" "$(git -C "$clone" status --porcelain)"

finish_gallery
