#!/bin/sh
# What everybody gets of an original: a copy without the place, or without all metadata, as VITRINE_METADATA says. exiftool,
# which shares no code with Vitrine, writes what cameras and people do, and reads what is left.
#
# exiftool and perl have variables of their own:
# shellcheck disable=SC2016

# shellcheck source=tests/e2e/lib.sh
. "${srcdir:-.}/tests/e2e/lib.sh"

command -v exiftool >/dev/null 2>&1 || bail_skip 'exiftool is missing: install libimage-exiftool-perl'

use_gallery_with VITRINE_METADATA=hide-place

secret=secret$mark # part of every text that is hidden with the place
word=word$mark     # part of every text that is not

# say FILE EXIFTOOL-ARGUMENT...: writes these tags into it; fails if exiftool cannot.
say() {
  file=$1
  shift
  exiftool -q -q -m -overwrite_original "$@" "$file" >"$work/said" 2>&1
}

# say_all FILE: writes all that the format of the file can have, group by group.
say_all() {
  say "$1" -EXIF:GPSLatitude=43.5 -EXIF:GPSLatitudeRef=N -EXIF:GPSLongitude=11.25 -EXIF:GPSLongitudeRef=W \
    -EXIF:GPSAltitude=250 -EXIF:GPSAreaInformation="$secret" -EXIF:GPSProcessingMethod="$secret" \
    -EXIF:SerialNumber="$secret" -EXIF:LensSerialNumber="$secret" -EXIF:OwnerName="$secret" -EXIF:ImageUniqueID="$secret" \
    -EXIF:UserComment="$secret" -EXIF:Pressure=900 -EXIF:HostComputer="$secret" \
    -EXIF:Make="make $word" -EXIF:Model="model $word" -EXIF:LensModel="lens $word" -EXIF:ImageDescription="about $word" \
    -EXIF:Artist="artist $word" -EXIF:Copyright="rights $word" -EXIF:DateTimeOriginal='2024:05:12 10:11:12' \
    -EXIF:FNumber=2.8 -EXIF:ISO=400 -EXIF:Orientation#=6 || :
  say "$1" -XMP-exif:GPSLatitude=43.5 -XMP-exif:GPSLongitude=11.25 -XMP-aux:SerialNumber="$secret" -XMP-aux:OwnerName="$secret" \
    -XMP-photoshop:City="$secret" -XMP-iptcCore:Location="$secret" -XMP-dc:Title="$secret" -XMP-exifEX:LensSerialNumber="$secret" || :
  case $1 in
    *.JPEG | *.TIFF)
      say "$1" -IPTC:City="$secret" -IPTC:Sub-location="$secret" -IPTC:Province-State="$secret" -IPTC:ContentLocationName="$secret" \
        -IPTC:Country-PrimaryLocationName="$secret" -IPTC:By-line="by $word" -IPTC:Keywords="keyword $word"
      say "$1" '-ThumbnailImage<='"$work/thumbnail.jpg"
      ;;
  esac
  case $1 in *.JPEG) say "$1" -Comment="$secret" '-Photoshop:PhotoshopThumbnail<='"$work/thumbnail.jpg" ;; esac
  case $1 in *.GIF) say "$1" -Comment="$secret" ;; esac
  case $1 in *.PNG) say "$1" -PNG:Comment="$secret" -PNG:Author="author $word" ;; esac
}

# left FILE: prints the names of tags that the place's level may not leave, as exiftool reads them.
left() {
  exiftool -a -u -U -G1 -s -ee "$1" 2>/dev/null | grep -iE \
    'GPS|Serial|Owner|UniqueID|UserComment|MakerNote|City|Location|Province|Country|Thumbnail(Image|Offset|Length)|Preview|\[XMP|\[IFD1|\[MPF|Pressure|HostComputer|^\[[^]]*\] *Comment|\[Photoshop\]'
}
# left_at_all FILE: the same, if all metadata is hidden: what is no part of the picture.
left_at_all() {
  exiftool -a -u -U -G1 -s -ee "$1" 2>/dev/null | grep -E '^\[(IFD|ExifIFD|GPS|XMP|IPTC|Photoshop|MakerNotes|PNG|MPF|InteropIFD)' |
    grep -vE '^\[IFD0\] +(Orientation|ImageWidth|ImageHeight|BitsPerSample|Compression|PhotometricInterpretation|Strip[A-Za-z]*|Samples?[A-Za-z]*|RowsPerStrip|PlanarConfiguration|Predictor|[XY]Resolution|ResolutionUnit|FillOrder|SubfileType|ImageLength|ExtraSamples|PageNumber|WhitePoint|PrimaryChromaticities) ' |
    grep -vE '^\[PNG[^]]*\] +(ImageWidth|ImageHeight|BitDepth|ColorType|Compression|Filter|Interlace|Gamma|WhitePoint[XY]|(Red|Green|Blue)[XY]|PixelsPerUnit[XY]|PixelUnits|BackgroundColor|SRGBRendering|Palette|Transparency) '
}

# shows_the_same WHAT FILE: checks that a copy has the pixels of the last uploaded image: its largest thumbnail is the same.
shows_the_same() {
  request POST /api/images -F "file=@$2"
  request GET "$(json '.images[0].thumbs["2048"]')"
  holds "$1 has the same pixels" cmp -s "$work/body" "$work/seen"
}

# take FILE: uploads it; sets $id, $auth, $original, and what its largest thumbnail shows.
take() {
  upload "$1"
  is "a file called .${1##*.} is uploaded" 201 "$status"
  id=$(json '.images[0].id')
  auth="Authorization: Bearer $(json '.images[0].delete_token')"
  original=$(json '.images[0].url')
  seen=$(json '.images[0].thumbs["2048"]')
  gives=$(json '.images[0].url_gives')
  request GET "$seen"
  mv "$work/body" "$work/seen"
}

# scan_of FILE: prints a hash of a JPEG's bytes from its first scan on.
scan_of() {
  perl -0777 -ne 'for ($at = 2; substr($_, $at, 2) ne "\xff\xda"; $at += 2 + unpack("n", substr($_, $at + 2, 2))) { }
    print substr($_, $at)' "$1" | sha256sum
}

picture JPEG "$work/thumbnail.jpg" width=160 height=120 seed=7
extension_of() {
  case $1 in JPEG) echo jpg ;; *) echo "$1" | tr '[:upper:]' '[:lower:]' ;; esac
}

seed=$$
for coder in JPEG PNG WEBP TIFF GIF HEIC AVIF JXL; do
  seed=$((seed + 1))
  file=$work/$mark.$coder
  picture "$coder" "$file" width=640 height=400 seed="$seed"
  say_all "$file"
  holds "exiftool has written what is to be hidden into a $coder" grep -qaF "$secret" "$file"
  holds "exiftool finds tags to be hidden in a $coder" test -n "$(left "$file")"
  take "$file"
  is "the address of a $coder's original gives a copy" "/copies/hide-place/$(echo "$id" | cut -c1-2)/$id.$(extension_of "$coder") copy" \
    "$original $gives"
  request GET "$original"
  is "the copy of a $coder is served as one" "200 image/$(echo "$coder" | tr '[:upper:]' '[:lower:]')" "$status $(header Content-Type)"
  is "the copy of a $coder may be kept for ever" 'public, max-age=31536000, immutable' "$(header Cache-Control)"
  cp "$work/body" "$work/copy.$coder"
  is "no tag of the hidden groups is left in the copy of a $coder" '' "$(left "$work/copy.$coder")"
  is "no hidden text is left in the copy of a $coder" 0 "$(grep -caF "$secret" "$work/copy.$coder")"
  shows_the_same "the copy of a $coder" "$work/copy.$coder"
  case $coder in
    GIF) ;;
    *)
      is "time, camera, and words are kept in the copy of a $coder" \
        "2024:05:12 10:11:12 make $word lens $word artist $word rights $word 400" \
        "$(exiftool -s3 -p '$EXIF:DateTimeOriginal $EXIF:Make $EXIF:LensModel $EXIF:Artist $EXIF:Copyright $EXIF:ISO' "$work/copy.$coder" 2>&1)"
      is "the copy of a $coder has its orientation" 6 "$(exiftool -n -s3 -EXIF:Orientation "$work/copy.$coder")"
      ;;
  esac
  request GET "/api/images/$id/original" -H "$auth"
  is "who may change a $coder gets it as it is" "200 private, no-cache" "$status $(header Cache-Control)"
  holds "who may change a $coder gets it byte for byte" cmp -s "$file" "$work/body"
done
is 'the scan of a JPEG is the same' "$(scan_of "$work/$mark.JPEG")" "$(scan_of "$work/copy.JPEG")"
is 'the credit and keywords of IPTC are kept' "by $word keyword $word" "$(exiftool -s3 -p '$IPTC:By-line $IPTC:Keywords' "$work/copy.JPEG" 2>&1)"

request GET "/api/images/$id"
is 'others are told what the address gives' copy "$(json .url_gives)"
request GET "/api/images/$id/original"
is 'others do not get the original' '401 application/problem+json' "$status $(header Content-Type)"
request GET "/api/images/$id/original" -H 'Authorization: Bearer wrong'
is 'others do not get the original with a wrong token' '403 application/problem+json' "$status $(header Content-Type)"
prefix=$(echo "$id" | cut -c1-2)
for path in "/uploads/$prefix/$id.jxl" "/made/original/$prefix/$id.jxl" "/made/uploads/$prefix/$id.jxl" "/copies/hide-all/$prefix/$id.jxl" \
  "/copies/show/$prefix/$id.jxl" "/thumbs/1/$prefix/$id.jxl" "/thumbs/0/$prefix/$id.jxl"; do
  request GET "$path"
  is "no original is to be had at ${path%%"$prefix"*}" 404 "$status"
done
request GET "/api/images/$id/original" -H "$auth" -H 'Range: bytes=0-9'
is 'the original can be had in parts, and no cache keeps it for others' '206 10 Authorization' \
  "$status $(header Content-Length) $(header Vary)"
request GET "$original" -H 'Range: bytes=0-9'
is 'the copy can be had in parts' '206 10' "$status $(header Content-Length)"
request GET "$original"
etag=$(header ETag)
request GET "$original" -H "If-None-Match: $etag"
is 'a client that has the copy is told so' 304 "$status"

# Nothing is left out of it: it takes no space of its own.
picture JPEG "$work/$mark-plain.jpg" width=320 height=200 seed=$((seed + 1))
take "$work/$mark-plain.jpg"
request GET "$original"
holds 'a file without metadata is served byte for byte' cmp -s "$work/$mark-plain.jpg" "$work/body"
plain=$original
if has_data; then
  is 'the copy of a file without metadata is a second name of the original' 2 "$(find "$data/uploads" -name "$id.*" -printf '%n')"
else
  skip 'the copy of a file without metadata is a second name of the original' 'its data folder cannot be read'
fi

# ---- other settings ----

use_gallery_with VITRINE_METADATA=hide-all
request GET "$plain"
is 'another setting gives other addresses, and those of before are not found' 404 "$status"
for coder in JPEG PNG WEBP TIFF GIF HEIC AVIF JXL; do
  seed=$((seed + 2))
  file=$work/$mark-all.$coder
  picture "$coder" "$file" width=640 height=400 seed="$seed"
  say_all "$file"
  holds "exiftool finds metadata in a $coder" test -n "$(left_at_all "$file")"
  take "$file"
  request GET "$original"
  is "hide-all: the copy of a $coder is served as one" "200 image/$(echo "$coder" | tr '[:upper:]' '[:lower:]')" "$status $(header Content-Type)"
  cp "$work/body" "$work/copy.$coder"
  is "hide-all: no tag of the hidden groups is left in the copy of a $coder" '' "$(left "$work/copy.$coder")"
  is "hide-all: no tag is left in the copy of a $coder but the picture's own" '' "$(left_at_all "$work/copy.$coder")"
  is "hide-all: no text is left in the copy of a $coder" 0 "$(grep -caE "$secret|$word" "$work/copy.$coder")"
  case $coder in
    JPEG | PNG | WEBP | TIFF)
      is "hide-all: the copy of a $coder has its orientation" 6 "$(exiftool -n -s3 -EXIF:Orientation "$work/copy.$coder")"
      ;;
  esac
  shows_the_same "hide-all: the copy of a $coder" "$work/copy.$coder"
done
is 'hide-all: the scan of a JPEG is the same' "$(scan_of "$work/$mark-all.JPEG")" "$(scan_of "$work/copy.JPEG")"

use_gallery_with VITRINE_METADATA=show
request GET "/api/images/$id"
original=$(json .url)
is 'show: the address gives the original' "/uploads/$(echo "$id" | cut -c1-2)/$id.jxl original" "$original $(json .url_gives)"
request GET "$original"
is 'show: the original is served, and may be kept for ever' '200 public, max-age=31536000, immutable' "$status $(header Cache-Control)"
holds 'show: the original is served byte for byte' cmp -s "$file" "$work/body"
request GET "/copies/hide-all/$(echo "$id" | cut -c1-2)/$id.jxl"
is 'show: there are no copies' 404 "$status"

finish_gallery
