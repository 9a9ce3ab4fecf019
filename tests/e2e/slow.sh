#!/bin/sh
# Slow clients, many more of them than workers: of headers, of bodies, of answers. None of them holds a
# worker, and everybody else is served meanwhile.
# shellcheck source=tests/e2e/lib.sh
. "${srcdir:-.}/tests/e2e/lib.sh"

is_own || bail_skip 'this test counts its own workers'

start_gallery VITRINE_WORKERS=1
clients=

# drip TEXT: sends it, and then a byte each second for ever.
drip() {
  # shellcheck disable=SC2059
  printf "$1"
  while printf x; do sleep 1; done
}
# slow NAME TEXT: such a client in the background; $work/NAME.ended is there when the server has hung up.
slow() {
  {
    # A shell that is killed leaves its pipe, and what wrote into it ends by that.
    drip "$2" 2>"$work/dripped" | {
      curl -s --max-time 300 -o "$work/$1.answer" "telnet://127.0.0.1:$port"
      : >"$work/$1.ended"
    }
  } &
  clients="$clients $!"
}
end_clients() {
  for client in $clients; do
    # shellcheck disable=SC2046
    kill $(pgrep -P "$client") "$client" 2>/dev/null
    wait "$client" 2>/dev/null
  done
  clients=
}
# served WHAT: everybody else is.
served() {
  seed=$((seed + 1))
  picture PNG "$work/$seed.png" seed=$(($$ + seed))
  upload "$work/$seed.png"
  is "$1: uploads are taken" 201 "$status"
  request GET '/api/images?sort=name'
  is "$1: listings are answered" 200 "$status"
  request GET /
  is "$1: the page is served" 200 "$status"
}
seed=0
served 'before'

# ---- bodies ----

for i in $(seq 12); do
  slow "body$i" 'POST /api/images HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: image/png\r\nContent-Length: 100000\r\n\r\n'
  slow "change$i" "PATCH /api/images/$(printf '%032d' 0) HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 60000\r\n\r\n"
done
# ---- headers ----
for i in $(seq 12); do
  slow "header$i" 'GET /api/images?sort=name HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Long: '
done
served 'with 36 slow clients'
is 'nothing of their bodies has reached a worker' '' "$(find "$data/tmp" -type f)"

# ---- answers ----

# A page of a listing that no buffer of a socket holds, which its client does not read.
for i in $(seq 60); do
  picture PNG "$work/many.png" width=8 height=8 seed=$(($$ + 1000 + i))
  curl -s -o "$work/sent" -X POST -H 'Content-Type: image/png' --data-binary "@$work/many.png" "$url/api/images"
done
for i in $(seq 12); do
  curl -s --max-time 300 --limit-rate 100 -o "$work/read$i" "$url/api/images?sort=name&limit=200" &
  clients="$clients $!"
done
served 'with 12 slow readers more'

# ---- the end of it ----

# Headers have half a minute in all, a byte each second or not; polling has half a minute, too.
have_headers_ended() {
  [ "$(find "$work" -name 'header*.ended' | wc -l)" -eq 12 ]
}
poll have_headers_ended
holds 'who has not sent its headers after half a minute is cut off' poll have_headers_ended
is 'while bodies that go on may go on' 0 "$(find "$work" -name 'body*.ended' | wc -l)"
served 'to the end'
end_clients
served 'and afterwards'

finish_gallery
