#!/bin/sh
# Memory of all idle processes, and of the worker that gets a picture of 50 megapixels.
# shellcheck source=bench/speed.d/lib.sh
. "${srcdir:?}/bench/speed.d/lib.sh"

# tree PID: prints it and its descendants.
tree() {
  echo "$1"
  for child in $(pgrep -P "$1"); do
    tree "$child"
  done
}

# megabytes NAME FILE...: prints the sum of these lines of files in /proc.
megabytes() {
  line=$1
  shift
  awk -v "line=$line:" '$1 == line { sum += $2 } END { printf "%.3f\n", sum * 1024 / 1e6 }' "$@"
}

# idle FIGURE PID...: adds the PSS of these and their descendants.
idle() {
  figure=$1
  shift
  files=$(for pid in "$@"; do tree "$pid"; done | sed 's|.*|/proc/&/smaps_rollup|')
  # shellcheck disable=SC2086
  add "$figure" "$(megabytes Pss $files)"
}

measure_idle() {
  open_gallery "idle$1"
  sleep 1
  nginx=$(pgrep -P "$server" nginx)
  api=$(pgrep -P "$server" -f 'vitrine-pool api')
  image=$(pgrep -P "$server" -f 'vitrine-pool image')
  idle all "$nginx" "$api" "$image"
  idle nginx "$nginx"
  idle api "$api"
  idle image "$image"
  close_gallery
}

# enlarge FILE OPTION: makes the photograph at 50 megapixels.
enlarge() {
  vips thumbnail "$photograph" "$work/$1[Q=90$2]" 8660 --height 5774 --size force || fail 'a large picture cannot be made'
}

take() {
  upload "$1"
  [ "$status" = 201 ] || fail "an upload was answered with $status"
}

# measure_large FIGURE FILE: uploads it to the only worker of a pool, after a small upload.
measure_large() {
  open_gallery "$1" VITRINE_WORKERS=1
  take "$work/small.jpg"
  worker=$(workers image)
  sleep 1
  before=$(megabytes VmRSS "/proc/$worker/status")
  take "$work/$2"
  sleep 1
  [ "$worker" = "$(workers image)" ] || fail 'the worker has ended'
  add "$1.highest" "$(megabytes VmHWM "/proc/$worker/status")"
  add "$1.after" "$(megabytes VmRSS "/proc/$worker/status")"
  add "$1.before" "$before"
  close_gallery
}

vips thumbnail "$photograph" "$work/small.jpg" 800 || fail 'a small picture cannot be made'
enlarge baseline.jpg ''
for round in $(rounds 3 1); do
  measure_idle "$round"
  measure_large "baseline$round" baseline.jpg
done
cat "$figures"/baseline*.highest >"$figures/highest"
cat "$figures"/baseline*.before >"$figures/before"
cat "$figures"/baseline*.after >"$figures/after"

row idle MB 'nginx and both pools, idle, PSS' all at_most 16
row nginx MB 'of these, nginx' nginx detail
row api MB 'of these, the api pool' api detail
row image MB 'of these, the image pool' image detail
row highest MB 'an image worker with a JPEG of 50 megapixels, highest RSS' highest at_most 150
row after MB 'the same, RSS a second later' after against before before at_most 1.1
[ -n "$SPEED_QUICK" ] || {
  enlarge progressive.jpg ,interlace
  measure_large progressive progressive.jpg
  row progressive MB 'with a progressive one, highest RSS' progressive.highest
  row progressive.after MB 'the same, RSS a second later' progressive.after against before progressive.before detail
}
