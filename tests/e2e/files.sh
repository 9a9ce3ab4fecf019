#!/bin/sh
# What of the data folder is to be had: pictures by their names, and nothing else, by no trick; not even
# where somebody has put a link in a picture's place.
# shellcheck source=tests/e2e/lib.sh
. "${srcdir:-.}/tests/e2e/lib.sh"

is_own || bail_skip 'this test puts links into the data folder'

start_gallery VITRINE_WORKERS=1
picture JPEG "$work/a.jpg" width=800 height=600 seed=$$
upload "$work/a.jpg"
id=$(json '.images[0].id')
prefix=$(echo "$id" | cut -c 1-2)
copy=$(json '.images[0].url')
original=/api/images/$id/original
auth="Authorization: Bearer $(json '.images[0].delete_token')"
thumb=$(json '.images[0].thumbs["320"]')
echo 'a secret' >"$work/secret"
echo 'a secret' >"$data/uploads/secret"
echo 'a secret' >"$data/uploads/$prefix/.secret.jpg"

# keeps PATH...: checks that each is refused.
keeps() {
  for path in "$@"; do
    request GET "$path"
    like "$path is refused with 400 or 404" '^(400|404)$' "$status"
    is "$path discloses no content of a file" 0 "$(grep -c 'secret\|SQLite\|root:' "$work/body")"
  done
}

# ---- folders, and other files than pictures ----

keeps /uploads /uploads/ "/uploads/$prefix" "/uploads/$prefix/" /thumbs/ /thumbs/320/ "/thumbs/320/$prefix/" /listing/ \
  /photoswipe /photoswipe/ /tmp/ /run/ /made/ /problem
keeps /listing/first.json /listing/first.json.gz "/made$thumb" /catalogue.sqlite /catalogue.sqlite-wal /metrics.x \
  /run/api.sock /run/nginx/nginx.conf /uploads/secret "/uploads/$prefix/.secret.jpg" /.secret /.git/config \
  "/uploads/$prefix/$id.jpg.gz" "/uploads/$prefix/$id" "/uploads/$prefix/$id.jpg/" "/uploads/$prefix/$id.jpg/x" \
  "/thumbs/320/$prefix/$id.twin" "/thumbs/320/$prefix/$id.same"

# ---- tricks with paths ----

for out in .. ../ ..%2f %2e%2e/ %2e%2e%2f .%2e/ ..%5c ..%c0%af %252e%252e%252f ..//; do
  keeps "/uploads/${out}catalogue.sqlite" "/uploads/$prefix/$out${out}catalogue.sqlite" \
    "/thumbs/320/$prefix/$out$out${out}catalogue.sqlite" "/$out$out$out$out$out${out}etc/passwd"
done
keeps "/uploads//etc/passwd" "//etc/passwd" "/uploads/$prefix/$id.jpg%00.sqlite" "/uploads/$prefix/%00$id.jpg" \
  '/uploads/../catalogue.sqlite%00.jpg' "/uploads/$prefix/$id.jpg%2f..%2f.secret.jpg" '/uploads;/secret' '/uploads/secret%20' \
  '/uploads/secret.' '/UPLOADS/secret' "/uploads/$prefix/$id.JPG"
keeps "/uploads/$prefix/$id.jpg" "/made/original/$prefix/$id.jpg" "/thumbs/1/$prefix/$id.jpg" "/copies/hide-place/$prefix/" \
  "/copies/hide-place/$prefix/../../../catalogue.sqlite" "/copies/hide-all/$prefix/$id.jpg" "/copies/show/$prefix/$id.jpg" \
  "/copies/hide-place/$prefix/$id.png" "/copies/hide-place/$prefix/$id.none" "/copies/1/$prefix/$id.jpg"
request GET "$copy"
is 'the copy itself is served' 200 "$status"
request GET "$original" -H "$auth"
is 'the original itself is served to those who may change it' 200 "$status"

# ---- links ----

# links_out WHAT PATH FILE [STATUS]: checks that a link in place of the file is not followed.
links_out() {
  for target in "$work/secret" /etc/passwd "../../../secret"; do
    mv "$3" "$work/kept"
    ln -s "$target" "$3"
    request GET "$2" -H 'Accept: image/webp' -H "$auth"
    is "$1: a link to $target is not followed" 0 "$(grep -c 'secret\|root:' "$work/body")"
    [ -z "${4-}" ] || is "$1: a request that meets a link to $target is answered with $4" "$4" "$status"
    rm "$3"
    mv "$work/kept" "$3"
  done
}
links_out 'an original' "$original" "$data/uploads/$prefix/$id.jpg" 404
links_out 'a copy' "$copy" "$data/thumbs/1/$prefix/$id.jpg" 404
links_out 'a thumbnail' "$thumb" "$data$thumb"
request GET "$thumb" -H 'Accept: image/webp'
has_variant() {
  request GET "$thumb" -H 'Accept: image/webp'
  find "$data/thumbs/320" -name "$id.twin" -o -name "$id.same" | grep -q .
}
eventually 'there is a WebP variant, or the JPEG in its place' has_variant
variant=$(find "$data/thumbs/320" -name "$id.twin" -o -name "$id.same")
links_out 'a WebP variant' "$thumb" "$variant"
links_out 'the first page of the listing' /api/images "$data/listing/first.json" 200
is 'a worker answers if the first page is a link' 1 "$(json .total)"

# A link in place of a folder, to a folder that contains a file of the right name.
mkdir -p "$work/elsewhere"
cp "$work/secret" "$work/elsewhere/$id.jpg"
mv "$data/uploads/$prefix" "$work/kept"
ln -s "$work/elsewhere" "$data/uploads/$prefix"
request GET "$original" -H "$auth"
is 'a link in place of a folder is not followed' '404 0' "$status $(grep -c secret "$work/body")"
rm "$data/uploads/$prefix"
mv "$work/kept" "$data/uploads/$prefix"
request GET "$original" -H "$auth"
is 'the original is served again once the link is removed' 200 "$status"

finish_gallery
