#!/bin/sh
# Listings under load, compared with a static file of the same size from the same nginx, with 1,000 and with 1,000,000 images.
# shellcheck source=bench/speed.d/lib.sh
. "${srcdir:?}/bench/speed.d/lib.sh"

# static FILE NAME: copies it to where nginx serves it.
static() {
  install -m 644 "$1" "$SPEED_SHARE/www/$2" || fail 'nothing can be put beside the page'
}

# prepare NAME IMAGES: starts a gallery with so many images, and makes the static files.
prepare() {
  fill_gallery "$1" "$2"
  open_gallery "$1"
  copy_photographs 1
  upload_all "$work/photographs/1.jpg" || fail 'the upload was not answered with 201'
  request GET /api/images
  [ "$status $(json .total)" = "200 $(($2 + 1))" ] || fail 'the listing is not that of the gallery'
  cursor=$(json .next)
  static "$work/body" "bench-speed-$1.json"
  request GET /api/images -H 'Accept-Encoding: gzip'
  [ "$(header Content-Encoding)" = gzip ] || fail 'the listing is not compressed'
  # Compressed, and of a type that nginx does not compress again.
  static "$work/body" "bench-speed-$1.bin"
  request GET "/api/images?cursor=$cursor"
  [ "$status" = 200 ] || fail 'there is no second page'
  static "$work/body" "bench-speed-$1-page.json"
  eval "url_$1=\$url cursor_$1=\$cursor"
}

# measure NAME: measures one round.
measure() {
  eval "url=\$url_$1 cursor=\$cursor_$1"
  load "$1.hot" /api/images
  load "$1.hot_static" "/bench-speed-$1.json"
  load "$1.gzip" /api/images 'Accept-Encoding: gzip'
  load "$1.gzip_static" "/bench-speed-$1.bin" 'Accept-Encoding: gzip'
  load "$1.page" "/api/images?cursor=$cursor"
  load "$1.page_static" "/bench-speed-$1-page.json"
  load "$1.name" '/api/images?sort=name'
}

# rows NAME WHAT: writes the rows of that gallery.
rows() {
  row "$1.hot" /s "$2: first page" "$1.hot" against static "$1.hot_static" at_least 0.5
  row "$1.gzip" /s "$2: first page, gzip" "$1.gzip" against static "$1.gzip_static" at_least 0.5
  row "$1.page" /s "$2: second page" "$1.page" against static "$1.page_static" at_least 0.15
  row "$1.name" /s "$2: by name" "$1.name" against static "$1.page_static" at_least 0.15
}

sizes=thousand
prepare thousand 1000
[ -n "$SPEED_QUICK" ] || {
  prepare million 1000000
  sizes='thousand million'
}
for _ in $(rounds 7 2); do
  for size in $sizes; do
    measure "$size"
  done
done
rows thousand '1,000 images'
[ -n "$SPEED_QUICK" ] || {
  rows million '1,000,000 images'
  row growth.hot /s '1,000,000 images: first page' million.hot against '1,000 images' thousand.hot at_least 0.9
  row growth.page /s '1,000,000 images: second page' million.page against '1,000 images' thousand.page at_least 0.9
  row growth.name /s '1,000,000 images: by name' million.name against '1,000 images' thousand.name at_least 0.9
}
