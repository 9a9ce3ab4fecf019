#!/bin/sh
# Pictures that are scripts or pages, too: whatever they are called, they are served as pictures and no more.
# What Chromium makes of them is in tests/browser/cases_polyglots.mjs.
# shellcheck source=tests/e2e/lib.sh
. "${srcdir:-.}/tests/e2e/lib.sh"

use_gallery

script="alert('$mark')"
page="<!doctype html><script>$script</script><!--"
seed=$$

# gif_and_script FILE: "GIF89a/*", a width of 10799 pixels that reads so, and the comment's end behind the GIF.
gif_and_script() {
  seed=$((seed + 1))
  picture GIF "$1" width=10799 height=2 seed="$seed"
  printf '*/=1;%s' "$script" >>"$1"
}
# jpeg_and_page FILE: a comment behind the JPEG's first marker, and a page behind its last.
jpeg_and_page() {
  seed=$((seed + 1))
  picture JPEG "$work/plain.jpg" width=400 height=300 seed="$seed"
  {
    head -c 2 "$work/plain.jpg"
    # shellcheck disable=SC2059
    printf "\\377\\376\\000\\$(printf %03o $((${#page} + 2)))%s" "$page"
    tail -c +3 "$work/plain.jpg"
    printf %s "$page"
  } >"$1"
}
# served_as WHAT TYPE: the last answer is a picture of that type, and nothing is run in it.
served_as() {
  is "$1: $2" "200 $2" "$status $(header Content-Type)"
  is "$1: not to be guessed at" 'nosniff same-origin' \
    "$(header X-Content-Type-Options) $(header Cross-Origin-Resource-Policy)"
  like "$1: runs nothing" "^default-src 'none'; [^|]*; sandbox\$" "$(header Content-Security-Policy)"
}

for name in x.gif x.jpg x.html x.js x.svg x.html.gif; do
  for kind in gif_and_script:gif jpeg_and_page:jpeg; do
    type=image/${kind#*:}
    what="${kind%:*} as $mark-$name"
    "${kind%:*}" "$work/$mark-$name"
    holds "$what: it holds the script" grep -qaF "$script" "$work/$mark-$name"
    upload "$work/$mark-$name;type=text/html"
    is "$what: 201" "201 $type" "$status $(json '.images[0].type')"
    original=$(json '.images[0].url')
    thumb=$(json '.images[0].thumbs["320"]')
    request GET "$original"
    served_as "$what" "$type"
    holds "$what: as it came" cmp -s "$work/$mark-$name" "$work/body"
    for accept in image/jpeg image/webp; do
      request GET "$thumb" -H "Accept: $accept"
      like "$what: a thumbnail" '^200 image/' "$status $(header Content-Type)"
      is "$what: without the script" 0 "$(grep -caF "$script" "$work/body")"
    done
  done
done

count=$(image_count)
jpeg_and_page "$work/a.jpg"
{ printf %s "$page"; cat "$work/a.jpg"; } >"$work/page-first.jpg"
{ printf '/*'; cat "$work/a.jpg"; } >"$work/script-first.jpg"
{ printf '%%PDF-1.4\n'; cat "$work/a.jpg"; } >"$work/paper-first.jpg"
for name in page-first.jpg script-first.jpg paper-first.jpg; do
  upload "$work/$name"
  refused "$name" 415 'not a JPEG, PNG, GIF, WebP, AVIF, HEIC or TIFF'
done
is 'nothing of these is kept' "$count" "$(image_count)"

finish_gallery
