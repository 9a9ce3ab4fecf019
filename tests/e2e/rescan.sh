#!/bin/sh
# vitrine rescan: what the originals say that an earlier version has stored, beside a running gallery; kills and continuations;
# what persons have set; broken and missing files; the start by itself.
# shellcheck source=tests/e2e/lib.sh
. "${srcdir:-.}/tests/e2e/lib.sh"

is_own || bail_skip 'this test changes the catalogue of its gallery'
command -v exiftool >/dev/null 2>&1 || bail_skip 'exiftool is missing: install libimage-exiftool-perl'

use_command

sql() {
  sqlite3 "$data/catalogue.sqlite" ".timeout 10000" "$1"
}

# forget [CONDITION]: makes the rows as a version would leave them that reads no metadata.
forget() {
  sql "UPDATE image SET taken = NULL, taken_offset = NULL, taken_from = 0, camera = '', lens = '', focal_length = 0,
    focal_length_35 = 0, aperture = 0, exposure = 0, iso = 0, flash = 0, latitude = NULL, longitude = NULL, altitude = NULL,
    rating = 0, description = '', tags = '', set_by_person = 0 WHERE ${1:-1}"
}

# rows: prints what the catalogue knows of the photographs.
rows() {
  sql "SELECT name, replace(tags, char(10), ','), taken, taken_offset, taken_from, camera, exposure, iso, latitude, longitude,
    rating, description, set_by_person FROM image ORDER BY sequence"
}

dated() {
  sql 'SELECT count(*) FROM image WHERE taken IS NOT NULL'
}

is_read() {
  [ "$(dated)" = "$1" ]
}

# photograph FILE SEED EXIFTOOL-ARGUMENT...
photograph() {
  file=$1
  picture "${file##*.}" "$file" width=64 height=48 seed="$2"
  shift 2
  exiftool -q -overwrite_original "$@" "$file" >"$work/exiftool" 2>&1 || {
    echo "Bail out! exiftool: $(cat "$work/exiftool")"
    exit 1
  }
}

# id NAME: prints the id of the image of that name.
id() {
  sql "SELECT id FROM image WHERE name = '$1'"
}

vitrine rescan --help
like 'rescan --help prints the usage' '^0 Usage: vitrine rescan' "$code $(head -n 1 "$work/said")"
vitrine rescan nothing
is 'rescan with an argument exits with 64' 64 "$code"

# ---- a gallery of an earlier version ----

start_gallery
mkdir "$work/pictures"
for coder in JPEG PNG WEBP TIFF; do
  photograph "$work/pictures/camera.$coder" 1 -EXIF:DateTimeOriginal='2024:05:12 10:11:12' -EXIF:OffsetTimeOriginal=+02:00 \
    -EXIF:Make='NIKON CORPORATION' -EXIF:Model='NIKON D90' -EXIF:ExposureTime=1/125 -EXIF:ISO=400 -EXIF:GPSLatitude=43.5 \
    -EXIF:GPSLatitudeRef=N -EXIF:GPSLongitude=11.25 -EXIF:GPSLongitudeRef=W
done
photograph "$work/pictures/words.JPEG" 2 -XMP-dc:Title='A title' -XMP-dc:Description='Two boats.' -XMP-dc:Subject=sea -XMP-xmp:Rating=4
photograph "$work/pictures/IMG_20240131_101112.JPEG" 3 -XMP-xmp:Rating=1
photograph "$work/pictures/set.JPEG" 4 -EXIF:DateTimeOriginal='2024:05:12 10:11:12' -XMP-dc:Description='Of the file' -XMP-dc:Subject=file \
  -EXIF:GPSLatitude=1 -EXIF:GPSLatitudeRef=N -EXIF:GPSLongitude=1 -EXIF:GPSLongitudeRef=E -EXIF:ISO=100
picture JPEG "$work/pictures/plain.JPEG" width=64 height=48 seed=5
for file in "$work/pictures"/*; do
  upload "$file"
  [ "$status" = 201 ] || miss "a picture is taken" "$status"
done
sql "UPDATE image SET name = 'words.JPEG' WHERE name = 'A title'"
sql "UPDATE image SET set_by_person = 0" # as a catalogue of schema 4 after its migration
wanted=$(rows)
is 'every image is read at its upload' 7 "$(sql "SELECT count(*) FROM image WHERE taken IS NOT NULL OR rating > 0 OR iso > 0")"
eventually 'a gallery that has begun with this version has nothing to read' test -s "$data/rescan"
vitrine rescan
is 'a rescan with nothing to do says so' '0 0 images read, 0 changed, 0 with problems' "$code $(cat "$work/said")"
vitrine stats --json
is 'stats counts no unread images then' 0 "$(jq .unread "$work/said")"

rm "$data/rescan"
forget
vitrine stats --json
is 'stats counts the images that are left' 8 "$(jq .unread "$work/said")"
request GET '/api/images?sort=taken'
before=$(header ETag)
vitrine rescan
is 'a rescan reads all images, and says how many have changed' '0 8 images read, 7 changed, 0 with problems' "$code $(cat "$work/said")"
is 'a rescan finds what an upload does, in every type' "$wanted" "$(rows)"
request GET '/api/images?sort=taken'
is 'the listing has what was read' '2024-05-12T10:11:12.000+02:00' "$(json '[.images[].taken | select(. != null)] | max')"
isnt_same=$([ "$before" = "$(header ETag)" ] || echo another)
is 'the listing has another entity tag then' another "$isnt_same"
request GET /api/images
is 'the first page has what was read' 6 "$(json '[.images[] | select(.taken)] | length')"
request GET '/api/images?sort=taken' # by a worker, whose tag is the catalogue's version
before=$(header ETag)
vitrine rescan --again --json
is 'a second rescan of all images changes nothing' '0 {"read":8,"changed":0,"problems":0}' "$code $(cat "$work/said")"
request GET '/api/images?sort=taken'
is 'the listing keeps its entity tag then' "$before" "$(header ETag)"

# ---- what persons have set ----

forget
image=$(id set.JPEG)
VITRINE_TOKEN=operator-of-this-gallery
stop_gallery
start_gallery VITRINE_TOKEN="$VITRINE_TOKEN"
request PATCH "/api/images/$image" -H "Authorization: Bearer $VITRINE_TOKEN" -H 'Content-Type: application/json' \
  -d '{"name": "Mine", "tags": ["mine"], "taken": "2001-02-03T04:05:06", "description": "My words", "place": null}'
is 'a person sets what the file says otherwise' 200 "$status"
sql "UPDATE image SET name = 'Renamed', tags = 'kept' WHERE name = 'words.JPEG'"
vitrine rescan --again
is 'a rescan leaves what a person has set' 'Mine|mine|981173106000||3|||100||||My words|31' \
  "$(sql "SELECT name, tags, taken, taken_offset, taken_from, camera, nullif(exposure, 0), iso, latitude, longitude,
    nullif(rating, 0), description, set_by_person FROM image WHERE id = '$image'")"
is 'a rescan leaves name and tags that were there before it was recorded who set them' 'kept' "$(sql "SELECT tags FROM image WHERE name = 'Renamed'")"
sql "UPDATE image SET name = 'Otherwise' WHERE name LIKE 'IMG_%'"
vitrine rescan --again
is 'a time that was guessed from the name of the file stays when the image is renamed' "$(printf '%s' 1706695872000)|2" \
  "$(sql "SELECT taken, taken_from FROM image WHERE name = 'Otherwise'")"

# ---- broken and missing files ----

missing=$(id Renamed)
broken=$(id plain.JPEG)
unreadable=$(id camera.PNG)
mv "$data/uploads/$(printf '%.2s' "$missing")/$missing.jpg" "$work/missing.jpg"
: >"$data/uploads/$(printf '%.2s' "$broken")/$broken.jpg"
chmod 0 "$data/uploads/$(printf '%.2s' "$unreadable")/$unreadable.png"
forget "name <> 'Mine'"
vitrine rescan --again
is 'a rescan passes over what it cannot read, names it, and reads the rest' \
  "1 $(printf '%s\n' "metadata-broken $broken" "original-missing $missing" "original-unreadable $unreadable" | sort | xargs) 8 images read, 4 changed, 3 with problems" \
  "$code $(sed 's/:.*//' "$work/said" | sort | grep -v images | xargs) $(tail -n 1 "$work/said")"
vitrine rescan
is 'what cannot be read is not tried again by itself' '0 0 images read, 0 changed, 0 with problems' "$code $(cat "$work/said")"
mv "$work/missing.jpg" "$data/uploads/$(printf '%.2s' "$missing")/$missing.jpg"
chmod 640 "$data/uploads/$(printf '%.2s' "$unreadable")/$unreadable.png"
vitrine rescan --again --json
is 'with --again it is' "1 metadata-broken {\"read\":8,\"changed\":2,\"problems\":1}" \
  "$code $(head -n 1 "$work/said" | jq -r .kind) $(tail -n 1 "$work/said")"
request DELETE "/api/images/$broken" -H "Authorization: Bearer $VITRINE_TOKEN"

# A reader that crashes or hangs costs the metadata of that file.
mkdir "$work/modules"
for file in "$VITRINE_TEST_LIBEXEC"/*; do ln -s "$file" "$work/modules/"; done
rm "$work/modules/image_metadata.so"
cp "$VITRINE_TEST_BUILD/tools/hostile_metadata.so" "$work/modules/image_metadata.so"
photograph "$work/crash.JPEG" 6 -XMP-dc:Description=HOSTILE:crash
upload "$work/crash.JPEG" -H "Authorization: Bearer $VITRINE_TOKEN"
crash=$(json '.images[0].id')
VITRINE_MODULE_DIR=$work/modules
# Only the program of the command itself is in the installation.
vitrine rescan --again
like 'metadata that crashes its reader costs no more than that' "^1 metadata-broken $crash: its metadata cannot be read" "$code $(cat "$work/said")"
is 'what was known of such an image stays' HOSTILE:crash "$(sql "SELECT description FROM image WHERE id = '$crash'")"
rm "$work/modules/image_metadata.so"
known=$(rows)
vitrine rescan --again
VITRINE_MODULE_DIR=$VITRINE_TEST_LIBEXEC
like 'without the reader of metadata, a rescan fails and says why' '^69 vitrine: rescan: pictures cannot be decoded at the moment' "$code $(tail -n 1 "$work/errors")"
is 'without the reader of metadata, nothing that is known is lost' "$known" "$(rows)"
vitrine stats --json
is 'the images are left for the next rescan then' 8 "$(jq .unread "$work/said")"

# ---- the order of the day: kills, stops, uploads in progress ----

stop_gallery
another=0
rm -rf "$data"
mkdir "$data" "$work/many"
start_gallery
while [ "$another" -lt 120 ]; do
  another=$((another + 1))
  cp "$work/pictures/IMG_20240131_101112.JPEG" "$work/many/n$another.JPEG"
  printf '%s' "$another" >>"$work/many/n$another.JPEG" # which its end allows
done
exiftool -q -overwrite_original -EXIF:DateTimeOriginal='2024:05:12 10:11:12' "$work/many"
vitrine import --quiet "$work/many"
is 'a hundred and twenty photographs are imported' "0 120" "$code $(dated)"
stop_gallery
rm -f "$data/rescan"
forget

# killed_at NUMBER: a rescan each of whose processes that read is killed at that call with which it changes the disk.
killed_at() {
  code=0
  ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0" VITRINE_DATA=$data timeout -s KILL 20 \
    strace -f --seccomp-bpf -qq -o "$work/trace" -e trace=pwrite64,fdatasync,renameat,unlinkat \
    -e "inject=pwrite64,fdatasync,renameat,unlinkat:signal=KILL:when=$1" "$VITRINE_TEST_BIN/vitrine" rescan \
    >"$work/said" 2>"$work/errors" || code=$?
}

strace -f --seccomp-bpf -qq -o "$work/trace" true 2>"$work/strace" || bail_skip "strace cannot be used: $(head -n 1 "$work/strace")"
killed=0
for call in 1 2 3 5 8; do
  killed_at "$call"
  killed=$((killed + $(grep -c 'killed by SIGKILL' "$work/trace")))
  [ "$(sql 'PRAGMA quick_check')" = ok ] || miss "the catalogue is sound after a kill at call $call" "$(sql 'PRAGMA quick_check')"
done
holds 'a rescan was killed many times' test "$killed" -ge 5
like 'the state says how far the rescan is' '^vitrine-rescan 1 1 [0-9]+ [0-9]+ 120 *$' "$(cat "$data/rescan")"
read_by_then=$(cut -d' ' -f5 "$data/rescan")
vitrine rescan
is 'a rescan that was killed goes on, and ends' '0 120' "$code $(dated)"
is 'a rescan that was killed goes on where the state says' "$((120 - read_by_then)) images read" "$(cut -d, -f1 "$work/said")"
vitrine fsck
is 'after the kills, fsck finds nothing' 0 "$code"

rm "$data/rescan"
forget
head -c 64 /dev/urandom >"$data/rescan"
vitrine rescan
is 'a damaged state costs time, and nothing else' '0 120' "$code $(dated)"

# Another catalogue has its own images.
forget
cp "$data/catalogue.sqlite" "$data/copy"
rm -f "$data/catalogue.sqlite" "$data/catalogue.sqlite-wal" "$data/catalogue.sqlite-shm"
mv "$data/copy" "$data/catalogue.sqlite"
vitrine rescan
is 'the state of another catalogue does not count' '0 120' "$code $(dated)"

# ---- by itself ----

forget
rm "$data/rescan"
start_gallery
eventually 'after an upgrade, the gallery reads its images by itself' is_read 120
eventually 'then the rescan ends' sh -c "! pgrep -f '^vitrine rescan' -P $server"
first=$(sql 'SELECT id FROM image LIMIT 1')
stop_gallery
sql "DELETE FROM image WHERE id = '$first'"
touch -d '2 hours ago' "$data/uploads/$(printf '%.2s' "$first")/$first.jpg"
vitrine fsck --repair --quick
vitrine stats --json
is 'an original that fsck gives a row is left for the next rescan' 1 "$(jq .unread "$work/said")"
vitrine rescan
is 'which reads that one alone' '0 1 images read, 1 changed, 0 with problems' "$code $(cat "$work/said")"
vitrine rebuild
vitrine rescan
is 'after a rebuild, all images are read' '0 120 images read' "$code $(cut -d, -f1 "$work/said")"

finish_gallery
