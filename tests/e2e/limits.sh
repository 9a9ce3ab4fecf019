#!/bin/sh
# VITRINE_UPLOADS_PER_MINUTE: how many uploads one address may send, and who is one address.
# shellcheck source=tests/e2e/lib.sh
. "${srcdir:-.}/tests/e2e/lib.sh"

is_own || bail_skip 'other tests would come under the limit, too'

picture PNG "$work/a.png" seed=$$

# sends COUNT [CURL-ARGUMENT...]: uploads so often, one after the other; prints how many had which status.
sends() {
  last=$1
  shift
  curl -s -o "$work/sent" -w '%{http_code}\n' -F "file=@$work/a.png" "$@" "$url/api/images#[1-$last]" |
    sort | uniq -c | xargs
}

# ---- the default ----

start_gallery
upload "$work/a.png"
is 'by default five hundred uploads in a row succeed' '500 200' "$(sends 500)"
stop_gallery

# ---- ten a minute, without a proxy ----

start_gallery VITRINE_UPLOADS_PER_MINUTE=10
# Ten at once and one more; a slow test gets another every six seconds.
sends 30 >"$work/said"
like 'at ten a minute, ten uploads at once succeed and others get 429' '^1[1-9] 200 1[1-9] 429$' "$(cat "$work/said")"
eventually 'an upload over the rate gets 429' sh -c "[ \"\$(curl -s -o '$work/body' -D '$work/headers' -w '%{http_code}' -F 'file=@$work/a.png' '$url/api/images')\" = 429 ]"
is 'an upload over the rate is answered in JSON with Retry-After' '429 urn:vitrine:problem:too-many 5' \
  "$(json .status) $(json .type) $(header Retry-After)"
request GET /api/images
is 'over the rate of uploads, the first page is served' 200 "$status"
request GET '/api/images?sort=name'
is 'over the rate of uploads, a worker answers listings' 200 "$status"
like 'the address in X-Forwarded-For counts only if a trusted proxy sends it' '429$' "$(sends 10 -H 'X-Forwarded-For: 203.0.113.1')"
is_taken() {
  upload "$work/a.png"
  [ "$status" = 200 ]
}
eventually 'an upload succeeds again after some seconds' is_taken
stop_gallery

# ---- behind a proxy ----

start_gallery VITRINE_UPLOADS_PER_MINUTE=1 VITRINE_TRUSTED_PROXIES=127.0.0.1
for address in 203.0.113.1 203.0.113.2 2001:db8::1 2001:db8:0:1::1; do
  like "at one a minute, $address may upload once, and once more" '^[234] 200 [0-9]+ 429$' "$(sends 20 -H "X-Forwarded-For: $address")"
done
is 'an address of the same IPv6 /64 shares the limit' '5 429' "$(sends 5 -H 'X-Forwarded-For: 2001:db8::2')"
is 'an address at the other end of the IPv6 /64 shares the limit' '5 429' "$(sends 5 -H 'X-Forwarded-For: 2001:db8:0:0:ffff::a')"
stop_gallery

# ---- settings ----

start_gallery VITRINE_UPLOADS_PER_MINUTE=0
is 'VITRINE_UPLOADS_PER_MINUTE=0 sets no limit' '100 200' "$(sends 100)"
stop_gallery
for bad in -1 1.5 ten 010 1000000 '1;'; do
  env VITRINE_ROOT="$VITRINE_TEST_STAGE" VITRINE_DATA="$data" VITRINE_UPLOADS_PER_MINUTE="$bad" \
    "$VITRINE_TEST_LIBEXEC/vitrine-nginx" site >"$work/out" 2>"$work/err"
  is "VITRINE_UPLOADS_PER_MINUTE='$bad' is refused" '1 vitrine-nginx: VITRINE_UPLOADS_PER_MINUTE must be a whole number from 0 to 999999' "$? $(cat "$work/err")"
done

finish_gallery
