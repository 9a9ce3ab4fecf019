#!/bin/sh
# How many photographs a second vitrine rescan reads, compared with reading their files alone.
# shellcheck source=bench/speed.d/lib.sh
. "${srcdir:?}/bench/speed.d/lib.sh"

files=100
[ -z "$SPEED_QUICK" ] || files=24

rescan() {
  VITRINE_DATA=$data VITRINE_POLICY_DIR=$SPEED_SHARE/imagemagick VITRINE_MODULE_DIR=$VITRINE_TEST_LIBEXEC \
    $as_gallery "$VITRINE_TEST_BIN/vitrine" rescan --again >"$work/said" 2>"$work/errors" || fail "$(cat "$work/said" "$work/errors")"
  grep -q "^$files images read" "$work/said" || fail "$(cat "$work/said")"
}

read_files() {
  find "$data/uploads" -type f -exec cat {} + >/dev/null
}

# timed COMMAND: sets $rate to the photographs per second.
timed() {
  from=$(date +%s%N)
  "$1"
  rate=$(per_second "$((files * 1000))" $((($(date +%s%N) - from) / 1000)))
}

# forget_rows: the rows are as an earlier version has left them, so that each is written.
forget_rows() {
  sqlite3 "$data/catalogue.sqlite" ".timeout 10000" \
    "UPDATE image SET taken = NULL, taken_from = 0, camera = '', exposure = 0, iso = 0, flash = 0, description = ''" ||
    fail 'the rows cannot be changed'
}

chmod 755 "$work"
copy_photographs "$files"
# A camera writes what is read here.
command -v exiftool >/dev/null && exiftool -q -overwrite_original -EXIF:DateTimeOriginal='2024:05:12 10:11:12' \
  -EXIF:Model='NIKON D90' -EXIF:ExposureTime=1/125 -EXIF:ISO=400 "$work/photographs" >"$work/said" 2>&1
open_gallery data
upload_all "$work"/photographs/*.jpg || fail 'an upload was not answered with 201'
close_gallery
timed read_files # into the page cache
timed rescan
for _ in $(rounds 7 2); do
  timed read_files
  add read "$rate"
  timed rescan
  add same "$rate"
  forget_rows
  timed rescan
  add changed "$rate"
done

row changed /s 'JPEGs of 4.4 MB, vitrine rescan that writes each row' changed against 'reading the files' read
row same /s 'the same, if no row changes' same against 'reading the files' read
