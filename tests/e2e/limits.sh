#!/bin/sh
# VITRINE_UPLOADS_PER_MINUTE: how many uploads one address may send, and who is one address.
# shellcheck source=tests/e2e/lib.sh
. "${srcdir:-.}/tests/e2e/lib.sh"

is_own || bail_skip 'other tests would come under the limit, too'

picture PNG "$work/a.png" seed=$$

# sends COUNT [CURL-ARGUMENT...]: uploads one after the other; prints how many had which status.
sends() {
  last=$1
  shift
  curl -s -o "$work/sent" -w '%{http_code}\n' -F "file=@$work/a.png" "$@" "$url/api/images#[1-$last]" |
    sort | uniq -c | xargs
}

# ---- as it is ----

start_gallery
upload "$work/a.png"
is 'by default five hundred in a row are taken' '500 200' "$(sends 500)"
stop_gallery

# ---- ten a minute, for clients that come straight ----

start_gallery VITRINE_UPLOADS_PER_MINUTE=10
# Ten at once and the one whose turn it is; slow tests get another every six seconds.
sends 30 >"$work/said"
like 'ten at once are taken, others are not' '^1[1-9] 200 1[1-9] 429$' "$(cat "$work/said")"
poll sh -c "[ \"\$(curl -s -o '$work/body' -D '$work/headers' -w '%{http_code}' -F 'file=@$work/a.png' '$url/api/images')\" = 429 ]"
is 'those are told so in JSON, and when to come again' '429 urn:vitrine:problem:too-many 5' \
  "$(json .status) $(json .type) $(header Retry-After)"
request GET /api/images
is 'reading goes on' 200 "$status"
request GET '/api/images?sort=name'
is 'from a worker, too' 200 "$status"
like 'who is no proxy is not believed' '429$' "$(sends 10 -H 'X-Forwarded-For: 203.0.113.1')"
is_taken() {
  upload "$work/a.png"
  [ "$status" = 200 ]
}
holds 'soon another is taken' poll is_taken
stop_gallery

# ---- behind a proxy ----

start_gallery VITRINE_UPLOADS_PER_MINUTE=1 VITRINE_TRUSTED_PROXIES=127.0.0.1
for address in 203.0.113.1 203.0.113.2 2001:db8::1 2001:db8:0:1::1; do
  like "$address may send one, and one more" '^[234] 200 [0-9]+ 429$' "$(sends 20 -H "X-Forwarded-For: $address")"
done
is 'an address of the same network is the same' '5 429' "$(sends 5 -H 'X-Forwarded-For: 2001:db8::2')"
is 'far away in it, too' '5 429' "$(sends 5 -H 'X-Forwarded-For: 2001:db8:0:0:ffff::a')"
stop_gallery

# ---- settings ----

start_gallery VITRINE_UPLOADS_PER_MINUTE=0
is '0 is no limit' '100 200' "$(sends 100)"
stop_gallery
for bad in -1 1.5 ten 010 1000000 '1;'; do
  env VITRINE_ROOT="$VITRINE_TEST_STAGE" VITRINE_DATA="$data" VITRINE_UPLOADS_PER_MINUTE="$bad" \
    "$VITRINE_TEST_LIBEXEC/vitrine-nginx" site >"$work/out" 2>"$work/err"
  is "'$bad' is refused" '1 vitrine-nginx: VITRINE_UPLOADS_PER_MINUTE must be a whole number from 0 to 999999' "$? $(cat "$work/err")"
done

finish_gallery
