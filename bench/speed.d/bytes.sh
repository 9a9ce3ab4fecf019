#!/bin/sh
# The bytes of the page as it is sent, and of thumbnails for clients that accept newer formats.
# shellcheck source=bench/speed.d/lib.sh
. "${srcdir:?}/bench/speed.d/lib.sh"

modern='Accept: image/avif,image/webp,image/*,*/*;q=0.8'

# weigh PATH ENCODING: adds the bytes that are sent for it.
weigh() {
  request GET "$1" -H "Accept-Encoding: $2"
  [ "$status" = 200 ] || fail "$1 was answered with $status"
  wc -c <"$work/body" >>"$work/weights.$2"
  [ "$2" = identity ] || [ -n "$(header Content-Encoding)" ] || [ "$(wc -c <"$work/body")" -lt 512 ] ||
    echo "$1" >>"$work/uncompressed"
}

# parts PATH: prints it and the files that a browser loads at once because of it, one on each line.
seen=
parts() {
  case " $seen " in *" $1 "*) return ;; esac
  seen="$seen $1"
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

# take FILE: uploads it, and notes its thumbnails as lines of size, path and file.
take() {
  upload "$1"
  [ "$status" = 201 ] || fail "an upload was answered with $status"
  json '.images[0].thumbs | "320 \(.["320"])", "640 \(.["640"])"' | sed "s|\$| $1|" >>"$work/thumbs"
}

# ask: prints the types of all thumbnails that a client gets that accepts AVIF and WebP.
ask() {
  while read -r size path _; do
    request GET "$path" -H "$modern"
    [ "$status" = 200 ] || fail "$path was answered with $status"
    header Content-Type
  done <"$work/thumbs"
}

# wait_for_types: waits until all are made, since a variant may be made after the first answer.
wait_for_types() {
  types=
  for _ in 1 2 3 4 5 6 7 8 9 10; do
    types_before=$types
    types=$(ask) || exit 1
    [ "$types" != "$types_before" ] || break
    sleep 1
  done
}

# compare: compares each thumbnail as JPEG with what such a client gets, in bytes and in likeness to a reference.
compare() {
  while read -r size path file; do
    request GET "$path" -H 'Accept: image/jpeg'
    [ "$status" = 200 ] || fail "$path was answered with $status"
    mv "$work/body" "$work/thumb.jpg"
    request GET "$path" -H "$modern"
    sent=$work/thumb.$(header Content-Type | cut -d / -f 2)
    mv "$work/body" "$sent"
    reference "$file" "$work/thumb.jpg"
    quality "$work/thumb.jpg" "jpeg.$size"
    add "jpeg.$size" "$(wc -c <"$work/thumb.jpg")"
    quality "$sent" "modern.$size"
    add "modern.$size" "$(wc -c <"$sent")"
  done <"$work/thumbs"
}

fill_gallery data 1000
open_gallery data
take "$photograph"
take "$photographs/focal-ubuntukylin.png"
[ -n "$SPEED_QUICK" ] || {
  take "$photographs/rhythm.jpg"
  take "$photographs/Infinite-Sea_by_Aury88.jpg"
  take "$photographs/gnome/adwaita-l.webp"
}
wait_for_types
echo "speed: bytes: thumbnails came as $(echo "$types" | sort | uniq -c | xargs)"
compare

: >"$work/uncompressed"
parts / >"$work/parts"
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
  row "thumbs.$size" B "thumbnails of $size px, for clients that accept AVIF and WebP" "modern.$size" \
    against JPEG "jpeg.$size" at_most 0.8
  row "ssim.$size" '' "the same, SSIM" "modern.$size.ssim" against JPEG "jpeg.$size.ssim" at_least 0.995
done
