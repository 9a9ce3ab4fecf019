#!/bin/sh
# What a web page of another site can have its visitor's browser do: neither change the gallery, nor read it under a
# name of its own.
# shellcheck source=tests/e2e/lib.sh
. "${srcdir:-.}/tests/e2e/lib.sh"

is_own || bail_skip 'this test starts galleries with other settings'

start_gallery VITRINE_WORKERS=1
picture JPEG "$work/a.jpg" width=800 height=600 seed=$$
picture JPEG "$work/b.jpg" width=80 height=60 seed=$$
upload "$work/a.jpg"
id=$(json '.images[0].id')
token=$(json '.images[0].delete_token')
original=$(json '.images[0].url')
thumb=$(json '.images[0].thumbs["320"]')
image=$(curl -s "$url/api/images/$id")

# problem WHAT STATUS TYPE: checks that the last request was refused so.
problem() {
  is "$1 is refused with $2 $3" "$2 application/problem+json $2 urn:vitrine:problem:$3" \
    "$status $(header Content-Type) $(json .status) $(json .type)"
}

# ---- changes ----

# elsewhere WHAT HEADER: checks that each request that would change something is refused.
elsewhere() {
  request POST /api/images -F "file=@$work/b.jpg" -H "$2"
  problem "an upload by $1" 403 cross-site
  request POST /api/images --data-binary "@$work/b.jpg" -H 'Content-Type: image/jpeg' -H "$2"
  problem "an upload without a form by $1" 403 cross-site
  for method in PATCH DELETE; do
    request $method "/api/images/$id" -H "Authorization: Bearer $token" -H 'Content-Type: application/json' \
      -d '{"name":"stolen"}' -H "$2"
    problem "$method by $1" 403 cross-site
  done
  for path in / /api/stats /healthz "$original" /nothing; do
    request POST "$path" -H "$2" -d x
    is "POST $path by $1 is refused with 403" 403 "$status"
  done
  for method in GET HEAD OPTIONS; do
    request $method /api/stats -H "$2"
    like "$method by $1 is answered, because it changes nothing" '^(200|405)$' "$status"
  done
  is "$1 has changed nothing" "$image 1" "$(curl -s "$url/api/images/$id") $(image_count)"
}
# as_well WHAT HEADER: checks an upload only, which stands for all of these.
as_well() {
  request POST /api/images -F "file=@$work/b.jpg" -H "$2"
  problem "an upload by $1" 403 cross-site
}
elsewhere 'a page of another site' 'Sec-Fetch-Site: cross-site'
elsewhere 'a page of another origin' 'Origin: http://attacker.example'
as_well 'a page of another origin of the same site' 'Sec-Fetch-Site: same-site'
as_well 'a page with the origin null' 'Origin: null'
as_well 'a page at another port' "Origin: http://127.0.0.1:$((port + 1))"
as_well 'a page at the default port' 'Origin: http://127.0.0.1'
as_well 'a page whose origin begins like that of the gallery' "Origin: http://127.0.0.1:$port.attacker.example"
as_well 'a page whose origin ends like that of the gallery' "Origin: http://attacker.example/127.0.0.1:$port"
as_well 'a page with another scheme' "Origin: file://127.0.0.1:$port"

# own WHAT HEADER...: checks an upload with the headers that the gallery's own page, or no browser, sends.
own() {
  what=$1
  shift
  request POST /api/images -F "file=@$work/a.jpg" "$@"
  is "an upload by $what succeeds" 200 "$status"
}
own 'a client that is no browser'
own "the gallery's page" -H 'Sec-Fetch-Site: same-origin' -H "Origin: http://127.0.0.1:$port"
own 'a visitor who has typed the address' -H 'Sec-Fetch-Site: none'
own 'the page under another name' -H "Host: localhost:$port" -H "Origin: http://localhost:$port"
own 'the page at the default port' -H 'Host: LOCALHOST' -H 'Origin: http://localhost'
own 'the page behind a proxy with TLS' -H 'Host: localhost' -H 'Origin: https://localhost'
own 'the page behind a proxy that names the port' -H 'Host: localhost:443' -H 'Origin: https://localhost'
own 'the page behind a proxy at another port' -H 'Host: localhost:8443' -H 'Origin: https://localhost:8443'
own 'the page at an address of IPv6' -H 'Host: [::1]:8080' -H 'Origin: http://[::1]:8080'

# ---- names ----

# known HOST, unknown HOST: checks that the gallery answers to the host, or does not; unknown_everywhere HOST: at any path.
known() {
  request GET "$original" -H "Host: $1"
  is "the gallery answers to the host $1" 200 "$status"
}
unknown() {
  request GET /api/images -H "Host: $1"
  problem "a request at the host $1" 421 unknown-host
}
unknown_everywhere() {
  for path in / /main.js /api/images '/api/images?sort=name' "/api/images/$id" "$original" "$thumb" /api/stats /healthz \
    /metrics /nothing; do
    request GET "$path" -H "Host: $1"
    problem "GET $path at the host $1" 421 unknown-host
  done
  request POST /api/images -F "file=@$work/a.jpg" -H "Host: $1"
  problem "an upload at the host $1" 421 unknown-host
}
for host in localhost localhost:1 localhost. gallery.localhost 127.0.0.1 127.1.2.3 192.168.1.7:8080 '[::1]' '[2001:db8::7]:81' \
  "$(uname -n)"; do
  known "$host"
done
request GET / -0 -H 'Host:'
is 'the gallery answers without a host' 200 "$status"
unknown_everywhere attacker.example
for host in localhost.attacker.example 127.0.0.1.attacker.example notlocalhost 127.0.0.1.5 1.2.3.4x _ \
  pictures.example.org; do
  unknown "$host"
done
request GET "/$(printf '%020000d' 0)" -H 'Host: attacker.example'
problem 'a URL that is too long, at an unknown host,' 414 too-large
request POST / -H 'Transfer-Encoding: gzip' -d x -H 'Host: attacker.example'
problem 'an unknown transfer coding, at an unknown host,' 501 bad-request
is 'no request at an unknown host has added an image' 1 "$(image_count)"
stop_gallery

start_gallery VITRINE_WORKERS=1 VITRINE_HOSTS='Pictures.Example.org, .example.net localhost'
for host in pictures.example.org PICTURES.example.org:8080 example.net a.b.example.net localhost 127.0.0.1; do
  known "$host"
done
for host in example.org a.pictures.example.org picturesxexample.org notexample.net example.net.attacker.example; do
  unknown "$host"
done
stop_gallery
start_gallery VITRINE_WORKERS=1 VITRINE_HOSTS='*'
known attacker.example
stop_gallery

for bad in 'example.org:80' 'http://example.org' 'a&b' '.' '..' 'a..b' 'exa"mple' '*.example.org' 'a;b'; do
  env VITRINE_ROOT="$VITRINE_TEST_STAGE" VITRINE_DATA="$data" VITRINE_HOSTS="localhost $bad" \
    "$VITRINE_TEST_LIBEXEC/vitrine-nginx" site >"$work/out" 2>"$work/err"
  is "VITRINE_HOSTS='$bad' is refused" "1 vitrine-nginx: VITRINE_HOSTS must be names of hosts, without a port: $bad" "$? $(cat "$work/err")"
done

finish_gallery
