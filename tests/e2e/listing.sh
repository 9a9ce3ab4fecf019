#!/bin/sh
# Listings: pages, orders, search, cursors, entity tags, and the questions that are refused.
# shellcheck source=tests/e2e/lib.sh
. "${srcdir:-.}/tests/e2e/lib.sh"

use_gallery

# ---- 120 images, in four forms of 30 ----

i=0
while [ $i -lt 120 ]; do
  set --
  while [ $((i % 30)) -ne 29 ] || [ $# -eq 0 ]; do
    file=$work/$(printf '%s %03d.png' "$mark" $i)
    picture PNG "$file" width=$((20 + i)) height=$((20 + i * 7 % 50)) seed=$(($$ + i))
    set -- "$@" -F "file=@$file"
    i=$((i + 1))
  done
  file=$work/$(printf '%s %03d.png' "$mark" $i)
  picture PNG "$file" width=$((20 + i)) height=$((20 + i * 7 % 50)) seed=$(($$ + i))
  request POST /api/images "$@" -F "file=@$file"
  is "a form of $(($# / 2 + 1)) files is uploaded" 201 "$status"
  jq -r '.images[]|"\(.id) \(.delete_token)"' "$work/body" >>"$work/tokens"
  i=$((i + 1))
done
is 'all 120 images have been uploaded' 120 "$(wc -l <"$work/tokens" | tr -d ' ')"

# walk QUERY FILTER: every page of a listing, by its cursors; FILTER of each image, a line each.
walk() {
  cursor=
  while :; do
    request GET "/api/images?$1${cursor:+&cursor=$cursor}"
    [ "$status" -eq 200 ] || {
      echo "status $status"
      return
    }
    json ".images[]|$2"
    cursor=$(json '.next // empty')
    [ -n "$cursor" ] || return
  done
}

# ---- pages and orders, of this test's own images ----

request GET "/api/images?q=$mark"
is 'a page has 50 images by default' 50 "$(json '.images|length')"
is 'the total counts all images of the search' 120 "$(json .total)"
walk "q=$mark&limit=50" .name >"$work/new"
seq -f "$mark %03g.png" 0 119 >"$work/names"
is 'sort=new lists the newest first' "$(tac "$work/names")" "$(cat "$work/new")"
is 'sort=old lists the oldest first' "$(cat "$work/names")" "$(walk "q=$mark&limit=7&sort=old" .name)"
is 'sort=name lists by name' "$(cat "$work/names")" "$(walk "q=$mark&limit=33&sort=name" .name)"
walk "q=$mark&limit=11&sort=size" .bytes >"$work/sizes"
is 'sort=size lists the largest first' "$(sort -nr "$work/sizes")" "$(cat "$work/sizes")"
is 'the pages of sort=size have all images' 120 "$(wc -l <"$work/sizes" | tr -d ' ')"

# Without a search, among all that the gallery holds.
total=$(image_count)
for sort in new old name size taken taken-old; do
  walk "limit=200&sort=$sort" .id >"$work/all"
  is "sort=$sort without a search lists each image once" "$total $total" \
    "$(wc -l <"$work/all" | tr -d ' ') $(sort -u "$work/all" | wc -l | tr -d ' ')"
done

# ---- rows that come and go between pages ----

request GET "/api/images?q=$mark&limit=10"
cursor=$(json .next)
last=$(json '.images[9].id')
request DELETE "/api/images/$last" -H "Authorization: Bearer $(sed -n "s/^$last //p" "$work/tokens")"
is 'the image that a cursor names is deleted' 204 "$status"
picture PNG "$work/$mark new.png" width=19 height=19 seed=$$
upload "$work/$mark new.png"
is 'a newer image is added' 201 "$status"
request GET "/api/images?q=$mark&limit=10&cursor=$cursor"
is 'the page after the cursor continues behind the deleted image' "$mark 109.png" "$(json '.images[0].name')"

# ---- search ----

request GET "/api/images?q=$mark+042"
is 'a search finds images that have every word' "1 $mark 042.png" "$(json '"\(.total) \(.images[0].name)"')"
request GET "/api/images?q=$(printf %s "$mark" | cut -c 1-9)&limit=1"
is 'a search finds images by the beginning of a word' 120 "$(json .total)"
request GET "/api/images?q=$mark+OR+nothing"
is 'a search treats operators as words' 0 "$(json .total)"
for q in '%22' '*' 'AND' 'NEAR(a' 'a%22b' '-' '(' '^' ':' "'" '%5c' '%25'; do
  request GET "/api/images?q=$q"
  is "a search for $q is no error" 200 "$status"
done

request GET "/api/images?q=a+b+c+d+e+f+g+h+i"
refused 'a search for nine words' 400 '8 different words'

# ---- filters ----

picture PNG "$work/IMG_20240131_${mark}x.png" width=16 height=16 seed=$$
upload "$work/IMG_20240131_${mark}x.png"
dated=$(json '.images[0].id')
token=$(json '.images[0].delete_token')
request PATCH "/api/images/$dated" -H "Authorization: Bearer $token" -H 'Content-Type: application/json' \
  -d "{\"tags\": [\"t$mark, one\"], \"taken\": \"1931-05-12T10:11\", \"place\": {\"latitude\": 12.3456, \"longitude\": -45.678}}"
is 'an image gets a time, a tag and a place' 200 "$status"
for query in 'taken=1931' 'taken=1931-05' 'taken=1931-05-12' 'taken=1931-04..1931-06-01&sort=name' 'taken=1931-05-12..1931&sort=taken' \
  "tag=t$mark%2C+one" "tag=t$mark%2C+one&type=image/png&taken=..1931-05" 'q=0131&taken=1931' "q=0240131&tag=t$mark%2C+one"; do
  request GET "/api/images?$query"
  is "$query finds that image" "200 1 $dated" "$status $(json '"\(.total) \(.images[0].id)"')"
done
for query in 'taken=1931-06' "tag=t$mark" "tag=t$mark%2C+one&type=image/jpeg" "tag=t$mark%2C+one&q=nothing"; do
  request GET "/api/images?$query"
  is "$query finds nothing" '200 0' "$status $(json .total)"
done
request GET "/api/images?q=$mark&type=image/png&limit=200&sort=size"
is 'a filter that all matches pass changes nothing' true "$(json '.total > 120')"
request GET '/api/images?taken=1931&near=12.3456,-45.678,1'
refused 'finding by a place that is hidden' 401 "send the operator's token"
request GET '/api/images?taken=31'
refused 'a time that is none' 400 'taken must be a year, a month or a day'
request GET /api/timeline
is 'the timeline has the month of that image' 1 "$(json '.months[]|select(.month == "1931-05").count')"
is 'the months of the timeline are all images' "$(json .count)" "$(json '[.months[].count]|add')"
request GET "/api/tags?q=T$mark"
is 'tags are found by their beginning' "{\"tags\":[{\"tag\":\"t$mark, one\",\"count\":1}]}" "$(cat "$work/body")"
request GET '/api/tags?sort=name'
refused 'tags in an order' 400 'q and limit'
request GET /api/timeline
request GET /api/timeline -H "If-None-Match: $(header ETag)"
is 'a timeline that is known is answered with 304' 304 "$status"

# ---- entity tags ----

request GET '/api/images?limit=1'
etag=$(header ETag)
like 'a listing has an entity tag' '^"[^"]+"$' "$etag"
request GET '/api/images?limit=1' -H "If-None-Match: $etag"
is 'an unchanged listing is answered with 304 and no body' '304 0' "$status $(stat -c %s "$work/body")"
request GET '/api/images?limit=1' -H "If-None-Match: W/$etag"
is 'a weak tag matches an unchanged listing' 304 "$status"
picture PNG "$work/another.png" width=18 height=18 seed=$$
upload "$work/another.png"
request GET '/api/images?limit=1' -H "If-None-Match: $etag"
is 'a changed listing is answered with 200' 200 "$status"
request HEAD '/api/images?limit=1'
is 'HEAD of a listing has its type' '200 application/json' "$status $(header Content-Type)"

# ---- the order of names, as people sort them ----

while read -r name; do
  picture PNG "$work/$name n$mark.png" width=17 height=17 seed=$(($$ + 200 + (i += 1)))
  upload "$work/$name n$mark.png"
  is "an image named $name is uploaded" 201 "$status"
done <<'NAMES'
IMG_10
Éclair
img_2
Zebra
apple
Eclair
IMG_100
Łódź 2
Apple
Lodz 3
NAMES
id=$(json '.images[0].id')
token=$(json '.images[0].delete_token')

# by_name LIMIT: the names in a line.
by_name() {
  walk "q=n$mark&sort=name&limit=$1" .name | sed "s/ n$mark.*//" | paste -sd ,
}

for limit in 1 3 200; do
  is "names are sorted with numbers by value, and case and accents folded; pages of $limit" \
    'Apple,apple,Eclair,Éclair,img_2,IMG_10,IMG_100,Łódź 2,Lodz 3,Zebra' "$(by_name $limit)"
done
request GET "/api/images?q=n$mark&sort=name&limit=5"
cursor=$(json .next)
request PATCH "/api/images/$id" -H 'Content-Type: application/json' -H "Authorization: Bearer $token" \
  --data "{\"name\": \"Img_003 n$mark\"}"
is 'an image is renamed' 200 "$status"
is 'a renamed image takes its new place in the order by name' 'Apple,apple,Eclair,Éclair,img_2,Img_003,IMG_10,IMG_100,Łódź 2,Zebra' \
  "$(by_name 4)"
request GET "/api/images?q=n$mark&sort=name&limit=1&cursor=$cursor"
is 'a cursor from before the rename finds the image in its new place' "Img_003 n$mark" "$(json '.images[0].name')"

# ---- invalid queries ----

for query in limit=0 limit=abc limit=201 limit=-1 limit= limit=5x limit=%35%00 limit=1\&limit=2 \
  sort=random sort= cursor=xyz cursor=new.1x cursor=new. cursor=size.1 cursor=name.1.6 \
  sort=old\&cursor=new.5 q=%zz q=%00 offset=5 'cursor=new.99999999999999999999'; do
  request GET "/api/images?$query"
  is "the invalid query $query is refused with 400" '400 application/problem+json' "$status $(header Content-Type)"
done
request GET '/api/images?limit=abc'
is 'an invalid limit is refused with the range' 'limit must be a whole number from 1 to 200' "$(json .detail)"

finish_gallery
