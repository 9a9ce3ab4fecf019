#!/bin/sh
# Thumbnails for who takes WebP: the same URL, the same picture, at least a fifth fewer bytes.
# shellcheck source=tests/e2e/lib.sh
. "${srcdir:-.}/tests/e2e/lib.sh"

use_gallery

webp='Accept: image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8' # as Chromium has it

# add CODER NAME=NUMBER...: uploads such a picture; sets $id, $prefix and $token.
add() {
  coder=$1
  shift
  picture "$coder" "$work/$mark" "$@"
  upload "$work/$mark"
  id=$(json '.images[0].id')
  prefix=$(echo "$id" | cut -c 1-2)
  token=$(json '.images[0].delete_token')
}

# What the last answer's body is, by its first bytes.
magic() {
  case $(od -An -N12 -c "$work/body" | tr -d ' \n') in
    'RIFF'*'WEBP') echo webp ;;
    '377330377'*) echo jpeg ;;
    *) echo 'something else' ;;
  esac
}

# The last answer, in short.
answer() {
  echo "$status $(header Content-Type) $(magic)"
}

# is_webp PATH: whether it is by now.
is_webp() {
  request GET "$1" -H "$webp"
  [ "$(answer)" = '200 image/webp webp' ]
}

# How often the workers were asked for a thumbnail.
asked() {
  curl -s "$url/metrics" | awk '/^vitrine_requests_total.*thumbs_make/ { sum += $2 } END { print sum + 0 }'
}

# made_of ID: the files of its thumbnails that are for who takes WebP.
made_of() {
  find "$data/thumbs" -name "$1.twin" -o -name "$1.same"
}

# ---- in each size ----

add JPEG width=3000 height=2000 seed=$$
if has_data; then
  is 'an upload makes none' '' "$(made_of "$id")"
fi
for size in 320 640 1280 2048; do
  path=/thumbs/$size/$prefix/$id.jpg
  request GET "$path" -H "$webp"
  like "$size: the first who asks gets a picture" '^200 image/(jpeg jpeg|webp webp)$' "$(answer)"
  is "$size: which goes by Accept" Accept "$(header Vary)"
  holds "$size: WebP, in a moment at the latest" poll is_webp "$path"
  before=$(asked)
  request GET "$path" -H "$webp"
  is "$size: by the type, and by the bytes" '200 image/webp webp' "$(answer)"
  is "$size: told to proxies" Accept "$(header Vary)"
  is "$size: to be kept for ever" 'public, max-age=31536000, immutable' "$(header Cache-Control)"
  is "$size: that runs nothing" "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox" \
    "$(header Content-Security-Policy)"
  like "$size: in its size" "${size}x" "$(file "$work/body")"
  twin_bytes=$(wc -c <"$work/body")
  twin_tag=$(header ETag)
  request HEAD "$path" -H "$webp"
  is "$size: HEAD" "200 image/webp $twin_bytes" "$status $(header Content-Type) $(header Content-Length)"
  request GET "$path" -H "$webp" -H 'Range: bytes=0-11'
  is "$size: ranges" '206 image/webp webp' "$(answer)"
  request GET "$path" -H "$webp" -H "If-None-Match: $twin_tag"
  is "$size: 304 for who has it" '304 Accept' "$status $(header Vary)"
  request GET "$path"
  is "$size: for others, the JPEG" '200 image/jpeg jpeg Accept' "$(answer) $(header Vary)"
  is "$size: and the same of it" "${size}x" "$(file "$work/body" | grep -o " ${size}x" | tr -d ' ')"
  is "$size: at least a fifth is saved" true \
    "$([ $((twin_bytes * 5)) -le $(($(wc -c <"$work/body") * 4)) ] && echo true)"
  is "$size: entity tags differ" true "$([ "$(header ETag)" != "$twin_tag" ] && echo true)"
  request GET "$path" -H "If-None-Match: $twin_tag"
  is "$size: the one is not the other's" 200 "$status"
  is "$size: no worker was asked any more" "$before" "$(asked)"
done

# ---- what Accept may say ----

path=/thumbs/320/$prefix/$id.jpg
while IFS='|' read -r accept kind; do
  request GET "$path" -H "Accept:$accept"
  is "Accept:$accept" "200 image/$kind $kind" "$(answer)"
done <<ACCEPT
 image/webp|webp
 image/avif,image/webp|webp
 image/png, image/webp;q=0.9, */*|webp
 IMAGE/WEBP|webp
 image/webp; q=0.05|webp
 image/webp;q=0|jpeg
 image/avif, image/webp ; q=0.000, */*|jpeg
 image/*|jpeg
 */*|jpeg
 text/html|jpeg
 image/jpeg|jpeg
 ../../catalogue.sqlite|jpeg
|jpeg
ACCEPT

# ---- where WebP saves too little ----

add PNG width=600 height=400 noise=1 seed=$$
path=/thumbs/320/$prefix/$id.jpg
request GET "$path"
cp "$work/body" "$work/jpeg"
decided() {
  request GET "$path" -H "$webp"
  is_decided=$(asked)
  request GET "$path" -H "$webp"
  [ "$is_decided" = "$(asked)" ]
}
holds 'noise: the worker is asked until it has decided' poll decided
is 'noise: the JPEG' '200 image/jpeg jpeg Accept' "$(answer) $(header Vary)"
holds 'noise: byte for byte' cmp "$work/jpeg" "$work/body"
if has_data; then
  is 'noise: it stands there in place of the twin' "$data/thumbs/320/$prefix/$id.same" "$(made_of "$id")"
fi

# ---- transparency, whose thumbnails are WebP anyway ----

add PNG width=600 height=400 alpha=1 seed=$$
path=/thumbs/640/$prefix/$id.webp
request GET "$path" -H 'Accept: image/png'
is 'transparency: WebP for all' '200 image/webp webp ' "$(answer) $(header Vary)"
is_webp "$path"
is 'and for who takes it' '200 image/webp webp' "$(answer)"
request GET "/thumbs/640/$prefix/$id.jpg" -H "$webp"
is 'no JPEG of it' '404 application/problem+json' "$status $(header Content-Type)"

# ---- what there is not ----

add PNG width=600 height=400 seed=$$
holds 'a picture that was asked for once' poll is_webp "/thumbs/320/$prefix/$id.jpg"
for path in "/thumbs/320/$prefix/$id.twin" "/thumbs/320/$prefix/$id.same" "/thumbs/320/$prefix/$id.webp" \
  "/made/thumbs/320/$prefix/$id.twin" "/made/thumbs/320/$prefix/$id.jpg" "/thumbs/321/$prefix/$id.jpg" \
  "/thumbs/0640/$prefix/$id.jpg" "/thumbs/640/xx/$id.jpg" "/thumbs/640/$prefix/${id}0.jpg" \
  "/thumbs/640/00/00000000000000000000000000000000.jpg" "/thumbs/320/00/00000000000000000000000000000000.jpg"; do
  request GET "$path" -H "$webp"
  is "$path: 404" '404 application/problem+json ' "$status $(header Content-Type) $(header Cache-Control)"
done
for path in "/thumbs/320/$prefix/$id.jpg" "/thumbs/2048/$prefix/$id.jpg"; do
  request PUT "$path" -H "$webp"
  is "PUT $path: 405" '405 application/problem+json GET, HEAD' "$status $(header Content-Type) $(header Allow)"
done

# ---- several at once ----

add PNG width=600 height=400 seed=$(($$ + 1))
clients=
for client in 1 2 3 4 5 6; do
  # Who waits too long for another's, on a slow machine, is told to come again.
  curl -s --retry 10 -o "$work/picture-$client" -w '%{http_code} %{content_type}\n' -H "$webp" \
    "$url/thumbs/2048/$prefix/$id.jpg" >"$work/answer-$client" &
  clients="$clients $!"
done
# shellcheck disable=SC2086
wait $clients
is 'six at once: each gets a picture' 6 \
  "$(cat "$work"/answer-? | grep -Ec '^200 image/(jpeg|webp)$')"
holds 'six at once: then there is the twin' poll is_webp "/thumbs/2048/$prefix/$id.jpg"
if has_data; then
  is 'six at once: one' 1 "$(made_of "$id" | wc -l)"
  is 'six at once: nothing half-done' '' "$(find "$data/tmp" -type f)"
fi

# ---- the end of an image ----

request DELETE "/api/images/$id" -H "Authorization: Bearer $token"
is 'removed' 204 "$status"
request GET "/thumbs/2048/$prefix/$id.jpg" -H "$webp"
is 'removed: its twin is not served' 404 "$status"
if has_data; then
  is 'removed: and gone' '' "$(find "$data" -name "$id*")"
fi
if is_own; then
  add PNG width=600 height=400 seed=$(($$ + 2))
  holds 'another one' poll is_webp "/thumbs/320/$prefix/$id.jpg"
  sqlite3 "$data/catalogue.sqlite" "DELETE FROM image WHERE id = '$id'"
  find "$data/uploads" -name "$id.*" -delete
  find "$data/thumbs" -name "$id.*" -exec touch -d '2 hours ago' {} +
  left=$(find "$data/thumbs" -name "$id.*" | wc -l)
  is 'without row and original, the sweep removes thumbnails and twins' "removed 0 unfinished uploads and $left files without an image" \
    "$(VITRINE_DATA=$data "$VITRINE_TEST_BIN/vitrine" gc)"
  is 'all' '' "$(find "$data" -name "$id.*")"
fi

# ---- a pool that does not come to it ----

if is_own; then
  add PNG width=600 height=400 seed=$(($$ + 3))
  path=/thumbs/320/$prefix/$id.jpg
  held=$(workers image)
  # shellcheck disable=SC2086
  kill -STOP $held
  start=$(date +%s%N)
  request GET "$path" -H "$webp"
  took=$((($(date +%s%N) - start) / 1000000))
  is 'a pool that is held up: the JPEG' '200 image/jpeg jpeg Accept' "$(answer) $(header Vary)"
  is 'to be kept, too' 'public, max-age=31536000, immutable' "$(header Cache-Control)"
  is 'which is no error' '' "$(grep 'timed out' "$work/log")"
  is "in less than a second ($took ms)" true "$([ "$took" -lt 1000 ] && echo true)"
  # shellcheck disable=SC2086
  kill -CONT $held
  holds 'goes on: WebP' poll is_webp "$path"
fi

finish_gallery
