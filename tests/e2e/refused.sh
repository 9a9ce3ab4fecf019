#!/bin/sh
# Uploads that are refused: with the right status, a reason, and nothing stored.
# shellcheck source=tests/e2e/lib.sh
. "${srcdir:-.}/tests/e2e/lib.sh"

use_gallery

count=$(image_count)

# ---- files that are not images ----

echo 'just words' >"$work/text.jpg"
echo '<!doctype html><script>alert(1)</script>' >"$work/page.png"
echo '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>' >"$work/drawing.svg"
printf '%%PDF-1.7\n1 0 obj\n' >"$work/paper.pdf"
printf '%%!PS-Adobe-3.0\n' >"$work/paper.ps"
printf 'push graphic-context\nviewbox 0 0 9 9\nimage over 0,0 0,0 "url:http://127.0.0.1/"\n' >"$work/draw.mvg"
printf 'PK\003\004\024\000\000\000' >"$work/x.jpg"
: >"$work/empty.jpg"
for file in text.jpg page.png drawing.svg paper.pdf paper.ps draw.mvg x.jpg; do
  upload "$work/$file"
  refused "$file" 415 'not a JPEG, PNG, GIF, WebP, AVIF, HEIC, JPEG XL or TIFF'
done
upload "$work/empty.jpg"
refused 'an empty file' 415 'the file is empty'

# A TIFF of one page, 160 by 120, with the tag of DNG's version: the thumbnail of a raw file.
printf 'II*\0\010\0\0\0\003\0\0\001\003\0\001\0\0\0\240\0\0\0\001\001\003\0\001\0\0\0\170\0\0\0\022\306\001\0\004\0\0\0\001\004\0\0\0\0\0\0' \
  >"$work/raw.dng"
upload "$work/raw.dng"
refused 'a DNG' 415 'the file is a DNG camera raw file, which cannot be shown: export it as a JPEG, and upload that'
printf 'FUJIFILMCCD-RAW 0201FF389501' >"$work/raw.raf"
upload "$work/raw.raf"
refused 'a RAF' 415 'the file is a Fujifilm RAF camera raw file'

# ---- broken images ----

for kind in JPEG:jpg PNG:png GIF:gif WEBP:webp AVIF:avif HEIC:heic TIFF:tiff JXL:jxl; do
  extension=${kind#*:}
  whole=$work/whole.$extension
  picture "${kind%:*}" "$whole" width=500 height=400 seed=$$
  size=$(stat -c %s "$whole")
  for part in 2 10 90; do
    head -c $((size * part / 100)) "$whole" >"$work/cut.$extension"
    upload "$work/cut.$extension"
    like "the first $part % of a $extension are refused" '^(415|422)$' "$status"
    like "the first $part % of a $extension are refused with the reason" 'cut off|corrupt|not a JPEG' \
      "$(json '.images[0].error.detail')"
  done
  # Overwrites the middle, which is pixel data in most formats.
  { head -c $((size / 2)) "$whole"; head -c 64 /dev/zero | tr '\0' '\377'; tail -c +$((size / 2 + 65)) "$whole"; } \
    >"$work/noise.$extension"
  upload "$work/noise.$extension"
  like "noise in a $extension is never answered with an error of the server" '^(201|200|422)$' "$status"
  [ "$status" -eq 422 ] || count=$(image_count)
done

# ---- bombs: refused by their headers, before a pixel is decoded ----

# png_header SIZE: a PNG of that width and height (a printf format of eight bytes), with a little data
# and an end.
png_header() {
  # shellcheck disable=SC2059
  printf "\\211PNG\\r\\n\\032\\n\\0\\0\\0\\015IHDR$1\\010\\002\\0\\0\\0\\0\\0\\0\\0"
  printf '\0\0\0\004IDATxxxx\0\0\0\0\0\0\0\0IEND\256B`\202'
}
png_header '\0\0\165\060\0\0\165\060' >"$work/bomb.png"
upload "$work/bomb.png"
refused 'an image of 30000 by 30000 pixels' 422 '30000 by 30000 pixels; at most 100.0 megapixels'

picture GIF "$work/frames.gif" width=2 height=2 frames=10000
upload "$work/frames.gif"
refused 'an image of 10000 frames' 422 '10000 frames; at most 1000'

png_header '\0\001\021\160\0\0\0\001' >"$work/long.png"
upload "$work/long.png"
refused 'an image with a side of 70000 pixels' 422 'a side may have 65535'

# ---- bodies that are not forms ----

picture PNG "$work/good.png" seed=$(($$ + 1))

# hand_made HEADERS: writes a form with one part of these header lines (a printf format).
hand_made() {
  {
    # shellcheck disable=SC2059
    printf -- "--b\r\n$1\r\n\r\n"
    cat "$work/good.png"
    printf '\r\n--b--\r\n'
  } >"$work/form"
}
disposition='Content-Disposition: form-data; name="file"; filename="a.png"'

hand_made "$disposition"
form 'text/plain' "$work/form"
refused 'a body that is not multipart' 400 'must be multipart/form-data'
form '' "$work/form"
refused 'a body without a content type' 400 'must be multipart/form-data'
form 'application/x-www-form-urlencoded' "$work/form"
refused 'a form that is not multipart' 400 'must be multipart/form-data'
form 'multipart/form-data' "$work/form"
refused 'a form without a boundary' 400 'no multipart boundary'
form "multipart/form-data; boundary=$(printf '%071d' 0)" "$work/form"
refused 'a form with a boundary of 71 characters' 400 'over 70 characters'
form 'multipart/form-data; boundary=c' "$work/form"
refused 'a form that does not contain its boundary' 400 'no multipart delimiter'
hand_made "$disposition\r\nX-Long: $(printf '%08200d' 0)"
form 'multipart/form-data; boundary=b' "$work/form"
refused 'a part with headers over 8 KiB' 400 'over 8192 bytes'
hand_made "$disposition"
head -c -8 "$work/form" >"$work/endless"
form 'multipart/form-data; boundary=b' "$work/endless"
refused 'a form without its end' 400 'ends before its closing'
hand_made 'Content-Disposition: form-data; name="file"'
form 'multipart/form-data; boundary=b' "$work/form"
refused 'a part without a file name' 400 'no file name'
hand_made 'Content-Type: image/png'
form 'multipart/form-data; boundary=b' "$work/form"
refused 'a part without Content-Disposition' 400 'no Content-Disposition'
hand_made 'Content-Disposition: form-data; name="file"; filename=""'
form 'multipart/form-data; boundary=b' "$work/form"
refused 'a form whose file field is empty' 400 'no file was chosen'
printf -- '--b--\r\n' >"$work/form"
form 'multipart/form-data; boundary=b' "$work/form"
refused 'a form without a part' 400 'no file'
: >"$work/form"
form 'multipart/form-data; boundary=b' "$work/form"
refused 'a form without a body' 400 .

# ---- nothing is stored ----

is 'no refused upload has added an image' "$count" "$(image_count)"
if has_data; then
  is 'no refused upload has left an unfinished file' '' "$(find "$data/tmp" -type f)"
  is 'there are as many originals as images after refused uploads' "$count" "$(find "$data/uploads" -type f | wc -l)"
else
  skip 'no refused upload has left an unfinished file' 'the data folder is out of reach'
fi
if is_own; then
  holds 'no refused upload has made a worker use more than 200 MB' \
    sh -c "for pid in \$1; do sed -n 's/^VmHWM:[^0-9]*\([0-9]*\) kB/\1/p' /proc/\$pid/status; done |
      awk '\$1 > 200000 { print; bad = 1 } END { exit bad }'" sh "$(workers image)"
fi

finish_gallery
