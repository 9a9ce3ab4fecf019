#!/bin/sh
# What the page weighs on its way, and what thumbnails weigh for who takes newer formats.
# shellcheck source=bench/speed.d/lib.sh
. "${srcdir:?}/bench/speed.d/lib.sh"

modern='Accept: image/avif,image/webp,image/*,*/*;q=0.8'

# weigh PATH ENCODING: adds the bytes that come for it.
weigh() {
  request GET "$1" -H "Accept-Encoding: $2"
  [ "$status" = 200 ] || fail "$1 was answered with $status"
  echo $(($(wc -c <"$work/body"))) >>"$work/weights.$2"
  [ "$2" = identity ] || [ -n "$(header Content-Encoding)" ] || [ "$(wc -c <"$work/body")" -lt 512 ] ||
    echo "$1" >>"$work/uncompressed"
}

# parts PATH: it and what it has the browser load at once, one on a line, some more than once.
parts() {
  echo "$1"
  request GET "$1"
  [ "$status" = 200 ] || fail "$1 was answered with $status"
  case $1 in
    /) loads=$(grep -Eo '(src|href)="/[A-Za-z0-9/._-]+\.[a-z]+"' "$work/body" | cut -d '"' -f 2) ;;
    *.js) loads=$(sed -n 's|^import .*from "\./\(.*\)";|/\1|p' "$work/body") ;;
    *) loads= ;;
  esac
  for load in $loads; do
    parts "$load"
  done
}

# is_modern PATH: whether such a client gets another format.
is_modern() {
  request GET "$1" -H "$modern"
  [ "$(header Content-Type)" != image/jpeg ]
}

# thumbnails FILE: of each size, as JPEG and as a client gets it that takes AVIF and WebP. They are made at first
# sight, and that may be behind the answer.
thumbnails() {
  upload "$1"
  [ "$status" = 201 ] || fail "an upload was answered with $status"
  json '.images[0].thumbs | to_entries[] | "\(.key) \(.value)"' >"$work/thumbs"
  while read -r size path; do
    request GET "$path" -H 'Accept: image/jpeg'
    [ "$status" = 200 ] || fail "$path was answered with $status"
    add "jpeg.$size" "$(wc -c <"$work/body")"
    for _ in 1 2 3 4 5 6 7 8 9 10; do
      is_modern "$path" && offers=yes && break
      [ "$offers" != no ] || break
      sleep 0.3
    done
    offers=${offers:-no}
    add "modern.$size" "$(wc -c <"$work/body")"
    header Content-Type >>"$work/types"
  done <"$work/thumbs"
}

fill_gallery data 1000
open_gallery data
offers= # no: this gallery has JPEGs alone
for file in "$photograph" "$photographs/rhythm.jpg" "$photographs/Infinite-Sea_by_Aury88.jpg" \
  "$photographs/gnome/adwaita-l.webp" "$photographs/focal-ubuntukylin.png"; do
  thumbnails "$file"
done
echo "speed: bytes: thumbnails came as $(sort -u "$work/types" | xargs)"

: >"$work/uncompressed"
parts / | sort -u >"$work/parts"
echo /api/images >>"$work/parts"
while read -r path; do
  weigh "$path" gzip
  weigh "$path" identity
done <"$work/parts"
for encoding in gzip identity; do
  add "$encoding" "$(awk '{ sum += $1 } END { print sum / 1000 }' "$work/weights.$encoding")"
done
add uncompressed "$(wc -l <"$work/uncompressed")"
sed 's/^/speed: bytes: not compressed: /' "$work/uncompressed"

row page kB 'page, scripts, styles and first listing of 50, gzip' gzip against 'as they are' identity
row uncompressed '' 'parts of these over 512 bytes that came uncompressed' uncompressed at_most 0
for size in 320 640; do
  row "thumbs.$size" B "thumbnails of $size px of five pictures, for who takes AVIF and WebP" "modern.$size" \
    against JPEG "jpeg.$size" at_most 0.8
done
