#!/bin/sh
# Uploads end to end: what one costs in addition to its thumbnails, and the rate of four clients compared with one.
# shellcheck source=bench/speed.d/lib.sh
. "${srcdir:?}/bench/speed.d/lib.sh"

files=24 # of one measurement: at its end, one of the clients is alone
[ -z "$SPEED_QUICK" ] || files=12 # of 4, the first two after a rest would be half

# Prints the processor time in milliseconds of nginx, the image workers and their decoders. The time of the decoders' children
# is counted, in ticks, when they have ended.
served_cpu() {
  # shellcheck disable=SC2086
  awk -v ticks="$(getconf CLK_TCK)" '
    FILENAME ~ /schedstat$/ { sum += $1 / 1e6; next }
    { sub(/.*[)] /, ""); sum += ($14 + $15) * 1000 / ticks } END { printf "%.3f\n", sum }' $serving
}

is_settled() {
  settled_before=$(served_cpu)
  sleep 0.2
  [ "$(served_cpu)" = "$settled_before" ]
}

find_serving() {
  decoders=$(for pid in $(workers image); do pgrep -P "$pid"; done)
  serving=$(for pid in $(pgrep -P "$(pgrep -P "$server" nginx)") $(workers image) $decoders; do echo "/proc/$pid/schedstat"; done
    for pid in $decoders; do echo "/proc/$pid/stat"; done)
}

# in_process: prints the processor time in milliseconds of one photograph's thumbnails.
in_process() {
  VITRINE_DATA=$data VITRINE_POLICY_DIR=$SPEED_SHARE/imagemagick VITRINE_MODULE_DIR=$VITRINE_TEST_LIBEXEC \
    "$SPEED_TOOLS/speed_thumbs" "$work/photographs/1.jpg" "$files" >"$work/measured" || fail 'the thumbnails cannot be measured'
  jq '.sides.ours.cpu | add / length' "$work/measured"
}

# four_clients: four clients upload a quarter of the files each.
four_clients() {
  clients=
  for client in 0 1 2 3; do
    # shellcheck disable=SC2046
    upload_all $(seq -f "$work/photographs/%g.jpg" $((client * files / 4 + 1)) $(((client + 1) * files / 4))) &
    clients="$clients $!"
  done
  for client in $clients; do
    wait "$client" || fail 'an upload of four at once was not answered with 201'
  done
}

# renew: waits until no upload is in progress, and makes all photographs unknown to the gallery.
renew() {
  poll is_settled || fail 'the gallery does not come to rest'
  stamp "$work"/photographs/*.jpg
}

one_client() {
  upload_all "$work"/photographs/*.jpg || fail 'an upload was not answered with 201'
}

# timed COMMAND...: sets $rate to the uploads per second of all photographs.
timed() {
  renew
  from=$(now_ms)
  "$@"
  rate=$(per_second "$files" $(($(now_ms) - from)))
}

copy_photographs "$files"
open_gallery data
find_serving
for _ in 1 2; do # both workers have their coders then
  timed four_clients
done
for _ in $(rounds 7 2); do
  renew
  cpu=$(served_cpu)
  one_client
  poll is_settled || fail 'the gallery does not come to rest'
  add cpu "$(echo "$(served_cpu) $cpu $files" | awk '{ print ($1 - $2) / $3 }')"
  add thumbs "$(in_process)"
  timed one_client
  add one "$rate"
  timed four_clients
  add four "$rate"
done
before=$serving
find_serving
[ "$before" = "$serving" ] || fail 'a worker has ended meanwhile'

row cpu ms 'JPEG of 4.4 MB, POST to 201, processor of nginx and workers' cpu against 'its thumbnails in process' thumbs at_most 1.25
row parallel /s 'the same, four clients' four against 'one client' one at_least 1.8
