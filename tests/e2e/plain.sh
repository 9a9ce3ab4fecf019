#!/bin/sh
# The gallery without scripts: the listing as a page, its links and forms, as a browser follows them.
# shellcheck source=tests/e2e/lib.sh
. "${srcdir:-.}/tests/e2e/lib.sh"

use_gallery

accept='Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8'

# browse PATH [CURL-ARGUMENT...]: requests it as a browser does.
browse() {
  browse_path=$1
  shift
  request GET "$browse_path" -H "$accept" "$@"
}

# unescape: HTML's character references, as cgi/base/buf.c writes them.
unescape() {
  sed 's/&lt;/</g; s/&gt;/>/g; s/&quot;/"/g; s/&#39;/'"'"'/g; s/&amp;/\&/g'
}

# ---- the upload form ----

i=0
while [ $i -lt 7 ]; do
  picture PNG "$work/plain $i.png" width=$((400 + i)) height=300 seed=$(($$ + i))
  upload "$work/plain $i.png;filename=$mark $((i % 3)) & 100%+.png" -H "$accept"
  is "upload $i by a form leads back to the page" '303 /' "$status $(header Location)"
  i=$((i + 1))
done
picture PNG "$work/evil.png" width=64 height=48 seed=$(($$ + i))
upload "$work/evil.png;filename=<img src=x onerror=alert(1)> $mark.png" -H "$accept"
is 'an image whose name is markup is accepted' 303 "$status"
upload "$work/plain 0.png" -H "$accept"
is 'an upload of known bytes by a form leads back to the page' '303 /' "$status $(header Location)"
echo 'no image' >"$work/none.txt"
upload "$work/none.txt" -H "$accept"
is 'a refused upload by a form is answered with an HTML page' '415 text/html; charset=utf-8' "$status $(header Content-Type)"
like 'the page of a refused upload says that it was not accepted' '<h1>The upload was not accepted</h1>' "$(cat "$work/body")"

# ---- a page ----

browse '/api/images?limit=200'
is 'a browser gets the listing as an HTML page' '200 text/html; charset=utf-8' "$status $(header Content-Type)"
cp "$work/body" "$work/page"
like 'the HTML listing varies by Accept' '(^|,) *Accept *(,|$)' "$(header Vary)"
is 'the HTML listing is revalidated at each use' no-cache "$(header Cache-Control)"
like 'the HTML listing says how many images there are' ">$(image_count | sed -E ':a
s/([0-9])([0-9]{3})($|,)/\1,\2\3/
ta') images?<" "$(cat "$work/page")"
like 'the HTML listing has the policy of the site' "^default-src 'none'; script-src 'self'; style-src 'self'" \
  "$(header Content-Security-Policy)"
# A name may contain such words, so only tags are searched; quotes are escaped in texts.
is 'the HTML listing has no inline script or style' '' "$(tr '\n' ' ' <"$work/page" | grep -Eo '<[^>]*>' |
  sed -E 's/ (alt|value)="[^"]*"//g' | grep -Ei ' style=|<style|<script|[ "]on[a-z]+ *=|javascript:')"
like "markup in an image's name is escaped in the HTML listing" "&lt;img src=x onerror=alert\(1\)&gt; $mark\.png</span>" "$(cat "$work/page")"
is "markup in an image's name makes no tag in the HTML listing" 0 "$(grep -c '<img src=x' "$work/page")"
is 'the form accepts the same files as the page with scripts' \
  "$(curl -s "$url/" | tr '\n' ' ' | grep -Eo 'accept="[^"]+"' | head -n 1)" "$(grep -Eo 'accept="[^"]+"' "$work/page")"

grep -Eo '(src|href)="/[a-z.]+"' "$work/page" | cut -d '"' -f 2 | sort -u >"$work/parts"
is 'the HTML listing uses a style sheet and an icon' '/favicon.svg /vitrine.css' "$(xargs <"$work/parts")"
while read -r part; do
  request GET "$part"
  is "$part, which the HTML listing uses, is served" 200 "$status"
done <"$work/parts"

# ---- the images that the page names ----

browse "/api/images?q=$mark&limit=1&sort=old"
grep -Eo '/(uploads|copies/hide-[a-z]+|thumbs)/[0-9a-f/]+\.[a-z]+' "$work/body" | sort -u >"$work/named"
while read -r part; do
  request GET "$part"
  like "$part, which the HTML listing names, is served as a picture" '^200 image/(png|jpeg)$' "$status $(header Content-Type)"
done <"$work/named"
is 'the HTML listing names the original and two thumbnails of an image' 3 "$(wc -l <"$work/named" | tr -d ' ')"
browse "/api/images?q=$mark&limit=1&sort=old"
width=$(grep -Eo 'width="[0-9]+" height="[0-9]+"' "$work/body" | tr -dc '0-9 ' | tr ' ' x)
request GET "$(grep -Eo '/thumbs/320/[0-9a-f/]+\.[a-z]+' "$work/body" | head -n 1)"
like 'a thumbnail has the size that the HTML listing says' "[^0-9]${width}[^0-9]" "$(file "$work/body")"

# ---- following the links ----

# walk QUERY: the ids of every page, a line each.
walk() {
  walk_path="/api/images?$1"
  while [ -n "$walk_path" ]; do
    browse "$walk_path"
    [ "$status" -eq 200 ] || {
      echo "status $status at $walk_path"
      return
    }
    sed -nE 's#.*<a href="/(uploads|copies/[a-z-]+)/../([0-9a-f]{32})\.[a-z]+"><img .*#\2#p' "$work/body"
    walk_path=$(sed -nE 's|.*<a rel="next" href="([^"]*)">.*|\1|p' "$work/body" | unescape)
  done
}

for sort in new old name size taken taken-old; do
  curl -s "$url/api/images?q=$mark&sort=$sort" | jq -r '.images[].id' >"$work/ids"
  is "sort=$sort: the links visit the same images as the JSON" "$(cat "$work/ids")" \
    "$(walk "q=$mark&sort=$sort&limit=3")"
done
is 'the links visit all images of the search' 8 "$(wc -l <"$work/ids" | tr -d ' ')"
total=$(image_count)
if is_own; then walk 'limit=3'; else walk 'limit=200'; fi >"$work/all"
is 'the links visit each image of the gallery once' "$total $total" \
  "$(wc -l <"$work/all" | tr -d ' ') $(sort -u "$work/all" | wc -l | tr -d ' ')"

browse "/api/images?q=$mark+%26+100%25%2B&limit=2"
is 'the search field keeps special characters' "$mark & 100%+" \
  "$(sed -nE 's|.* name="q" .*value="([^"]*)".*|\1|p' "$work/body" | unescape)"
is 'the links to the next page keep special characters of the search' 7 "$(walk "q=$mark+%26+100%25%2B&limit=2" | wc -l | tr -d ' ')"
browse "/api/images?q=$mark&limit=3&sort=old"
is 'the first page has no link to itself' 0 "$(grep -c 'First page' "$work/body")"
browse "$(sed -nE 's|.*<a rel="next" href="([^"]*)">.*|\1|p' "$work/body" | unescape)"
browse "$(sed -nE 's|.*<a href="([^"]*)">First page.*|\1|p' "$work/body" | unescape)"
like 'the second page has a link back to the first' "$mark 0 &amp; 100%\+\.png</span>" "$(grep -m 1 plain-name "$work/body")"
browse "/api/images?q=$mark-nothing"
like 'a search without a result says that no image matches' 'No image matches\.' "$(cat "$work/body")"

# ---- HTML and JSON ----

request GET /api/images
is 'a client that does not prefer HTML gets JSON' '200 application/json' "$status $(header Content-Type)"
like 'the JSON listing varies by Accept' '(^|,) *Accept *(,|$)' "$(header Vary)"
json_tag=$(header ETag)
browse /api/images
html_tag=$(header ETag)
is 'the HTML and JSON listings have different entity tags' different "$([ "$json_tag" = "$html_tag" ] || echo different)"
browse /api/images -H "If-None-Match: $html_tag"
is 'the HTML listing is revalidated with 304 and no body' '304 0' "$status $(stat -c %s "$work/body")"
request GET /api/images -H "If-None-Match: $json_tag"
is 'the JSON listing is revalidated with 304' 304 "$status"
browse /api/images -H "If-None-Match: $json_tag"
is 'the entity tag of the JSON listing does not match the HTML listing' 200 "$status"
browse /api/images --compressed -H 'Accept-Encoding: gzip'
is 'the HTML listing is compressed for a client that accepts gzip' gzip "$(header Content-Encoding)"
weak_tag=$(header ETag)
browse /api/images -H 'Accept-Encoding: gzip' -H "If-None-Match: $weak_tag"
is 'the compressed HTML listing is revalidated by its tag' 304 "$status"
request HEAD /api/images -H "$accept"
is 'HEAD of the HTML listing has its type' '200 text/html; charset=utf-8' "$status $(header Content-Type)"

# ---- invalid queries ----

for query in limit=abc sort=random cursor=xyz offset=5 q=%zz 'q=%3Cb%3E&q=b'; do
  browse "/api/images?$query"
  is "the invalid query $query is answered with an HTML page" '400 text/html; charset=utf-8' "$status $(header Content-Type)"
  like "the page for $query says that the images cannot be listed" '<h1>The images cannot be listed</h1>' "$(cat "$work/body")"
done
browse '/api/images?limit=abc'
like 'the page for an invalid limit gives the reason' '<li>limit must be a whole number from 1 to 200</li>' "$(cat "$work/body")"

finish_gallery
