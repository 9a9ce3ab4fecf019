#!/bin/sh
# The listing's first page, published as a file: what nginx says of it, and that it is never an old one.
# shellcheck source=tests/e2e/lib.sh
. "${srcdir:-.}/tests/e2e/lib.sh"

use_gallery
page=$data/listing/first.json

# nginx's entity tag of a file; a worker's begins with 16 hex digits.
by_nginx='^"[0-9a-f]{1,8}-[0-9a-f]+"$'
by_worker='^"[0-9a-f]{16}-[0-9]+-[0-9a-f]{8}(-html)?"$'

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

# ---- what is said of it ----

holds 'the page is served by nginx' poll is_published
request GET /api/images
is 'it is JSON' '200 application/json' "$status $(header Content-Type)"
is 'which is asked for again each time' no-cache "$(header Cache-Control)"
is 'and depends on what is accepted' 'Accept Accept-Encoding' "$(header Vary | sort | xargs)"
is 'it has no time' '' "$(header Last-Modified)"
is 'nosniff' nosniff "$(header X-Content-Type-Options)"
like 'a policy' "default-src 'none'" "$(header Content-Security-Policy)"
is 'it is the newest image that comes first' "$id" "$(json '.images[0].id')"
length=$(header Content-Length)
is 'its length is told' "$(stat -c %s "$work/body")" "$length"
etag=$(header ETag)
cp "$work/body" "$work/plain"
request GET '/api/images?sort=new'
like 'with a query a worker answers' "$by_worker" "$(header ETag)"
holds 'the same' cmp "$work/plain" "$work/body"
request GET /api/images -H "If-None-Match: $etag"
is 'the same again: 304 without a body' "304 $etag 0" "$status $(header ETag) $(stat -c %s "$work/body")"
is 'which depends on the same' 'Accept Accept-Encoding' "$(header Vary | sort | xargs)"
request GET /api/images -H "If-None-Match: W/$etag"
is 'weak tags match' 304 "$status"
request GET /api/images -H "If-Modified-Since: $(TZ=GMT date '+%a, %d %b %Y %H:%M:%S GMT')"
is 'times do not count' 200 "$status"
request GET /api/images -H 'Range: bytes=0-9'
is 'nor do ranges' "200 $length" "$status $(stat -c %s "$work/body")"
request HEAD /api/images
is 'HEAD' "200 application/json $length $etag" \
  "$status $(header Content-Type) $(header Content-Length) $(header ETag)"

request GET /api/images -H 'Accept-Encoding: gzip'
like 'the compressed one is served by nginx too' "$by_nginx" "$(header ETag)"
is 'compressed' '200 gzip' "$status $(header Content-Encoding)"
packed=$(header ETag)
gunzip -c "$work/body" >"$work/unpacked"
holds 'it is the same' cmp "$work/plain" "$work/unpacked"
is 'but for its tag' differs "$([ "$packed" = "$etag" ] || echo differs)"
request GET /api/images -H 'Accept-Encoding: gzip' -H "If-None-Match: $packed"
is 'which gives 304 too' 304 "$status"

# ---- what is not it ----

for accept in text/html 'text/html,application/xhtml+xml,*/*;q=0.8' 'Text/HTML'; do
  request GET /api/images -H "Accept: $accept"
  is "Accept: $accept: a page" '200 text/html' "$status $(header Content-Type | cut -d ';' -f 1)"
done
request GET /api/images -H 'Accept: text/html;q=0, application/json'
is 'HTML that is not wanted' '200 application/json' "$status $(header Content-Type)"
for path in '/api/images?' '/api//images' '/api/images?limit=50' '/api/./images'; do
  request GET "$path"
  is "$path: the same listing" '200 application/json' "$status $(header Content-Type)"
done
request POST /api/images -H 'Content-Length: 0'
like 'POST without a body: refused by the worker' '^4[0-9]+ application/problem.json$' \
  "$status $(header Content-Type)"
for path in /listing/first.json /listing/first.json.gz /listing/new.json /listing/ /listing; do
  for method in GET HEAD POST; do
    request $method "$path"
    like "$method $path: nothing is there" '^40[45] application/problem.json$' "$status $(header Content-Type)"
  done
done
request GET /listing/first.json -H 'Accept: application/json'
is 'by its own name it is not there' 404 "$status"

# ---- entity tags of changes within a second, that leave the size alone ----

: >"$work/tags"
for i in $(seq 10 29); do
  rename "$id" "$mark $i" "$token"
  is "renamed to $i" 200 "$status"
  request GET /api/images -H "If-None-Match: $etag"
  is "$i: the old tag is no 304" "200 $mark $i" "$status $(json "[.images[]|select(.id==\"$id\").name][0]")"
  etag=$(header ETag)
  echo "$etag" >>"$work/tags"
done
is 'each has its own tag' 20 "$(sort -u "$work/tags" | wc -l)"

# ---- nobody sees an old page: clients that change and look, while others only look ----

# asks WHAT ENCODING: the first page, to $client/page.
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

# Asks without pause until it is stopped: what is missing is published again by whoever asks.
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
is 'what was answered is in the very next listing' '' "$(cat "$work"/client-?.said)"
is 'every client has looked' 6 "$(find "$work" -path '*client-*' -name page -size +0 | wc -l)"

# ---- a page that is not there ----

# Whether both ways give the same images now; a worker's page is always right.
is_right() {
  request GET /api/images
  cp "$work/body" "$work/shown"
  request GET '/api/images?sort=new'
  cmp "$work/shown" "$work/body"
}

if has_data && [ -w "$data" ]; then
  rm -rf "$data/listing"
  request GET /api/images
  is 'a folder that was removed: a worker answers' 200 "$status"
  like 'as it does' "$by_worker" "$(header ETag)"
  # Workers are limited to the folder that there was: new ones take over, and publish with the next listing.
  is_published_again() {
    curl -s -o "$work/listed" "$url/api/images" && is_published
  }
  holds 'and publishes the page again' poll is_published_again
  is 'nginx may read it, nobody else may' '750 640 640' \
    "$(stat -c %a "$data/listing" "$page" "$page.gz" | xargs)"
  rm "$page"
  # Each worker of the other pool that is still limited to the folder that was removed ends with its next answer. They
  # take turns: so many changes in a row have met all of them.
  is_renamed_by_all() {
    for turn in 1 2 3 4 5 6 7 8 9; do
      rename "$id" "$mark back $turn" "$token"
      [ "$status" = 200 ] || return 1
    done
  }
  holds 'a page that was removed: changes are taken' poll is_renamed_by_all
  holds 'and the next one is published' poll is_published_again
  is 'which has them' "$mark back 9" "$(json "[.images[]|select(.id==\"$id\").name][0]")"
  rm "$page"
  request GET /api/images -H 'Accept-Encoding: gzip'
  is 'the compressed one alone is as good' '200 gzip' "$status $(header Content-Encoding)"
  holds 'healed' poll is_published
  rm "$page.gz"
  request GET /api/images -H 'Accept-Encoding: gzip'
  is 'the plain one alone is compressed by nginx' '200 gzip' "$status $(header Content-Encoding)"
fi

# ---- workers killed in the middle of it ----

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
  for round in $(seq 1 15); do
    changers=
    for i in 1 2 3; do
      change_without_pause $i &
      changers="$changers $!"
    done
    # Anywhere between two steps of a change: each takes some milliseconds.
    sleep "0.0$((round * 37 % 100 + 100))"
    for pid in $(workers image); do
      kill -9 "$pid"
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
  is 'after kill -9 of workers the page is right' '' "$wrong"
  rename "$id" "$mark last" "$token"
  is 'and changes are taken' 200 "$status"
  holds 'and published' is_published
  is 'as they are' "$mark last" "$(json "[.images[]|select(.id==\"$id\").name][0]")"

  # ---- an old page, as a power cut may bring it back ----

  stop_gallery
  printf '{"images":[],"next":null,"total":0}\n' >"$page"
  gzip -c "$page" >"$page.gz"
  start_gallery
  request GET /api/images
  is 'an old page does not outlive a start' "$mark last" "$(json "[.images[]|select(.id==\"$id\").name][0]")"
  request GET /api/images -H 'Accept-Encoding: gzip' --compressed
  is 'nor does its twin' "$mark last" "$(json "[.images[]|select(.id==\"$id\").name][0]")"
fi

finish_gallery
