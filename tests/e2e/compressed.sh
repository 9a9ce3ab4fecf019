#!/bin/sh
# What travels compressed: each file of the page beforehand, JSON as it goes.
# shellcheck source=tests/e2e/lib.sh
. "${srcdir:-.}/tests/e2e/lib.sh"
www=${srcdir:-.}/www

use_gallery

# ---- what the installation holds ----

if is_own; then
  installed=${VITRINE_TEST_LIBEXEC%/libexec/vitrine}/share/vitrine/www
  (cd "$installed" && find . -type f -not -name '*.gz' | sort) >"$work/files"
  (cd "$installed" && find . -type f -name '*.gz' | sed 's/[.]gz$//' | sort) >"$work/twins"
  is 'every file of the page has its twin, and there is no other' "$(cat "$work/files")" "$(cat "$work/twins")"
  is 'there are a dozen at least' true "$([ "$(wc -l <"$work/files")" -ge 12 ] && echo true)"
  # told FILE: what is wrong with its twin.
  told() {
    gzip -dc "$installed/$1.gz" | cmp -s - "$installed/$1" || echo "$1: other bytes"
    [ "$(stat -c %.Y "$installed/$1")" = "$(stat -c %.Y "$installed/$1.gz")" ] || echo "$1: another time"
    [ "$(od -An -j4 -N4 -tu4 "$installed/$1.gz" | tr -d ' ')" = 0 ] || echo "$1: a clock in it"
  }
  is 'twins have the bytes and the time of what they are of, and no clock in them' '' \
    "$(while read -r file; do told "$file"; done <"$work/files")"
else
  skip 'every file of the page has its twin, and there is no other' 'this gallery is installed elsewhere'
fi

# ---- what is sent ----

# What nginx would send if it compressed it for each client anew, as it did: the most that may travel.
on_the_fly() {
  gzip -5 -c "$1" | wc -c
}

for file in "$www"/*.html "$www"/*.js "$www"/*.css "$www"/*.svg; do
  path=/${file##*/}
  request GET "$path"
  is "$path: as it is for who takes nothing else" "200 Accept-Encoding" "$status$(header Content-Encoding) $(header Vary)"
  holds "$path: byte for byte" cmp -s "$work/body" "$file"
  plain_tag=$(header ETag)
  plain_type=$(header Content-Type)
  request GET "$path" -H 'Accept-Encoding: br, gzip'
  tag=$(header ETag)
  is "$path: compressed" '200 gzip Accept-Encoding' "$status $(header Content-Encoding) $(header Vary)"
  is "$path: of the same type" "$plain_type" "$(header Content-Type)"
  is "$path: from the disk, so its length is known" "$(wc -c <"$work/body")" "$(header Content-Length)"
  is "$path: the same bytes inside" "$(sha256sum <"$file")" "$(gzip -dc "$work/body" | sha256sum)"
  is "$path: no more of them than before" true "$([ "$(wc -c <"$work/body")" -le "$(on_the_fly "$file")" ] && echo true)"
  is "$path: with an entity tag of its own" true "$([ -n "$tag" ] && [ "$tag" != "$plain_tag" ] && echo true)"
  request GET "$path" -H 'Accept-Encoding: gzip' -H "If-None-Match: $tag"
  is "$path: 304 for who has it" '304 Accept-Encoding' "$status $(header Vary)"
  request GET "$path" -H "If-None-Match: $tag"
  is "$path: not for who has the other form" 200 "$status"
done
request GET / -H 'Accept-Encoding: gzip'
is 'the page by its own address, too' "200 gzip $(sha256sum <"$www/index.html")" \
  "$status $(header Content-Encoding) $(gzip -dc "$work/body" | sha256sum)"
is 'asked for again each time' no-cache "$(header Cache-Control)"
like 'under its policy' "script-src 'self';" "$(header Content-Security-Policy)"
request HEAD / -H 'Accept-Encoding: gzip'
is 'HEAD' '200 gzip' "$status $(header Content-Encoding)"
request GET /main.js -H 'Accept-Encoding: gzip;q=0'
is 'who refuses it gets none' '200 ' "$status $(header Content-Encoding)"
request GET /photoswipe/photoswipe.esm.min.js -H 'Accept-Encoding: gzip'
is 'the lightbox' '200 gzip' "$status $(header Content-Encoding)"

request GET /api/stats -H 'Accept-Encoding: gzip'
is 'JSON that is too short for it goes as it is' '200 ' "$status $(header Content-Encoding)"
for number in 1 2 3; do
  picture PNG "$work/$mark-$number.png" seed=$number
  upload "$work/$mark-$number.png"
done
request GET "/api/images?q=$mark" -H 'Accept-Encoding: gzip'
is 'a listing is compressed' '200 gzip' "$status $(header Content-Encoding)"
is 'and readable' 3 "$(gzip -dc "$work/body" | jq '.images | length')"
like 'which proxies are told' Accept-Encoding "$(header Vary | xargs)"

finish_gallery
