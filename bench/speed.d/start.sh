#!/bin/sh
# The time from ./run serve to the first answer, from a worker's exec to its first answer, and of a gallery's first upload.
# shellcheck source=bench/speed.d/lib.sh
. "${srcdir:?}/bench/speed.d/lib.sh"

# free_port: prints a port on which no program listens.
free_port() {
  while :; do
    port=$((20000 + $(od -An -N2 -tu2 /dev/urandom) % 12000))
    curl -s --noproxy '*' -o "$work/answer" --max-time 1 "http://127.0.0.1:$port/"
    [ $? -ne 7 ] || break
  done
  echo "$port"
}

# If root runs this, the gallery runs as another user, who must reach the data folder.
chmod 755 "$work"

serve() {
  port=$(free_port)
  VITRINE_DATA=$work/served VITRINE_PORT=$port "$SPEED_TOOLS/speed_start" serve "$port" "$srcdir/run" serve \
    >"$work/milliseconds" 2>"$work/log" || fail "$(cat "$work/log")"
  cat "$work/milliseconds"
}

# shellcheck disable=SC2086
# worker POOL STATUS: measures its first answer to /healthz, which for the image pool is a refusal.
worker() {
  VITRINE_DATA=$work/worker VITRINE_POOL=$1 VITRINE_POLICY_DIR=$SPEED_SHARE/imagemagick VITRINE_MODULE_DIR=$VITRINE_TEST_LIBEXEC \
    REQUEST_METHOD=GET DOCUMENT_URI=/healthz QUERY_STRING='' \
    $as_gallery "$SPEED_TOOLS/speed_start" worker "$work/sockets/$1.sock" "$VITRINE_TEST_LIBEXEC/vitrine.fcgi" \
    >"$work/milliseconds" 2>"$work/log" || fail "$(cat "$work/log")"
  read -r milliseconds worker_status <"$work/milliseconds"
  [ "$worker_status" = "$2" ] || fail "a worker answered with $worker_status"
  add "$1" "$milliseconds"
}

# first_upload: measures the first upload to a gallery that has just started, and a later one, when both workers are warm.
first_upload() {
  open_gallery "first$1"
  stamp "$work"/photographs/*.jpg
  for which in first second third fourth; do
    from=$(date +%s%N)
    upload_all "$work/photographs/$which.jpg" || fail 'an upload was not answered with 201'
    add "upload.$which" "$((($(date +%s%N) - from) / 1000))e-3"
  done
  close_gallery
}

serve >"$work/warm" || exit 1 # makes the data folder and whatever is missing in the build
mkdir "$work/worker" "$work/sockets"
VITRINE_DATA=$work/worker "$VITRINE_TEST_BIN/vitrine" stats >"$work/stats" || fail 'a data folder cannot be made'
[ -z "$as_gallery" ] || chown -R "$gallery_user:" "$work/worker" "$work/sockets"
for _ in $(rounds 10 3); do
  add serve "$(serve)"
  worker api 200
  worker image 421
  worker api 200
  worker image 421
done
copy_photographs 4
for copy in 1:first 2:second 3:third 4:fourth; do
  mv "$work/photographs/${copy%:*}.jpg" "$work/photographs/${copy#*:}.jpg"
done
for round in $(rounds 5 1); do
  first_upload "$round"
done

row serve ms './run serve to the first 200 of /healthz' serve at_most 300
row api ms 'an api worker, exec to its first answer' api at_most 20
row image ms 'an image worker, exec to its first answer' image at_most 20
row first_upload ms 'the first upload after the start' upload.first against 'the fourth' upload.fourth
