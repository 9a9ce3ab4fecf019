#!/bin/sh
# vitrine import of what other programs have written beside pictures: a folder as Google Takeout makes it, and XMP sidecars.
# shellcheck source=tests/e2e/lib.sh
. "${srcdir:-.}/tests/e2e/lib.sh"

is_own || bail_skip 'this test imports into its own gallery'
command -v exiftool >/dev/null 2>&1 || bail_skip 'exiftool is missing: install libimage-exiftool-perl'

use_command

seed=0
# jpeg FILE: another picture.
jpeg() {
  seed=$((seed + 1))
  picture JPEG "$1" width=64 height=48 seed="$seed"
}

# say FILE EXIFTOOL-ARGUMENT...
say() {
  said_file=$1
  shift
  exiftool -q -overwrite_original "$@" "$said_file" >"$work/exiftool" 2>&1 || {
    echo "Bail out! exiftool: $(cat "$work/exiftool")"
    exit 1
  }
}

# takeout FILE TITLE TIMESTAMP [LATITUDE LONGITUDE [DESCRIPTION]]: what Google writes beside a picture.
takeout() {
  jq -n --arg title "$2" --arg time "$3" --argjson latitude "${4:-0}" --argjson longitude "${5:-0}" --arg description "${6-}" '
    {title: $title, description: $description, imageViews: "3",
     creationTime: {timestamp: "1760000000", formatted: "9 Oct 2025, 08:53:20 UTC"},
     photoTakenTime: {timestamp: $time, formatted: ""},
     geoData: {latitude: $latitude, longitude: $longitude, altitude: 12.5, latitudeSpan: 0.0, longitudeSpan: 0.0},
     people: [{name: "Anna"}], url: "https://photos.google.com/photo/x",
     googlePhotosOrigin: {mobileUpload: {deviceType: "ANDROID_PHONE"}}}' >"$1"
}

# of NAME: prints what the catalogue knows of the image of that name.
of() {
  sqlite3 "$data/catalogue.sqlite" ".timeout 10000" "SELECT coalesce(strftime('%Y-%m-%dT%H:%M:%S', taken / 1000, 'unixepoch'), '-'),
    coalesce(taken_offset, '-'), taken_from, latitude, longitude, description, replace(tags, char(10), ','), rating
    FROM image WHERE name = '$1'"
}

# ---- a folder of Takeout ----

top="$work/Takeout/Google Photos"
year="$top/Photos from 2024"
album="$top/Rome & more"
mkdir -p "$year" "$album" "$top/Untitled"

jpeg "$year/plain.jpg"
takeout "$year/plain.jpg.supplemental-metadata.json" plain.jpg 1706695872 41.9 12.5 'Two boats.'
jpeg "$year/camera.jpg"
say "$year/camera.jpg" -EXIF:DateTimeOriginal='2024:01:31 11:11:12' -EXIF:OffsetTimeOriginal=+01:00 -EXIF:GPSLatitude=43.5 \
  -EXIF:GPSLatitudeRef=N -EXIF:GPSLongitude=11.25 -EXIF:GPSLongitudeRef=E -EXIF:ImageDescription='By the camera'
takeout "$year/camera.jpg.json" camera.jpg 1706695872 1 1 'By a person'
jpeg "$year/IMG_1.jpg"
jpeg "$year/IMG_1(1).jpg"
jpeg "$year/IMG_1-edited.jpg"
takeout "$year/IMG_1.jpg.suppl.json" IMG_1.jpg 1706695873
takeout "$year/IMG_1.jpg.suppl(1).json" IMG_1.jpg 1706695874
title=Screenshot_20220207_102421_com.snapchat.android_and_more_of_it.jpg
jpeg "$year/Screenshot_20220207_102421_com.snapchat.android.jpg"
takeout "$year/Screenshot_20220207_102421_com.snapchat.androi.json" "$title" 1644225861
jpeg "$year/nothing.jpg"
jpeg "$year/broken.jpg"
echo '{"photoTakenTime": {"timestamp": "1' >"$year/broken.jpg.json"
jpeg "$year/IMG_20200102_030405.jpg"
takeout "$year/IMG_20200102_030405.jpg.json" IMG_20200102_030405.jpg 1577934245
cp "$year/plain.jpg" "$album/"
cp "$year/plain.jpg.supplemental-metadata.json" "$album/plain.jpg.json"
jpeg "$album/only.jpg"
takeout "$album/only.jpg.json" only.jpg 1706695875
echo '{"title": "Rome & more…", "description": "", "access": "protected", "date": {"timestamp": "0"}}' >"$album/metadata.json"
jpeg "$top/Untitled/untitled.jpg"
echo '{"title": ""}' >"$top/Untitled/Metadaten.json"
echo '{"title": "Photos from 2024"}' >"$year/metadata.json"
echo '[]' >"$top/user-generated-memory-titles.json"
printf 'no picture' >"$year/film.mp4"

start_gallery
vitrine import "$work/Takeout"
is 'what is beside pictures is not refused; other files are' \
  "1 unsupported-type Google Photos/Photos from 2024/film.mp4 11 images imported, 1 known already, 1 files refused" \
  "$code $(sed -n 's/mp4:.*/mp4/p' "$work/said") $(tail -n 1 "$work/said")"
is 'a picture has the time, place, description and album of Takeout' \
  '2024-01-31T10:11:12|0|1|41.9|12.5|Two boats.|Rome & more…|0' "$(of plain.jpg)"
is "the file's time and place count more than those of Takeout, and its description less" \
  '2024-01-31T11:11:12|60|1|43.5|11.25|By a person||0' "$(of camera.jpg)"
is 'pictures of the same name have each their own time, and an edited one that of its original' \
  '2024-01-31T10:11:13|0|1|||||0 2024-01-31T10:11:14|0|1|||||0 2024-01-31T10:11:13|0|1|||||0' \
  "$(of IMG_1.jpg | sort | xargs) $(of IMG_1-edited.jpg)"
is 'a name that was cut is whole again' '2022-02-07T09:24:21|0|1|||||0' "$(of "$title")"
is 'a time that Takeout knows counts more than a guess from the name' '2020-01-02T03:04:05|0|1|||||0' "$(of IMG_20200102_030405.jpg)"
is 'a picture without such a file has no time' '-|-|0|||||0' "$(of nothing.jpg)"
is 'a broken file costs no more than what it says' '-|-|0|||||0' "$(of broken.jpg)"
like 'a broken file is named in the log' 'broken.jpg.json says nothing' "$(cat "$work/errors")"
is 'a picture that is in an album alone has its tag' '2024-01-31T10:11:15|0|1|||'"|Rome & more…|0" "$(of only.jpg)"
is "an album without a title is called as its folder is" '-|-|0||||Untitled|0' "$(of untitled.jpg)"
vitrine import --json "$work/Takeout"
is 'the same folder again changes nothing' '0 12' "$(tail -n 1 "$work/said" | jq -r '"\(.imported) \(.known)"')"
before=$(of plain.jpg)
vitrine rescan --again --quiet
is 'a rescan leaves what was beside the files' "0 $before" "$code $(of plain.jpg)"
sqlite3 "$data/catalogue.sqlite" ".timeout 10000" "UPDATE image SET tags = '', set_by_person = set_by_person | 2 WHERE name = 'plain.jpg'"
vitrine import --quiet "$work/Takeout"
is 'tags that a person has set stay when an album is imported again' '2024-01-31T10:11:12|0|1|41.9|12.5|Two boats.||0' "$(of plain.jpg)"

# ---- XMP sidecars ----

mkdir "$work/edited"
for name in a b c; do jpeg "$work/edited/$name.jpg"; done
say "$work/edited/a.jpg" -EXIF:DateTimeOriginal='2024:01:31 11:11:12' -EXIF:Model='NIKON D90' -XMP-dc:Description='Of the file'
exiftool -q -o "$work/edited/a.xmp" -XMP-exif:DateTimeOriginal='2001:02:03 04:05:06+01:00' -XMP-dc:Description='Of the sidecar' \
  -XMP-dc:Subject=sea -XMP-xmp:Rating=4 -XMP-exif:GPSLatitude='43.5 N' -XMP-exif:GPSLongitude='11.25 W' >"$work/exiftool" 2>&1
exiftool -q -o "$work/edited/b.jpg.xmp" -XMP-xmp:Rating=2 >"$work/exiftool" 2>&1
{
  echo '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><x:xmpmeta xmlns:x="adobe:ns:meta/">&a;'
  head -c 100000 /dev/urandom
} >"$work/edited/c.xmp"
vitrine import "$work/edited"
is 'sidecars are not refused' '0 3 images imported, 0 known already, 0 files refused' "$code $(cat "$work/said")"
is 'a sidecar counts more than its file' '2001-02-03T04:05:06|60|1|43.5|-11.25|Of the sidecar|sea|4' "$(of a.jpg)"
is 'the camera is that of the file' 'NIKON D90' "$(sqlite3 "$data/catalogue.sqlite" "SELECT camera FROM image WHERE name = 'a.jpg'")"
is 'a sidecar is found by the whole name of its picture, too' 2 "$(of b.jpg | cut -d'|' -f8)"
is 'a hostile sidecar says nothing' '-|-|0|||||0' "$(of c.jpg)"
before=$(of a.jpg)
vitrine rescan --again --quiet
is 'a rescan leaves what a sidecar says' "$before" "$(of a.jpg)"
sqlite3 "$data/catalogue.sqlite" ".timeout 10000" "UPDATE image SET description = 'Of a person', set_by_person = set_by_person | 8
  WHERE name = 'b.jpg'"
say "$work/edited/a.xmp" -XMP-xmp:Rating=5 -XMP-dc:Description='Of the sidecar, later' -XMP-exif:GPSLatitude='44.5 N'
say "$work/edited/b.jpg.xmp" -XMP-xmp:Rating=3 -XMP-dc:Description='Of the sidecar'
vitrine import --quiet "$work/edited"
before='2001-02-03T04:05:06|60|1|44.5|-11.25|Of the sidecar, later|sea|5'
is 'a sidecar that has changed since counts' "$before" "$(of a.jpg)"
is 'what a person has set counts more than a sidecar that has changed' 'Of a person||3' "$(of b.jpg | cut -d'|' -f6-)"
vitrine rescan --again --quiet
is 'a rescan leaves what a sidecar says by now' "$before" "$(of a.jpg)"
vitrine export "$work/exported"
stop_gallery
data=$work/second
mkdir "$data"
start_gallery
vitrine import "$work/exported"
vitrine rescan --again --quiet
is 'an export keeps what was beside the files, for good' "$before" "$(of a.jpg)"

# Sidecars of hidden metadata.
stop_gallery
data=$work/third
mkdir "$data"
start_gallery VITRINE_METADATA=hide-all
VITRINE_METADATA=hide-all
export VITRINE_METADATA
vitrine import --quiet "$work/Takeout"
request GET '/api/images?q=plain'
is 'with hide-all, albums become no tags, which everybody is told' '' "$(json '.images[0].tags | join(",")')"
request GET "/api/images/$(json '.images[0].id')"
is 'with hide-all, others are not told the description of Takeout' null "$(json .description)"

# A reader that crashes costs the sidecar alone.
unset VITRINE_METADATA
mkdir "$work/modules" "$work/crash"
for file in "$VITRINE_TEST_LIBEXEC"/*; do ln -s "$file" "$work/modules/"; done
rm "$work/modules/image_metadata.so"
cp "$VITRINE_TEST_BUILD/tools/hostile_metadata.so" "$work/modules/image_metadata.so"
jpeg "$work/crash/x.jpg"
echo HOSTILE:crash >"$work/crash/x.xmp"
VITRINE_MODULE_DIR=$work/modules
vitrine import "$work/crash"
is 'a sidecar that crashes its reader costs no picture' '0 1 images imported, 0 known already, 0 files refused' "$code $(cat "$work/said")"
like 'such a sidecar is named in the log' 'x.xmp cannot be read' "$(cat "$work/errors")"

finish_gallery
