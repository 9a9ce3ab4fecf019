#!/bin/sh
# What every answer says to a browser, whoever gives it: nginx or a worker, a success or an error, a
# request that is none.
# shellcheck source=tests/e2e/lib.sh
. "${srcdir:-.}/tests/e2e/lib.sh"

is_own || bail_skip 'this test kills workers'

start_gallery VITRINE_WORKERS=1

# guarded WHAT STATUS: checks that the last answer has that status and each of the headers once.
guarded() {
  is "$1 is answered with $2" "$2" "$status"
  said=$(for name in X-Content-Type-Options Referrer-Policy Cross-Origin-Resource-Policy \
    Cross-Origin-Opener-Policy X-Frame-Options Server; do echo "$name: $(header $name | xargs)"; done)
  is "$1 has each security header once" 'X-Content-Type-Options: nosniff
Referrer-Policy: same-origin
Cross-Origin-Resource-Policy: same-origin
Cross-Origin-Opener-Policy: same-origin
X-Frame-Options: DENY
Server: nginx' "$said"
  like "$1 has one policy, which allows no frames" "^default-src 'none'; [^|]*frame-ancestors 'none'[^|]*\$" "$(header Content-Security-Policy | paste -sd '|')"
  like "$1 has a policy that allows no device" '^camera=\(\), geolocation=\(\), microphone=\(\)[^|]*$' "$(header Permissions-Policy | paste -sd '|')"
  is "$1 names no other program than nginx" '' "$(header X-Powered-By)$(header Via)"
}
# raw BYTES: sends what printf makes of them and reads the answer.
raw() {
  # shellcheck disable=SC2059
  printf "$1" | curl -s --max-time 10 "telnet://127.0.0.1:$port" >"$work/raw"
  sed '/^\r*$/q' "$work/raw" >"$work/headers"
  sed '1,/^\r*$/d' "$work/raw" >"$work/body"
  status=$(sed -n '1s|^HTTP/1.1 \([0-9]*\).*|\1|p' "$work/headers")
}
# in_json WHAT: checks that the last answer is a problem in JSON with its own status.
in_json() {
  is "$1 is answered with a problem in JSON" "application/problem+json $status" "$(header Content-Type) $(json .status)"
}

picture JPEG "$work/a.jpg" width=800 height=600 seed=$$
upload "$work/a.jpg"
guarded 'an upload' 201
id=$(json '.images[0].id')
original=$(json '.images[0].url')
thumb=$(json '.images[0].thumbs["320"]')
upload "$work/a.jpg"
guarded 'an upload of known bytes' 200

# ---- successes ----

for path in / /main.js /vitrine.css "$original" "$thumb" "$(echo "$thumb" | sed 's|/320/|/1280/|')" /api/images \
  '/api/images?sort=name' "/api/images/$id" /api/stats /healthz /metrics; do
  request GET "$path"
  guarded "GET $path" 200
  tag=$(header ETag)
  request HEAD "$path"
  guarded "HEAD $path" 200
  [ -z "$tag" ] || {
    request GET "$path" -H "If-None-Match: $tag"
    guarded "a revalidation of $path" 304
  }
done
for path in "$original" "$thumb"; do
  request GET "$path"
  like "$path has the policy that runs nothing" "^default-src 'none'; .*; sandbox$" "$(header Content-Security-Policy)"
done
request GET /api/images -H 'Accept: text/html'
guarded 'the listing as a page' 200
request GET "$thumb" -H 'Accept: image/webp'
guarded 'a WebP variant' 200
request GET "$original" -H 'Range: bytes=0-9'
guarded 'a range of an original' 206
request GET / -0
guarded 'a request by HTTP/1.0' 200
request POST /api/images -F "file=@$work/a.jpg" -H 'Accept: text/html'
guarded 'an upload by a form without JavaScript' 303

# ---- errors of workers ----

request GET /api/nothing
guarded 'a missing path of the API' 404
request POST /api/images -d x
guarded 'an upload that is no form' 400
upload "$0"
guarded 'an upload that is no image' 415
request DELETE "/api/images/$id"
guarded 'a deletion without a token' 401
request DELETE "/api/images/$id" -H 'Authorization: Bearer x'
guarded 'a deletion with a wrong token' 403
request PUT /api/images
guarded 'a method that the API does not have' 405

# ---- errors of nginx ----

for path in /nothing /uploads/ "/uploads/00/00000000000000000000000000000000.jpg"; do
  request GET "$path"
  guarded "GET $path" 404
  in_json "GET $path"
done
request POST /
guarded 'a method that files do not have' 405
in_json 'a method that files do not have'
head -c 100000 /dev/zero >"$work/large"
request PATCH "/api/images/$id" --data-binary "@$work/large"
guarded 'a body that is too large' 413
in_json 'a body that is too large'
request GET "$original" -H 'Range: bytes=99999999-'
# nginx sends what it adds twice with this one.
awk '!seen[$0]++' "$work/headers" >"$work/once" && mv "$work/once" "$work/headers"
guarded 'a range beyond the end' 416
request GET "$original" -H 'If-Match: "x"'
guarded 'a precondition that fails' 412
in_json 'a precondition that fails'
request GET "/$(printf '%020000d' 0)"
guarded 'a URL that is too long' 414
in_json 'a URL that is too long'
request GET / -H "X-Long: $(printf '%040000d' 0)"
guarded 'headers that are too long' 431
in_json 'headers that are too long'
request POST /api/images -H 'Transfer-Encoding: gzip' -d x
guarded 'an unknown transfer coding' 501
in_json 'an unknown transfer coding'

# ---- invalid requests ----

for bytes in 'GET\r\n\r\n' 'G\001T / HTTP/1.1\r\nHost: x\r\n\r\n' 'GET / HTTP/1.1\r\n\r\n' '\026\003\001\002\001\r\n\r\n' \
  'GET /%%00 HTTP/1.1\r\nHost: x\r\n\r\n' 'GET /../x HTTP/1.1\r\nHost: x\r\n\r\n' 'OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n' \
  'CONNECT x:80 HTTP/1.1\r\nHost: x\r\n\r\n' 'GET / HTTP/1.1\r\nHost: a b\r\n\r\n' 'GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n' \
  'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n' 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n' \
  'POST /api/images HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'; do
  raw "$bytes"
  guarded "the request $bytes" 400
  in_json "the request $bytes"
done
raw 'GET / HTTP/3.0\r\nHost: x\r\n\r\n'
guarded 'a request of a later version of HTTP' 505
in_json 'a request of a later version of HTTP'

# ---- a killed worker, and a stopped pool ----

picture GIF "$work/slow.gif" width=6000 height=4000 seed=$$
is_under_way() {
  [ -n "$(find "$data/tmp" -type f)" ]
}
kill_worker() {
  poll is_under_way || return 1
  kill -9 "$(workers image)"
}
kill_worker &
killer=$!
upload "$work/slow.gif"
wait "$killer"
guarded 'an upload whose worker was killed' 502
in_json 'an upload whose worker was killed'
kill -STOP "$server"
kill -TERM "$(pgrep -P "$server" -f 'vitrine-pool api')"
is_away() {
  [ ! -e "$data/run/api.sock" ]
}
eventually 'a stopped pool has removed its socket' is_away
request GET /api/stats
guarded 'a request whose pool is stopped' 503
in_json 'a request whose pool is stopped'
is 'a request whose pool is stopped is answered with Retry-After' 5 "$(header Retry-After)"
kill -CONT "$server"

finish_gallery
