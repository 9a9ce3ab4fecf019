#!/bin/sh
# What a photograph's file says of itself becomes what the gallery says of the image. exiftool, which shares no code with
# Vitrine, writes the metadata.
# shellcheck source=tests/e2e/lib.sh
. "${srcdir:-.}/tests/e2e/lib.sh"

command -v exiftool >/dev/null 2>&1 || bail_skip 'exiftool is missing: install libimage-exiftool-perl'

use_gallery

# say FILE EXIFTOOL-ARGUMENT...: writes these tags into it.
say() {
  file=$1
  shift
  exiftool -q -overwrite_original "$@" "$file" >"$work/said" 2>&1 || {
    echo "Bail out! exiftool: $(cat "$work/said")"
    exit 1
  }
}

# add FILE: uploads it; sets $id and $auth, and leaves the image as its owner sees it as the last answer.
add() {
  upload "$1"
  is "a file called .${1##*.} is uploaded with 201" 201 "$status"
  id=$(json '.images[0].id')
  auth="Authorization: Bearer $(json '.images[0].delete_token')"
  request GET "/api/images/$id" -H "$auth"
}

# tell_camera FILE: writes what a camera and its owner do.
tell_camera() {
  say "$1" -EXIF:DateTimeOriginal='2024:05:12 10:11:12' -EXIF:SubSecTimeOriginal=345 -EXIF:OffsetTimeOriginal=+02:00 \
    -EXIF:Make='NIKON CORPORATION' -EXIF:Model='NIKON D90' -EXIF:LensModel='35mm f/1.8' -EXIF:FocalLength=35 \
    -EXIF:FNumber=2.8 -EXIF:ExposureTime=1/125 -EXIF:ISO=400 \
    -EXIF:GPSLatitude=43.5 -EXIF:GPSLatitudeRef=N -EXIF:GPSLongitude=11.25 -EXIF:GPSLongitudeRef=W
}

for coder in JPEG PNG WEBP TIFF; do
  name=$mark.$coder
  picture "$coder" "$work/$name" width=320 height=200 seed="$$"
  tell_camera "$work/$name"
  add "$work/$name"
  is "time, camera and place of a $coder are read" \
    '2024-05-12T10:11:12.345+02:00 file NIKON D90 35mm f/1.8 35 2.8 400 43.5 -11.25' \
    "$(json '"\(.taken) \(.taken_from) \(.camera) \(.lens) \(.focal_length) \(.aperture) \(.iso) \(.place.latitude) \(.place.longitude)"')"
  request GET "/api/images/$id"
  is "others are told the time of a $coder, and not its place" '2024-05-12T10:11:12.345+02:00 null' "$(json '"\(.taken) \(.place)"')"
done

picture JPEG "$work/$mark words.jpg" width=320 height=200 seed=$(($$ + 1))
say "$work/$mark words.jpg" -XMP-dc:Title="$mark title" -XMP-dc:Description='Two boats.' -XMP-dc:Subject=sea -XMP-dc:Subject=boats \
  -XMP-xmp:Rating=4
add "$work/$mark words.jpg"
is 'title, description, keywords and rating become name, description, tags and rating' "$mark title|Two boats.|sea,boats|4" \
  "$(json '"\(.name)|\(.description)|\(.tags|join(","))|\(.rating)"')"
request GET "/api/images?q=$mark+boats"
is 'a search finds an image by a keyword of its file' 1 "$(json .total)"

name=IMG_20240131_101112_$mark.jpg
picture JPEG "$work/$name" width=320 height=200 seed=$(($$ + 2))
add "$work/$name"
is 'a file without metadata has the time that its name says, as a guess' '2024-01-31T10:11:12.000 name' "$(json '"\(.taken) \(.taken_from)"')"

name=$mark-plain.jpg
picture JPEG "$work/$name" width=320 height=200 seed=$(($$ + 3))
add "$work/$name"
is 'a file that says nothing has no time' 'null null' "$(json '"\(.taken) \(.taken_from)"')"

request GET "/api/images?q=$mark&sort=taken-old"
is 'in the order by time taken, a photograph without one stands by its upload' "$name" "$(json '.images[-1].name')"
is 'in the order by time taken, the oldest photograph is the first' '2024-01-31T10:11:12.000' "$(json '.images[0].taken')"

# A block that cannot be read refuses no picture.
name=$mark-broken.jpg
picture JPEG "$work/plain.jpg" width=320 height=200 seed=$(($$ + 4))
{
  printf '\377\330\377\341\000\034Exif\000\000MM\000*\000\000\000\010\377\377\000\000\000\000\000\000\000\000\000\000'
  tail -c +3 "$work/plain.jpg"
} >"$work/$name"
add "$work/$name"
is 'a file whose metadata is broken is taken, and has no time' null "$(json .taken)"

if is_own; then
  stop_gallery
  start_gallery VITRINE_METADATA=hide-all
  name=$mark-hidden.jpg
  picture JPEG "$work/$name" width=320 height=200 seed=$(($$ + 5))
  say "$work/$name" -XMP-dc:Title="$mark secret" -XMP-dc:Subject=secret
  add "$work/$name"
  is 'with hide-all, title and keywords become neither name nor tags, which everybody is told' "$name " \
    "$(json '"\(.name) \(.tags|join(","))"')"
else
  skip 'with hide-all, title and keywords become neither name nor tags, which everybody is told' 'this gallery is not ours'
fi

finish_gallery
