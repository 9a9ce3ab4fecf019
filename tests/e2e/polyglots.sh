#!/bin/sh
# Pictures that are scripts or pages, too: whatever they are called, they are served as pictures and no more.
# tests/browser/cases_polyglots.mjs tests what Chromium does with them.
# shellcheck source=tests/e2e/lib.sh
. "${srcdir:-.}/tests/e2e/lib.sh"

use_gallery

script="alert('$mark')"
page="<!doctype html><script>$script</script><!--"
seed=$$

# gif_and_script FILE: begins with "GIF89a/*", since a width of 10799 pixels has the bytes "/*"; the comment ends after the
# GIF.
gif_and_script() {
  seed=$((seed + 1))
  picture GIF "$1" width=10799 height=2 seed="$seed"
  printf '*/=1;%s' "$script" >>"$1"
}
# jpeg_and_page FILE: has an HTML page in a comment after the JPEG's first marker, and another after its last.
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
# served_as WHAT TYPE: checks that the last answer is a picture of that type with the headers that make it harmless.
served_as() {
  is "$1 is served as $2" "200 $2" "$status $(header Content-Type)"
  is "$1 is served with nosniff, to the same site only" 'nosniff same-origin' \
    "$(header X-Content-Type-Options) $(header Cross-Origin-Resource-Policy)"
  like "$1 is served with the policy that runs nothing" "^default-src 'none'; [^|]*; sandbox\$" "$(header Content-Security-Policy)"
}

for name in x.gif x.jpg x.html x.js x.svg x.html.gif; do
  for kind in gif_and_script:gif jpeg_and_page:jpeg; do
    type=image/${kind#*:}
    what="${kind%:*} as $mark-$name"
    "${kind%:*}" "$work/$mark-$name"
    holds "$what contains the script" grep -qaF "$script" "$work/$mark-$name"
    upload "$work/$mark-$name;type=text/html"
    is "$what is accepted as $type" "201 $type" "$status $(json '.images[0].type')"
    copy=$(json '.images[0].url')
    original=/api/images/$(json '.images[0].id')/original
    auth="Authorization: Bearer $(json '.images[0].delete_token')"
    thumb=$(json '.images[0].thumbs["320"]')
    request GET "$copy"
    served_as "the copy of $what" "$type"
    is "the copy of $what has no script in it" 0 "$(grep -caF "$script" "$work/body")"
    request GET "$original" -H "$auth"
    served_as "$what" "$type"
    holds "$what is served byte for byte to those who may change it" cmp -s "$work/$mark-$name" "$work/body"
    for accept in image/jpeg image/webp; do
      request GET "$thumb" -H "Accept: $accept"
      like "$what has a thumbnail for Accept: $accept" '^200 image/' "$status $(header Content-Type)"
      is "the thumbnail of $what for Accept: $accept has no script in it" 0 "$(grep -caF "$script" "$work/body")"
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
  refused "$name" 415 'not a JPEG, PNG, GIF, WebP, AVIF, HEIC, JPEG XL or TIFF'
done
is 'no refused polyglot has added an image' "$count" "$(image_count)"

finish_gallery
