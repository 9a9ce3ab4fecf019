#!/bin/sh
# The listing's first page as a file: what nginx answers with it, and that it is never an old one.
# shellcheck source=tests/e2e/lib.sh
. "${srcdir:-.}/tests/e2e/lib.sh"

use_gallery
page=$data/listing/first.json

# The entity tags that nginx gives a file; those of a worker begin with 16 hex digits.
by_nginx='^"[0-9a-f]{1,8}-[0-9a-f]+"$'
by_worker='^"[0-9a-f]{16}-[0-9]+-[0-9a-f]{8}-(hide-place|hide-all)?(-html)?"$'

is_published() {
  request GET /api/images "$@"
  header ETag | grep -Eq "$by_nginx"
}

# rename ID NAME TOKEN
rename() {
  request PATCH "/api/images/$1" -H 'Content-Type: application/json' -H "Authorization: Bearer $3" \
    --data "{\"name\":\"$2\"}"
}

picture PNG "$work/$mark.png" seed=$$
upload "$work/$mark.png"
id=$(json '.images[0].id')
token=$(json '.images[0].delete_token')

# ---- the answer ----

eventually 'nginx serves the first page from its file' is_published
request GET /api/images
is 'the first page is JSON' '200 application/json' "$status $(header Content-Type)"
is 'the first page is revalidated at each use' no-cache "$(header Cache-Control)"
is 'the first page varies by Accept and Accept-Encoding' 'Accept Accept-Encoding' "$(header Vary | sort | xargs)"
is 'the first page has no modification time' '' "$(header Last-Modified)"
is 'the first page has the header nosniff' nosniff "$(header X-Content-Type-Options)"
like 'the first page has a policy that loads nothing' "default-src 'none'" "$(header Content-Security-Policy)"
is 'the first page begins with the newest image' "$id" "$(json '.images[0].id')"
length=$(header Content-Length)
is 'the first page has the length of its body' "$(stat -c %s "$work/body")" "$length"
etag=$(header ETag)
cp "$work/body" "$work/plain"
request GET '/api/images?sort=taken'
like 'a worker answers the listing if there is a query' "$by_worker" "$(header ETag)"
holds "a worker's listing is the first page byte for byte" cmp "$work/plain" "$work/body"
request GET /api/images -H "If-None-Match: $etag"
is 'the first page is revalidated with 304 and no body' "304 $etag 0" "$status $(header ETag) $(stat -c %s "$work/body")"
is 'a 304 of the first page varies by Accept and Accept-Encoding' 'Accept Accept-Encoding' "$(header Vary | sort | xargs)"
request GET /api/images -H "If-None-Match: W/$etag"
is 'the first page is revalidated by a weak tag, too' 304 "$status"
request GET /api/images -H "If-Modified-Since: $(TZ=GMT date '+%a, %d %b %Y %H:%M:%S GMT')"
is 'the first page ignores If-Modified-Since' 200 "$status"
request GET /api/images -H 'Range: bytes=0-9'
is 'the first page ignores Range' "200 $length" "$status $(stat -c %s "$work/body")"
request HEAD /api/images
is 'HEAD of the first page has its type, length and tag' "200 application/json $length $etag" \
  "$status $(header Content-Type) $(header Content-Length) $(header ETag)"

request GET /api/images -H 'Accept-Encoding: gzip'
like 'nginx serves the compressed first page from its file' "$by_nginx" "$(header ETag)"
is 'the first page is compressed for a client that accepts gzip' '200 gzip' "$status $(header Content-Encoding)"
packed=$(header ETag)
gunzip -c "$work/body" >"$work/unpacked"
holds 'the compressed first page has the same content' cmp "$work/plain" "$work/unpacked"
is 'the compressed first page has another entity tag' differs "$([ "$packed" = "$etag" ] || echo differs)"
request GET /api/images -H 'Accept-Encoding: gzip' -H "If-None-Match: $packed"
is 'the compressed first page is revalidated with 304' 304 "$status"

# ---- requests that are not answered with the file ----

for accept in text/html 'text/html,application/xhtml+xml,*/*;q=0.8' 'Text/HTML'; do
  request GET /api/images -H "Accept: $accept"
  is "the listing for Accept: $accept is an HTML page" '200 text/html' "$status $(header Content-Type | cut -d ';' -f 1)"
done
request GET /api/images -H 'Accept: text/html;q=0, application/json'
is 'the listing for a client that refuses HTML is JSON' '200 application/json' "$status $(header Content-Type)"
for path in '/api/images?' '/api//images' '/api/images?limit=50' '/api/./images'; do
  request GET "$path"
  is "$path is answered with the listing as JSON" '200 application/json' "$status $(header Content-Type)"
done
request POST /api/images -H 'Content-Length: 0'
like 'the worker refuses a POST without a body' '^4[0-9]+ application/problem.json$' \
  "$status $(header Content-Type)"
for path in /listing/first.json /listing/first.json.gz /listing/new.json /listing/ /listing; do
  for method in GET HEAD POST; do
    request $method "$path"
    like "$method $path is refused with 404 or 405" '^40[45] application/problem.json$' "$status $(header Content-Type)"
  done
done
request GET /listing/first.json -H 'Accept: application/json'
is 'the file of the first page is not served under its own path' 404 "$status"

# ---- entity tags of changes within a second that keep the size ----

: >"$work/tags"
for i in $(seq 10 29); do
  rename "$id" "$mark $i" "$token"
  is "the image is renamed to $i" 200 "$status"
  request GET /api/images -H "If-None-Match: $etag"
  is "after the rename to $i the old tag is answered with 200" "200 $mark $i" "$status $(json "[.images[]|select(.id==\"$id\").name][0]")"
  etag=$(header ETag)
  echo "$etag" >>"$work/tags"
done
is 'twenty renames make twenty different entity tags' 20 "$(sort -u "$work/tags" | wc -l)"

# ---- no client sees an old page: clients that change and read, beside one that only reads ----

# asks WHAT ENCODING: gets the first page as $client/page.
asks() {
  if [ "$1" = gzip ]; then
    curl -s --max-time $((60 * patience)) --compressed -H 'Accept-Encoding: gzip' -o "$client/page" "$url/api/images"
  else
    curl -s --max-time $((60 * patience)) -o "$client/page" "$url/api/images"
  fi
}

# client NUMBER: prints what was wrong.
client() (
  client=$work/client-$1
  mkdir "$client"
  encoding=plain
  for round in 1 2 3 4 5 6 7 8; do
    curl -s --max-time $((60 * patience)) -o "$client/answer" -F "file=@$work/c$1-$round.png" "$url/api/images"
    own=$(jq -r '.images[0].id' "$client/answer")
    bearer="Authorization: Bearer $(jq -r '.images[0].delete_token' "$client/answer")"
    asks $encoding
    grep -q "\"id\":\"$own\"" "$client/page" || echo "client $1: upload $round is not there: $(head -c 300 "$client/page")"
    curl -s --max-time $((60 * patience)) -o "$client/answer" -X PATCH -H "$bearer" -H 'Content-Type: application/json' \
      --data "{\"name\":\"$mark $1 $round\"}" "$url/api/images/$own"
    asks $encoding
    grep -q "\"name\":\"$mark $1 $round\"" "$client/page" || echo "client $1: the name of $round is old"
    curl -s --max-time $((60 * patience)) -o "$client/answer" -X DELETE -H "$bearer" "$url/api/images/$own"
    asks $encoding
    ! grep -q "\"id\":\"$own\"" "$client/page" || echo "client $1: $round is still there"
    [ $encoding = plain ] && encoding=gzip || encoding=plain
  done
)

# Reads without pause until it is stopped. A request for a missing page publishes it.
look_on() {
  trap 'exit 0' TERM
  while :; do
    curl -s --max-time $((60 * patience)) -o "$work/looked" "$url/api/images"
  done
}

for i in 1 2 3 4 5 6; do
  for round in 1 2 3 4 5 6 7 8; do
    picture PNG "$work/c$i-$round.png" width=$((20 + i)) height=$((20 + round)) seed=$(($$ + i * 10 + round))
  done
done
look_on &
onlooker=$!
clients=
for i in 1 2 3 4 5 6; do
  client $i >"$work/client-$i.said" 2>&1 &
  clients="$clients $!"
done
# shellcheck disable=SC2086
wait $clients
kill $onlooker
wait $onlooker
is 'each change is in the first page that its client asks for next' '' "$(cat "$work"/client-?.said)"
is 'all six clients have read the first page' 6 "$(find "$work" -path '*client-*' -name page -size +0 | wc -l)"

# ---- a page that is missing ----

# Whether nginx and a worker answer with the same images; a worker's answer is always right.
is_right() {
  request GET /api/images
  cp "$work/body" "$work/shown"
  request GET '/api/images?sort=taken'
  cmp "$work/shown" "$work/body"
}

if has_data && [ -w "$data" ]; then
  rm -rf "$data/listing"
  request GET /api/images
  is 'a worker answers if the folder of the first page was removed' 200 "$status"
  like "the listing without that folder has a worker's entity tag" "$by_worker" "$(header ETag)"
  # Workers are confined to the folder that was removed. New ones replace them, and publish with the next listing.
  is_published_again() {
    curl -s -o "$work/listed" "$url/api/images" && is_published
  }
  eventually 'the first page is written again after its folder was removed' is_published_again
  is 'nginx may read the first page, and nobody else may' '750 640 640' \
    "$(stat -c %a "$data/listing" "$page" "$page.gz" | xargs)"
  rm "$page"
  # Each worker of the other pool that is still confined to the removed folder ends with its next answer. The workers
  # take turns, so that many changes in a row have reached all of them.
  is_renamed_by_all() {
    for turn in 1 2 3 4 5 6 7 8 9; do
      rename "$id" "$mark back $turn" "$token"
      [ "$status" = 200 ] || return 1
    done
  }
  eventually 'changes succeed after the first page was removed' is_renamed_by_all
  eventually 'the first page is written again after the changes' is_published_again
  is 'the new first page has the last change' "$mark back 9" "$(json "[.images[]|select(.id==\"$id\").name][0]")"
  rm "$page"
  request GET /api/images -H 'Accept-Encoding: gzip'
  is 'without the plain file, the compressed first page is answered' '200 gzip' "$status $(header Content-Encoding)"
  eventually 'the plain file of the first page is written again' is_published
  rm "$page.gz"
  request GET /api/images -H 'Accept-Encoding: gzip'
  is 'without the compressed file, nginx compresses the plain one' '200 gzip' "$status $(header Content-Encoding)"
fi

# ---- workers killed while they write it ----

if is_own; then
  stop_gallery
  start_gallery VITRINE_WORKERS=3
  change_without_pause() {
    trap 'exit 0' TERM
    i=0
    while :; do
      i=$((i + 1))
      curl -s --max-time $((60 * patience)) -o "$work/changed-$1" -X PATCH -H "Authorization: Bearer $token" \
        -H 'Content-Type: application/json' --data "{\"name\":\"$mark $1 $i\"}" "$url/api/images/$id"
    done
  }
  wrong=
  kills=0
  for round in $(seq 1 15); do
    changers=
    for i in 1 2 3; do
      change_without_pause $i &
      changers="$changers $!"
    done
    # At any moment between two steps of a change: each takes some milliseconds.
    sleep "0.0$((round * 37 % 100 + 100))"
    for pid in $(workers image); do
      kill -9 "$pid" && kills=$((kills + 1))
      sleep "0.00$round"
    done
    # shellcheck disable=SC2086
    kill $changers
    # shellcheck disable=SC2086
    wait $changers
    polls=0
    until request GET '/api/images?limit=1' && [ "$status" = 200 ]; do
      polls=$((polls + 1))
      [ $polls -lt 400 ] || break
      sleep 0.025
    done
    is_right >"$work/compared" 2>&1 || wrong="$wrong $round: $(cat "$work/compared")"
  done
  holds "each round has killed a worker: $kills" [ "$kills" -ge 15 ]
  is 'the first page is right after each of fifteen kills of all workers' '' "$wrong"
  rename "$id" "$mark last" "$token"
  is 'a change succeeds after workers were killed' 200 "$status"
  holds 'the first page is written again after workers were killed' is_published
  is 'the first page has the change that was made after workers were killed' "$mark last" "$(json "[.images[]|select(.id==\"$id\").name][0]")"

  # ---- an old page, which a power cut may bring back ----

  stop_gallery
  printf '{"images":[],"next":null,"total":0}\n' >"$page"
  gzip -c "$page" >"$page.gz"
  start_gallery
  request GET /api/images
  is 'an old first page does not outlive a start' "$mark last" "$(json "[.images[]|select(.id==\"$id\").name][0]")"
  request GET /api/images -H 'Accept-Encoding: gzip' --compressed
  is 'an old compressed first page does not outlive a start' "$mark last" "$(json "[.images[]|select(.id==\"$id\").name][0]")"
fi

finish_gallery
