#!/bin/sh
# What is sent compressed: the files of the page, from the disk; JSON, on the fly.
# shellcheck source=tests/e2e/lib.sh
. "${srcdir:-.}/tests/e2e/lib.sh"
www=${srcdir:-.}/www

use_gallery

# ---- the installed files ----

if is_own; then
  installed=${VITRINE_TEST_LIBEXEC%/libexec/vitrine}/share/vitrine/www
  (cd "$installed" && find . -type f -not -name '*.gz' | sort) >"$work/files"
  (cd "$installed" && find . -type f -name '*.gz' | sed 's/[.]gz$//' | sort) >"$work/compressed"
  is 'each file of the page has a compressed form, and no compressed form is without its file' "$(cat "$work/files")" "$(cat "$work/compressed")"
  is 'the page has at least a dozen files' true "$([ "$(wc -l <"$work/files")" -ge 12 ] && echo true)"
  # told FILE: says what is wrong with its compressed form.
  told() {
    gzip -dc "$installed/$1.gz" | cmp -s - "$installed/$1" || echo "$1: other bytes"
    [ "$(stat -c %.Y "$installed/$1")" = "$(stat -c %.Y "$installed/$1.gz")" ] || echo "$1: another time"
    [ "$(od -An -j4 -N4 -tu4 "$installed/$1.gz" | tr -d ' ')" = 0 ] || echo "$1: a time in it"
  }
  is 'compressed forms have the bytes and the time of their files, and no time of their own inside' '' \
    "$(while read -r file; do told "$file"; done <"$work/files")"
else
  skip 'each file of the page has a compressed form, and no compressed form is without its file' 'this gallery is installed elsewhere'
fi

# ---- the page's weight ----

# parts FILE: prints it and the files that a browser loads because of it before it shows the first image: what the page names, and what
# scripts import without a condition.
parts() {
  case " $parts " in *" $1 "*) return ;; esac
  parts="$parts $1"
  case $1 in
    index.html) loads=$(sed -nE '/<(script|link)/s|.*(src\|href)="/([a-z_./]+)".*|\2|p' "$www/$1") ;;
    *.js) loads=$(sed -nE 's|^import .* from "\./(.*)";$|\1|p' "$www/$1") ;;
    *) loads= ;;
  esac
  for load in $loads; do
    parts "$load"
  done
}
parts=
parts index.html
weight=0
for part in $parts; do
  request GET "/$part" -H 'Accept-Encoding: gzip'
  weight=$((weight + $(wc -c <"$work/body")))
done
echo "# before the first image, the page sends $weight bytes in $(echo "$parts" | wc -w) files:$parts"
is 'what the page sends before the first image is at most 20 KB' true "$([ "$weight" -le 20480 ] && [ "$weight" -gt 10000 ] && echo true)"
is 'each script that is needed before the first image is named in the page, so that none waits for another' '' \
  "$(for part in $parts; do grep -q "\"/$part\"" "$www/index.html" || [ "$part" = index.html ] || echo "$part"; done)"

# ---- the answers ----

# The size of what nginx would send if it compressed for each client: the compressed form may not be larger.
on_the_fly() {
  gzip -5 -c "$1" | wc -c
}

mkdir "$work/served"
for file in "$www"/*.html "$www"/*.js "$www"/*.css "$www"/*.svg; do
  sh "$www/strip" "$file" >"$work/served/${file##*/}"
done
for file in "$work"/served/*; do
  path=/${file##*/}
  request GET "$path"
  is "$path is sent uncompressed to a client that does not accept gzip" "200 Accept-Encoding" "$status$(header Content-Encoding) $(header Vary)"
  holds "$path is sent byte for byte to a client that does not accept gzip" cmp -s "$work/body" "$file"
  plain_tag=$(header ETag)
  plain_type=$(header Content-Type)
  request GET "$path" -H 'Accept-Encoding: br, gzip'
  tag=$(header ETag)
  is "$path is sent compressed to a client that accepts gzip" '200 gzip Accept-Encoding' "$status $(header Content-Encoding) $(header Vary)"
  is "$path has the same media type when it is compressed" "$plain_type" "$(header Content-Type)"
  is "$path is compressed on the disk, so its length is known" "$(wc -c <"$work/body")" "$(header Content-Length)"
  is "$path has the same bytes when it is decompressed" "$(sha256sum <"$file")" "$(gzip -dc "$work/body" | sha256sum)"
  is "$path is no larger than what nginx would compress it to" true "$([ "$(wc -c <"$work/body")" -le "$(on_the_fly "$file")" ] && echo true)"
  is "$path has another entity tag when it is compressed" true "$([ -n "$tag" ] && [ "$tag" != "$plain_tag" ] && echo true)"
  request GET "$path" -H 'Accept-Encoding: gzip' -H "If-None-Match: $tag"
  is "$path is revalidated with 304 by the tag of the compressed form" '304 Accept-Encoding' "$status $(header Vary)"
  request GET "$path" -H "If-None-Match: $tag"
  is "$path is sent again for the tag of the other form" 200 "$status"
done
request GET / -H 'Accept-Encoding: gzip'
is 'the page at / is sent compressed' "200 gzip $(sha256sum <"$work/served/index.html")" \
  "$status $(header Content-Encoding) $(gzip -dc "$work/body" | sha256sum)"
is 'the compressed page is revalidated at each use' no-cache "$(header Cache-Control)"
like "the compressed page has the page's policy" "script-src 'self';" "$(header Content-Security-Policy)"
request HEAD / -H 'Accept-Encoding: gzip'
is 'HEAD of the page says that it is compressed' '200 gzip' "$status $(header Content-Encoding)"
request GET /main.js -H 'Accept-Encoding: gzip;q=0'
is 'a client that refuses gzip gets the file uncompressed' '200 ' "$status $(header Content-Encoding)"
request GET /photoswipe/photoswipe.esm.min.js -H 'Accept-Encoding: gzip'
is 'the lightbox is sent compressed' '200 gzip' "$status $(header Content-Encoding)"

request GET /api/stats -H 'Accept-Encoding: gzip'
is 'JSON that is too short to compress is sent uncompressed' '200 ' "$status $(header Content-Encoding)"
for number in 1 2 3; do
  picture PNG "$work/$mark-$number.png" seed=$number
  upload "$work/$mark-$number.png"
done
request GET "/api/images?q=$mark" -H 'Accept-Encoding: gzip'
is 'a listing is compressed on the fly' '200 gzip' "$status $(header Content-Encoding)"
is 'a compressed listing can be read' 3 "$(gzip -dc "$work/body" | jq '.images | length')"
like 'a compressed listing varies by Accept-Encoding' Accept-Encoding "$(header Vary | xargs)"

finish_gallery
