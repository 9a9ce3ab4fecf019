# Sourced by every part of bench/speed: starts galleries, collects figures, and writes the rows of the table.
#
#   SPEED_TOOLS  the folder of the programs that measure
#   SPEED_SHARE  the installation's share/vitrine
#   SPEED_ROWS   the file to which rows are appended
#   SPEED_QUICK  not empty: only a few rounds
# shellcheck shell=sh
stays_root=1 # it writes where the build is
# shellcheck source=tests/e2e/lib.sh
. "${srcdir:?}/tests/e2e/lib.sh"

photographs=/usr/share/backgrounds
photograph=$photographs/Kleiber_by_Lukas_Baubkus.jpg # the 4.4 MB of docs/performance.md
part=$(basename "$0" .sh)
here=$srcdir/bench/speed.d
figures=$work/figures
mkdir "$figures"
started=   # galleries, by process id
uploading= # a client in the background

fail() {
  echo "speed: $part: $1" >&2
  exit 1
}

# rounds NUMBER QUICK-NUMBER: prints the numbers of the rounds, from 1.
rounds() {
  if [ -n "$SPEED_QUICK" ]; then seq "$2"; else seq "$1"; fi
}

# ---- galleries ----

# open_gallery NAME [NAME=VALUE...]: starts another gallery on the data folder $work/NAME; sets url, server and data.
open_gallery() {
  data=$work/$1
  shift
  start_gallery VITRINE_UPLOADS_PER_MINUTE=0 "$@" # all of the load is of one address
  started="$started $server"
}

# Ends the gallery that was started last.
close_gallery() {
  stop_gallery || fail 'the gallery did not end well'
  started=${started% *}
}

clean_up() {
  [ -z "$uploading" ] || kill -KILL "$uploading" 2>/dev/null
  for server in $started; do
    stop_gallery
  done
  rm -f "$SPEED_SHARE"/www/bench-speed-*
  rm -rf "$work"
}

# fill_gallery NAME IMAGES: makes $work/NAME with so many rows, without originals, which no listing reads.
fill_gallery() {
  mkdir -p "$work/$1"
  VITRINE_DATA="$work/$1" "$VITRINE_TEST_BIN/vitrine" stats >"$work/stats" || fail 'a data folder cannot be made'
  sqlite3 "$work/$1/catalogue.sqlite" "
    PRAGMA synchronous = OFF;
    PRAGMA cache_size = -400000;
    BEGIN;
    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $2)
    INSERT INTO image (id, name, tags, type, width, height, bytes, created, alpha, token_hash)
    SELECT lower(hex(randomblob(16))), 'photograph ' || (i * 7919 % 1000003) || '.jpg', '', 'jpg', 4000, 3000,
      1000000 + i * 7919 % 3000000, 1700000000000 + i * 1000, 0, randomblob(32) FROM n;
    COMMIT" || fail 'the catalogue cannot be filled'
}

image_total() {
  curl -fsS "$url/api/stats" | jq .images
}

# ---- photographs ----

# stamp FILE...: makes each copy of the photograph unique, by bytes in the comment that copy_photographs has added.
stamped=0
stamp() {
  for file in "$@"; do
    stamped=$((stamped + 1))
    printf '%s %08d' "$mark" "$stamped" | dd of="$file" bs=1 seek=6 conv=notrunc status=none || fail "$file cannot be written"
  done
}

# copy_photographs NUMBER: makes $work/photographs/1.jpg and so on, with a comment after the first marker, where a decoder
# reads it.
copy_photographs() {
  mkdir -p "$work/photographs"
  {
    head -c 2 "$photograph"
    printf '\377\376\000\030%22s' ''
    tail -c +3 "$photograph"
  } >"$work/photographs/1.jpg"
  for copy in $(seq 2 "$1"); do
    cp "$work/photographs/1.jpg" "$work/photographs/$copy.jpg" || fail 'the disk is full'
  done
  stamp "$work"/photographs/*.jpg
}

# upload_all FILE...: uploads them one after the other on one connection; fails unless each is answered with 201.
upload_all() {
  for file in "$@"; do
    printf 'next\nurl = "%s/api/images"\nform = "file=@%s"\noutput = "%s"\nwrite-out = "%%{http_code}\\n"\nsilent\n' \
      "$url" "$file" "$file.answer"
  done | sed 1d >"$1.curl"
  curl -K "$1.curl" >"$1.statuses" || return 1
  [ "$(sort -u "$1.statuses")" = 201 ] && [ "$(wc -l <"$1.statuses")" -eq $# ]
}

# ---- quality of pictures ----

# reference FILE SIZE-OF: makes $work/reference.png from the fully decoded file, in the size of another picture.
reference() {
  "$SPEED_TOOLS/speed_reference" "$2" "$work/made.png" >"$work/size" || fail "$2 does not decode"
  "$SPEED_TOOLS/speed_reference" "$1" "$(cat "$work/size"):$work/reference.png" >"$work/said" || fail "$1 has no reference"
}

# quality FILE FIGURE: adds FIGURE.psnr (dB; over red, green and blue) and FIGURE.ssim (of the brightness) against the
# reference, by ffmpeg's filters.
quality() {
  "$SPEED_TOOLS/speed_reference" "$1" "$work/made.png" >"$work/said" || fail "$1 does not decode"
  ffmpeg -nostdin -hide_banner -i "$work/made.png" -i "$work/reference.png" -lavfi '
    [0:v]split[a][b]; [1:v]split[c][d];
    [a]format=gray[a]; [c]format=gray[c]; [a][c]ssim;
    [b]format=gbrp[b]; [d]format=gbrp[d]; [b][d]psnr' -f null - >"$work/ffmpeg" 2>&1 || fail "$1 cannot be compared"
  add "$2.ssim" "$(sed -n 's/.*SSIM .*All:\([0-9.]*\).*/\1/p' "$work/ffmpeg")"
  add "$2.psnr" "$(sed -n 's/.*PSNR .*average:\([0-9.]*\).*/\1/p' "$work/ffmpeg")"
}

# ---- figures ----

# add FIGURE NUMBER: adds the figure of one round.
add() {
  case $2 in
    '' | *[!0-9.e+-]*) fail "$1 was not measured: $2" ;;
  esac
  echo "$2" >>"$figures/$1"
}

now_ms() {
  echo $(($(date +%s%N) / 1000000))
}

# per_second NUMBER MILLISECONDS: prints the rate.
per_second() {
  echo "$1 $2" | awk '{ printf "%.3f\n", $1 * 1000 / $2 }'
}

# list FIGURE: prints its rounds as JSON.
list() {
  jq -s . "$figures/$1"
}

# row ID UNIT WHAT FIGURE [against NAME FIGURE] [at_most|at_least NUMBER] [detail]: writes a row of the report.
row() {
  id=$1
  unit=$2
  what=$3
  ours=$(list "$4") || fail "$1 has not been measured"
  shift 4
  against=
  other=null
  asked=null
  detail=false
  while [ $# -gt 0 ]; do
    case $1 in
      against)
        against=$2
        other=$(list "$3") || fail "$id has nothing to be compared with"
        shift 3
        ;;
      at_most | at_least)
        asked="{\"$1\": $2}"
        shift 2
        ;;
      detail)
        detail=true
        shift
        ;;
      *) fail "row $id: unknown word $1" ;;
    esac
  done
  jq -n -c --arg row "$part.$id" --arg part "$part" --arg what "$what" --arg unit "$unit" --argjson ours "$ours" \
    --arg against "$against" --argjson other "$other" --argjson asked "$asked" --argjson detail "$detail" '
    {row: $row, part: $part, what: $what, unit: $unit, ours: $ours}
    + if $other then {against: $against, other: $other} else {} end
    + if $asked then {asked: $asked} else {} end
    + if $detail then {detail: $detail} else {} end' >>"$SPEED_ROWS" || fail "the row $id cannot be written"
}

# ---- requests ----

# wrk_summary PAUSE WRK-ARGUMENT...: prints wrk's summary as JSON (see wrk.lua); fails if an answer was missing or an error.
# Unless PAUSE is empty, each connection waits about so many milliseconds between requests.
wrk_summary() {
  pause=$1
  shift
  # shellcheck disable=SC2086
  wrk -s "$here/wrk.lua" "$@" -- $pause >"$work/wrk" 2>&1 || {
    cat "$work/wrk" >&2
    return 1
  }
  "$here/wrk-summary" <"$work/wrk"
}

# load FIGURE PATH [HEADER]: adds the requests per second of 16 connections during one second.
load() {
  load_path=$2
  load_figure=$1
  shift 2
  wrk_summary '' -t 2 -c 16 -d 1s ${1:+-H "$1"} "$url$load_path" >"$work/summary" || fail "$load_path is not answered"
  add "$load_figure" "$(jq '.requests / .seconds' "$work/summary")"
}
