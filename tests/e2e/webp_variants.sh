#!/bin/sh
# WebP variants of thumbnails: clients that accept WebP get the same picture at the same URL in at least a fifth fewer bytes.
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

# made_of ID: the files of its WebP variants, or of the JPEGs in their place.
made_of() {
  find "$data/thumbs" -name "$1.twin" -o -name "$1.same"
}

# webp_width FILE: prints its width, whichever way it is coded. RFC 9649, 2.5 to 2.7.
webp_width() {
  case $(head -c 16 "$1" | tail -c 4) in
    'VP8 ') echo $(($(od -An -tu2 -j26 -N2 "$1") & 16383)) ;;
    VP8L) echo $((($(od -An -tu2 -j21 -N2 "$1") & 16383) + 1)) ;;
    VP8X) echo $(($(od -An -tu2 -j24 -N2 "$1") + 1)) ;;
  esac
}

# ---- a WebP variant in each size ----

add JPEG width=3000 height=2000 seed=$$
if has_data; then
  is 'an upload makes no WebP variant' '' "$(made_of "$id")"
fi
for size in 320 640 1280 2048; do
  path=/thumbs/$size/$prefix/$id.jpg
  request GET "$path" -H "$webp"
  like "$size: the first client that accepts WebP gets a picture" '^200 image/(jpeg jpeg|webp webp)$' "$(answer)"
  is "$size: the first answer varies by Accept" Accept "$(header Vary)"
  eventually "$size: the WebP variant is served soon after the first request" is_webp "$path"
  before=$(asked)
  request GET "$path" -H "$webp"
  is "$size: a client that accepts WebP gets it, by media type and bytes" '200 image/webp webp' "$(answer)"
  is "$size: the WebP variant varies by Accept" Accept "$(header Vary)"
  is "$size: the WebP variant may be cached for ever" 'public, max-age=31536000, immutable' "$(header Cache-Control)"
  is "$size: the WebP variant has the policy that runs nothing" "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox" \
    "$(header Content-Security-Policy)"
  is "$size: the WebP variant has the width of the thumbnail" "$size" "$(webp_width "$work/body")"
  webp_bytes=$(wc -c <"$work/body")
  webp_tag=$(header ETag)
  request HEAD "$path" -H "$webp"
  is "$size: HEAD has the type and length of the WebP variant" "200 image/webp $webp_bytes" "$status $(header Content-Type) $(header Content-Length)"
  request GET "$path" -H "$webp" -H 'Range: bytes=0-11'
  is "$size: a range of the WebP variant is answered with 206" '206 image/webp webp' "$(answer)"
  request GET "$path" -H "$webp" -H "If-None-Match: $webp_tag"
  is "$size: the WebP variant is revalidated with 304" '304 Accept' "$status $(header Vary)"
  request GET "$path"
  is "$size: a client that does not accept WebP gets the JPEG" '200 image/jpeg jpeg Accept' "$(answer) $(header Vary)"
  is "$size: the JPEG has the size of the thumbnail" "${size}x" "$(file "$work/body" | grep -o " ${size}x" | tr -d ' ')"
  is "$size: the WebP variant has at most four fifths of the JPEG's bytes" true \
    "$([ $((webp_bytes * 5)) -le $(($(wc -c <"$work/body") * 4)) ] && echo true)"
  is "$size: JPEG and WebP variant have different entity tags" true "$([ "$(header ETag)" != "$webp_tag" ] && echo true)"
  request GET "$path" -H "If-None-Match: $webp_tag"
  is "$size: the WebP variant's entity tag does not match the JPEG" 200 "$status"
  is "$size: no worker is asked once the WebP variant exists" "$before" "$(asked)"
done

# ---- the values of Accept ----

path=/thumbs/320/$prefix/$id.jpg
while IFS='|' read -r accept kind; do
  request GET "$path" -H "Accept:$accept"
  is "the header Accept:$accept gets $kind" "200 image/$kind $kind" "$(answer)"
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

# ---- a picture of which WebP saves too little ----

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
eventually 'noise: the worker is asked until it has decided for the JPEG' decided
is 'noise: a client that accepts WebP gets the JPEG' '200 image/jpeg jpeg Accept' "$(answer) $(header Vary)"
holds 'noise: that JPEG is the thumbnail byte for byte' cmp "$work/jpeg" "$work/body"
if has_data; then
  is 'noise: the JPEG is on the disk in place of the WebP variant' "$data/thumbs/320/$prefix/$id.same" "$(made_of "$id")"
fi

# ---- transparency, whose thumbnails are WebP anyway ----

add PNG width=600 height=400 alpha=1 seed=$$
path=/thumbs/640/$prefix/$id.webp
request GET "$path" -H 'Accept: image/png'
is 'transparency: clients that do not accept WebP get WebP' '200 image/webp webp ' "$(answer) $(header Vary)"
is_webp "$path"
is 'transparency: clients that accept WebP get it' '200 image/webp webp' "$(answer)"
request GET "/thumbs/640/$prefix/$id.jpg" -H "$webp"
is 'transparency: the thumbnail has no JPEG' '404 application/problem+json' "$status $(header Content-Type)"

# ---- paths that do not exist ----

add PNG width=600 height=400 seed=$$
eventually 'the WebP variant of another picture is made' is_webp "/thumbs/320/$prefix/$id.jpg"
for path in "/thumbs/320/$prefix/$id.twin" "/thumbs/320/$prefix/$id.same" "/thumbs/320/$prefix/$id.webp" \
  "/made/thumbs/320/$prefix/$id.twin" "/made/thumbs/320/$prefix/$id.jpg" "/thumbs/321/$prefix/$id.jpg" \
  "/thumbs/0640/$prefix/$id.jpg" "/thumbs/640/xx/$id.jpg" "/thumbs/640/$prefix/${id}0.jpg" \
  "/thumbs/640/00/00000000000000000000000000000000.jpg" "/thumbs/320/00/00000000000000000000000000000000.jpg"; do
  request GET "$path" -H "$webp"
  is "$path does not exist: 404" '404 application/problem+json ' "$status $(header Content-Type) $(header Cache-Control)"
done
for path in "/thumbs/320/$prefix/$id.jpg" "/thumbs/2048/$prefix/$id.jpg"; do
  request PUT "$path" -H "$webp"
  is "PUT $path is answered with 405" '405 application/problem+json GET, HEAD' "$status $(header Content-Type) $(header Allow)"
done

# ---- several requests at once ----

add PNG width=600 height=400 seed=$(($$ + 1))
clients=
for client in 1 2 3 4 5 6; do
  # On a slow machine, a client that waits too long for another request is told to retry.
  curl -s --retry 10 -o "$work/picture-$client" -w '%{http_code} %{content_type}\n' -H "$webp" \
    "$url/thumbs/2048/$prefix/$id.jpg" >"$work/answer-$client" &
  clients="$clients $!"
done
# shellcheck disable=SC2086
wait $clients
is 'six concurrent requests for a WebP variant all get a picture' 6 \
  "$(cat "$work"/answer-? | grep -Ec '^200 image/(jpeg|webp)$')"
eventually 'after six concurrent requests the WebP variant is served' is_webp "/thumbs/2048/$prefix/$id.jpg"
if has_data; then
  is 'six concurrent requests make one WebP variant' 1 "$(made_of "$id" | wc -l)"
  is 'six concurrent requests leave no unfinished file' '' "$(find "$data/tmp" -type f)"
fi

# ---- the end of an image ----

request DELETE "/api/images/$id" -H "Authorization: Bearer $token"
is 'an image with WebP variants is deleted' 204 "$status"
request GET "/thumbs/2048/$prefix/$id.jpg" -H "$webp"
is "a deleted image's WebP variant is not served" 404 "$status"
if has_data; then
  is 'a deleted image leaves no file' '' "$(find "$data" -name "$id*")"
fi
if is_own; then
  add PNG width=600 height=400 seed=$(($$ + 2))
  eventually 'a picture to be swept has a WebP variant' is_webp "/thumbs/320/$prefix/$id.jpg"
  sqlite3 "$data/catalogue.sqlite" "DELETE FROM image WHERE id = '$id'"
  find "$data/uploads" -name "$id.*" -delete
  find "$data/thumbs" -name "$id.*" -exec touch -d '2 hours ago' {} +
  left=$(find "$data/thumbs" -name "$id.*" | wc -l)
  is 'the sweep removes thumbnails and WebP variants without row and original' "removed 0 unfinished uploads and $left files without an image" \
    "$(VITRINE_DATA=$data "$VITRINE_TEST_BIN/vitrine" gc)"
  is 'the sweep leaves no file of that image' '' "$(find "$data" -name "$id.*")"
fi

# ---- a pool that does not answer ----

if is_own; then
  add PNG width=600 height=400 seed=$(($$ + 3))
  path=/thumbs/320/$prefix/$id.jpg
  held=$(workers image)
  # shellcheck disable=SC2086
  kill -STOP $held
  request GET "$path" -H "$webp"
  is 'with a pool that does not answer, the JPEG is served' '200 image/jpeg jpeg Accept' "$(answer) $(header Vary)"
  is 'with a pool that does not answer, the JPEG may be cached for ever' 'public, max-age=31536000, immutable' "$(header Cache-Control)"
  is 'a WebP variant that does not come in time is not logged as an error' '' "$(grep 'timed out' "$work/log")"
  # By curl's clock, because on a busy machine the start of a process may take a second. One answer of five is enough.
  for _ in 1 2 3 4 5; do
    took=$(curl -s -o "$work/timed" -w '%{time_total}' -H "$webp" "$url$path" | awk '{ printf "%d\n", $1 * 1000 }')
    [ "$took" -ge 1000 ] || break
  done
  is "with a pool that does not answer, the JPEG comes in less than a second ($took ms)" true "$([ "$took" -lt 1000 ] && echo true)"
  # shellcheck disable=SC2086
  kill -CONT $held
  eventually 'the WebP variant is served once the pool answers again' is_webp "$path"
fi

finish_gallery
