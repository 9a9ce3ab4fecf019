#!/bin/sh
# Uploads that are accepted: each format, known bytes, concurrent uploads, several files in a form, all sorts of names.
# shellcheck source=tests/e2e/lib.sh
. "${srcdir:-.}/tests/e2e/lib.sh"

use_gallery

# ---- each format ----

fields='[.images[0]|.id,.name,.type,.width,.height,.bytes,.created,.url,.thumbs["320"],
  .thumbs["1280"],.delete_token]|map(. != null)|all'

try_format() {
  coder=$1
  extension=$2
  type=$3
  file=$work/$mark-$extension.$extension
  picture "$coder" "$file" width=400 height=300 seed=$$
  upload "$file"
  is "$type: the upload is answered with 201" 201 "$status"
  is "$type: the answer has every field" true "$(json "$fields")"
  is "$type: the answer has type, size, bytes and name" \
    "$type 400 300 $(stat -c %s "$file") $mark-$extension.$extension" \
    "$(json '.images[0]|"\(.type) \(.width) \(.height) \(.bytes) \(.name)"')"
  like "$type: the field created is a time" '^20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9:]{8}\.[0-9]{3}Z$' \
    "$(json '.images[0].created')"
  is "$type: Location leads to the image" "/api/images/$(json '.images[0].id')" "$(header Location)"
  is "$type: the id is the beginning of the hash" "$(sha256sum "$file" | cut -c 1-32)" "$(json '.images[0].id')"
  original=$(json '.images[0].url')
  small=$(json '.images[0].thumbs["320"]')
  request GET "$original"
  is "$type: the original is served" 200 "$status"
  is "$type: the original is served with its media type" "$type" "$(header Content-Type)"
  holds "$type: the original is served byte for byte" cmp "$file" "$work/body"
  request GET "$small"
  is "$type: the thumbnail is served as JPEG" "200 image/jpeg" "$status $(header Content-Type)"
  like "$type: the thumbnail has 320 by 240 pixels" '320x240' "$(file "$work/body")"
}

try_format JPEG jpg image/jpeg
try_format PNG png image/png
try_format GIF gif image/gif
try_format WEBP webp image/webp
try_format AVIF avif image/avif
try_format HEIC heic image/heic
try_format TIFF tiff image/tiff
try_format JXL jxl image/jxl

picture PNG "$work/alpha.png" width=400 height=300 seed=$$ alpha=1
upload "$work/alpha.png"
request GET "$(json '.images[0].thumbs["320"]')"
is 'the thumbnail of an image with transparency is WebP' '200 image/webp' "$status $(header Content-Type)"

# ---- the same bytes again ----

upload "$work/$mark-jpg.jpg" -F 'ignored=;type=text/plain' -H 'Accept: application/json'
is 'a field that is not a file is ignored' '200 1' "$status $(json '.images | length')"
request POST /api/images --data-binary "@$work/$mark-jpg.jpg" -H 'Content-Type: application/octet-stream'
is 'a body without a media type is recognised by its content' 200 "$status"

request POST /api/images -F "file=@$work/$mark-jpg.jpg;filename=other-$mark.jpg"
is 'an upload of known bytes is answered with 200' 200 "$status"
is 'an upload of known bytes keeps the name' "$mark-jpg.jpg" "$(json '.images[0].name')"
is 'an upload of known bytes is answered without a token' null "$(json '.images[0].delete_token')"

picture JPEG "$work/many.jpg" width=600 height=400 seed=$(($$ + 1))
before=$(image_count)
clients=
for i in 1 2 3 4 5 6 7 8 9 10; do
  curl -s -o "$work/many.$i" -w '%{http_code}\n' \
    -F "file=@$work/many.jpg;filename=many-$mark.jpg" "$url/api/images" >"$work/many.$i.status" &
  clients="$clients $!"
done
# shellcheck disable=SC2086
wait $clients
is 'of ten concurrent uploads of the same bytes one gets 201 and nine get 200' '      9 200
      1 201' "$(sort "$work"/many.*.status | uniq -c)"
is 'ten concurrent uploads of the same bytes get the same id' 1 "$(cat "$work"/many.? "$work"/many.10 | jq -r '.images[0].id' | sort -u | wc -l)"
is 'of ten concurrent uploads of the same bytes one gets a token' 1 "$(cat "$work"/many.? "$work"/many.10 |
  jq -r '.images[0].delete_token // empty' | wc -l)"
is 'ten concurrent uploads of the same bytes add one image' $((before + 1)) "$(image_count)"
request GET "/api/images?q=many-$mark"
is 'ten concurrent uploads of the same bytes add one row' 1 "$(json '.images|length')"

# ---- several files in one form ----

for i in 1 2 3 4; do picture PNG "$work/form$i.png" seed=$(($$ * 8 + i)) width=90 height=60; done
head -c 100 "$work/form4.png" >"$work/broken.png"
request POST /api/images -F "file=@$work/form1.png" -F "file=@$work/form2.png" \
  -F "file=@$work/broken.png" -F "file=@$work/form3.png" -F "file=@$work/form4.png"
is 'a form of five files, one of them broken, is answered with 207' 207 "$status"
is 'the answer for five files has a status for each, in order' '201 201 422 201 201' \
  "$(json '[.images[].status]|join(" ")')"
is 'the answer for five files names the broken one' broken.png "$(json '.images[2].name')"
like 'the answer for five files says why the broken one is refused' 'cut off' "$(json '.images[2].error.detail')"
is 'the four other files of the form are stored' '200 200 200 200' "$(
  for id in $(json '.images[]|.id // empty'); do
    curl -s -o "$work/one" -w '%{http_code} ' "$url/api/images/$id"
  done | sed 's/ $//'
)"

# ---- one image as the body ----

picture WEBP "$work/raw.webp" seed=$(($$ + 2)) width=120 height=80
request POST /api/images --data-binary "@$work/raw.webp" -H 'Content-Type: image/webp' \
  -H "Content-Disposition: attachment; filename=\"raw $mark.webp\""
is 'an image as the body is accepted' 201 "$status"
is 'an image as the body has the name in Content-Disposition' "raw $mark.webp" "$(json '.images[0].name')"
request POST /api/images --data-binary "@$work/raw.webp" -H 'Content-Type: image/webp' \
  -H 'Transfer-Encoding: chunked'
is 'an image as a chunked body is accepted' 200 "$status"

# ---- names ----

# name_test WHAT WANTED CONTENT-DISPOSITION-PARAMETER: the parameter is a printf format.
name_seed=$(($$ * 16))
name_test() {
  name_seed=$((name_seed + 1))
  picture PNG "$work/name.png" seed=$name_seed width=33 height=22
  {
    printf -- '--b\r\nContent-Disposition: form-data; name="file"; '
    # shellcheck disable=SC2059
    printf "$3"
    printf '\r\nContent-Type: image/png\r\n\r\n'
    cat "$work/name.png"
    printf '\r\n--b--\r\n'
  } >"$work/form"
  form 'multipart/form-data; boundary=b' "$work/form"
  is "an uploaded name: $1" "201 $2" "$status $(json '.images[0].name')"
}

name_test 'folders are removed' passwd 'filename="../../../etc/passwd"'
name_test 'folders with backslashes are removed' evil.png 'filename="C:\\Windows\\evil.png"'
name_test 'quotes are kept' 'a "b".png' 'filename="a \\"b\\".png"'
name_test '%22 stands for a quote, as browsers write it' 'a "b".png' 'filename="a %%22b%%22.png"'
name_test 'newlines are removed' ab.png 'filename="a%%0D%%0Ab.png"'
name_test 'NUL is removed' ab.png 'filename="a\000b.png"'
name_test 'markup is kept as text' '<b onclick=x>.png' 'filename="<b onclick=x>.png"'
name_test 'UTF-8 is kept' 'Zürich 東京 🗻.png' 'filename="Zürich 東京 🗻.png"'
name_test 'filename* of RFC 8187 is preferred' 'naïve €.png' "filename=\"x.png\"; filename*=UTF-8''na%%c3%%afve%%20%%e2%%82%%ac.png"
name_test '300 bytes are shortened to 255' "$(printf '%0251d.png' 0)" "filename=\"$(printf '%0296d.png' 0)\""
name_test 'a name of which nothing is left becomes untitled' untitled 'filename=".."'

if has_data; then
  is 'no name is part of a path on the disk' '' "$(find "$data/uploads" "$data/thumbs" -type f |
    grep -Ev '/(uploads|thumbs/[0-9]+)/([0-9a-f]{2})/\2[0-9a-f]{30}\.(jpg|png|gif|webp|avif|heic|tiff|jxl)$')"
  is 'no upload has left an unfinished file' '' "$(find "$data/tmp" -type f)"
else
  skip 'no name is part of a path on the disk' 'the data folder is out of reach'
fi

# ---- orientation ----

for i in 1 2 3 4 5 6 7 8; do
  picture JPEG "$work/turned.jpg" width=400 height=300 orientation=$i seed=$(($$ + i))
  upload "$work/turned.jpg"
  is "orientation $i: width and height are those of the upright image" '400 300' "$(json '.images[0]|"\(.width) \(.height)"')"
  request GET "$(json '.images[0].thumbs["320"]')"
  like "orientation $i: the thumbnail is upright" '320x240' "$(file "$work/body")"
  is "orientation $i: the thumbnail has no EXIF" 0 "$(grep -c Exif "$work/body")"
done

# ---- a form without scripts ----

picture PNG "$work/plain.png" seed=$(($$ + 3)) width=70 height=50
upload "$work/plain.png" -H 'Accept: text/html,application/xhtml+xml,*/*;q=0.8'
is 'an upload by a form without JavaScript leads back to the page' '303 /' "$status $(header Location)"
echo 'no image' >"$work/<b>.txt"
upload "$work/<b>.txt" -H 'Accept: text/html'
is 'a refused upload by a form without JavaScript is answered with a page' '415 text/html; charset=utf-8' "$status $(header Content-Type)"
like 'the page of a refused upload has the escaped name and the reason' '&lt;b&gt;\.txt: the file is not a JPEG' "$(cat "$work/body")"

finish_gallery
