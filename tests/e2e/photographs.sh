#!/bin/sh
# Real photographs, of a Debian wallpapers package: in and out, byte for byte, with thumbnails.
# shellcheck source=tests/e2e/lib.sh
. "${srcdir:-.}/tests/e2e/lib.sh"

photographs=/usr/share/backgrounds
[ -e "$photographs/Kleiber_by_Lukas_Baubkus.jpg" ] ||
  bail_skip 'there are no photographs: install lomiri-wallpapers-20.04 and gnome-backgrounds'

use_gallery

# size_of FILE: "width height", as file(1) sees it.
size_of() {
  file -b "$1" | grep -Eo ', [0-9]+x[0-9]+' | tail -n 1 | tr -d ', ' | tr x ' '
}

# try FILE THUMB-1280 THUMB-640 THUMB-320: sizes as "width height".
try() {
  name=$(basename "$1")
  upload "$1"
  like "$name is accepted" '^20[01]$' "$status"
  details=$(cat "$work/body")
  request GET "$(printf '%s' "$details" | jq -r '.images[0].url')"
  is "$name has a copy for everybody, of the same shape" "200 $(file -b --mime-type "$1") $(size_of "$1")" \
    "$status $(header Content-Type) $(size_of "$work/body")"
  token=$(printf '%s' "$details" | jq -r '.images[0].delete_token // empty')
  if [ -n "$token" ]; then
    request GET "/api/images/$(printf '%s' "$details" | jq -r '.images[0].id')/original" -H "Authorization: Bearer $token"
    holds "$name is given back byte for byte" cmp "$1" "$work/body"
  else
    skip "$name is given back byte for byte" 'it was in the gallery before'
  fi
  for size in 1280 640 320; do
    request GET "$(printf '%s' "$details" | jq -r ".images[0].thumbs[\"$size\"]")"
    is "$name has a thumbnail of $size with the right shape" "200 image/jpeg $2" \
      "$status $(header Content-Type) $(size_of "$work/body")"
    shift
  done
}

try "$photographs/Kleiber_by_Lukas_Baubkus.jpg" '1280 720' '640 360' '320 180'
try "$photographs/Infinite-Sea_by_Aury88.jpg" '1280 1280' '640 640' '320 320'
try "$photographs/Fossa_by_Jasper_Roks.jpg" '1280 720' '640 360' '320 180'
try "$photographs/gnome/adwaita-l.webp" '1280 1280' '640 640' '320 320'
try "$photographs/gnome/wood-d.webp" '1280 1280' '640 640' '320 320'

# Several files in one form.
request POST /api/images -F "file=@$photographs/Fossa_by_Jasper_Roks.jpg" \
  -F "file=@$photographs/Painting-Colors_by__herobrine7gamer.jpg"
like 'two photographs in one form are accepted' '^20[01]$' "$status"
is 'two photographs in one form are both stored' 'Fossa_by_Jasper_Roks.jpg Painting-Colors_by__herobrine7gamer.jpg' \
  "$(json '[.images[].name]|join(" ")')"

# Decoding these takes tens of MB, which malloc would keep.
have_given_back() {
  for worker in $(workers image); do
    [ "$(sed -n 's/^RssAnon:[[:space:]]*\([0-9]*\).*/\1/p' "/proc/$worker/status")" -lt 8192 ] || return 1
  done
}
if ! is_own || [ -n "${VITRINE_TEST_PATIENCE:-}" ] || grep -q libasan "$VITRINE_TEST_LIBEXEC/vitrine.fcgi"; then
  skip 'idle workers have given back the memory that the photographs took' 'the workers cannot be seen, or keep what is freed'
else
  eventually 'idle workers have given back the memory that the photographs took' have_given_back
fi

finish_gallery
