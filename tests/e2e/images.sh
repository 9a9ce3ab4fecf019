#!/bin/sh
# One image: reading, renaming, tagging, removing, and who may.
# shellcheck source=tests/e2e/lib.sh
. "${srcdir:-.}/tests/e2e/lib.sh"

use_gallery

nobody=00000000000000000000000000000000

# add NAME SEED: uploads a picture; sets $id, $token and $url_path.
add() {
  picture JPEG "$work/$1" width=700 height=500 seed="$2"
  upload "$work/$1"
  id=$(json '.images[0].id')
  token=$(json '.images[0].delete_token')
  url_path=$(json '.images[0].url')
  thumb_path=$(json '.images[0].thumbs["320"]')
}

# change BODY [CURL-ARGUMENT...]
change() {
  body=$1
  shift
  request PATCH "/api/images/$id" -H 'Content-Type: application/json' --data "$body" "$@"
}

add "$mark.jpg" $$
is 'an image is uploaded with 201' 201 "$status"

# ---- reading ----

request GET "/api/images/$id"
is 'GET of an image has its id and name' "200 $id $mark.jpg" "$status $(json '"\(.id) \(.name)"')"
is 'GET of an image has no token' null "$(json .delete_token)"
for path in $nobody xyz "$id/" "$id/x" "${id}0" "$(echo "$id" | tr a-f A-F)X" '..%2f..%2fetc%2fpasswd'; do
  request GET "/api/images/$path"
  is "GET of $path, which does not exist, is answered with 404" '404 application/problem+json' "$status $(header Content-Type)"
done

# ---- changing ----

auth="Authorization: Bearer $token"
change '{"name":"Über <b>alles</b>.jpg"}' -H "$auth"
is 'PATCH with a name changes the name' '200 Über <b>alles</b>.jpg' "$status $(json .name)"
change '{"tags":["sea"," summer ","sea"]}' -H "$auth"
is 'PATCH with tags cleans and stores them' 'sea summer' "$(json '.tags|join(" ")')"
is 'PATCH with tags keeps the name' 'Über <b>alles</b>.jpg' "$(json .name)"
request GET "/api/images/$id"
is 'a changed name and changed tags are stored' 'Über <b>alles</b>.jpg sea summer' "$(json '"\(.name) \(.tags|join(" "))"')"
change '{"name":"../../x\u0000y\nz.jpg"}' -H "$auth"
is 'PATCH with NUL in a name is refused with 400' 400 "$status"
change '{"name":"a\nb\u202ec.jpg","tags":[]}' -H "$auth"
is 'PATCH cleans a name, and removes the tags if told so' 'abc.jpg 0' "$(json '"\(.name) \(.tags|length)"')"
change "{\"name\":\"$mark renamed.jpg\"}" -H "$auth"
request GET "/api/images?q=$mark+renamed"
is 'a search finds an image by its new name' 1 "$(json .total)"

change '{"taken":"2001-02-03T04:05:06+01:00","place":{"latitude":43.5,"longitude":11.75}}' -H "$auth"
is 'PATCH changes time and place' '200 2001-02-03T04:05:06.000+01:00 person 43.5' "$status $(json '"\(.taken) \(.taken_from) \(.place.latitude)"')"
request GET "/api/images/$id"
is 'whoever may not change an image is told its time, and not its place' '2001-02-03T04:05:06.000+01:00 null' "$(json '"\(.taken) \(.place)"')"
request GET "/api/images/$id" -H "$auth"
is 'whoever may change an image is told its place' 11.75 "$(json .place.longitude)"
request GET "/api/images?q=$mark&sort=taken-old"
is 'a listing tells the time, and not the place' '2001-02-03T04:05:06.000+01:00 null' "$(json '.images[0]|"\(.taken) \(.place)"')"

for bad in '' '{' '[]' '"x"' '{}' '{"name":5}' '{"name":""}' '{"name":" "}' '{"id":"x"}' '{"tags":"a"}' \
  '{"tags":[1]}' '{"tags":[""]}' '{"name":"a","name":"b"}' '{"name":null}' \
  '{"tags":["1","2","3","4","5","6","7","8","9","10","11","12","13","14","15","16","17"]}'; do
  change "$bad" -H "$auth"
  is "PATCH with the invalid body $bad is refused with 400" '400 application/problem+json' "$status $(header Content-Type)"
done
change "{\"name\":\"$(printf '%020000d' 0)\"}" -H "$auth"
is 'PATCH with a body of 20 KB is refused with 413' 413 "$status"
request PATCH "/api/images/$id" -H 'Content-Type: text/plain' --data '{"name":"x"}' -H "$auth"
is 'PATCH with plain text is refused with 415' 415 "$status"

# ---- tokens ----

change '{"name":"x"}'
is 'PATCH without a token is refused with 401' '401 Bearer realm="vitrine"' "$status $(header WWW-Authenticate)"
for wrong in "${token}x" x "$(printf '%0500d' 0)"; do
  change '{"name":"x"}' -H "Authorization: Bearer $wrong"
  is 'PATCH with a wrong token is refused with 403' 403 "$status"
done
change '{"name":"x"}' -H "Authorization: Basic $token"
is 'PATCH with the scheme Basic is refused with 401' 401 "$status"
request DELETE "/api/images/$id"
is 'DELETE without a token is refused with 401' 401 "$status"
other=$id
other_token=$token
add "$mark-2.jpg" $(($$ + 1))
request DELETE "/api/images/$id" -H "Authorization: Bearer $other_token"
is "DELETE with another image's token is refused with 403" 403 "$status"
request DELETE "/api/images/$nobody" -H "$auth"
is 'DELETE of a missing image is refused with 404' 404 "$status"
request GET "/api/images/$id"
is 'the image exists after refused deletions' 200 "$status"

# ---- removing ----

request GET "$(json '.thumbs["640"]')"
is 'another size of thumbnail is made before the deletion' 200 "$status"
request DELETE "/api/images/$id" -H "Authorization: Bearer $token"
is 'DELETE is answered with 204 and no body' '204 0' "$status $(stat -c %s "$work/body")"
for path in "/api/images/$id" "$url_path" "$thumb_path"; do
  request GET "$path"
  is "$path of a deleted image is 404" 404 "$status"
done
request DELETE "/api/images/$id" -H "Authorization: Bearer $token"
is 'DELETE of a deleted image is refused with 404' 404 "$status"
if has_data; then
  is 'a deleted image leaves no file' '' "$(find "$data" -name "$id*")"
else
  skip 'a deleted image leaves no file' 'the data folder is out of reach'
fi
upload "$work/$mark-2.jpg"
is 'a deleted image can be uploaded again and gets another token' "201 $id true" \
  "$status $(json '.images[0].id') $(json ".images[0].delete_token != \"$token\"")"
request DELETE "/api/images/$other" -H "Authorization: Bearer $other_token"
is 'the other image is deleted with its own token' 204 "$status"

finish_gallery
