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

# One address may have 16 bodies under way.
for i in $(seq 7); do
  slow "body$i" 'POST /api/images HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: image/png\r\nContent-Length: 100000\r\n\r\n'
  slow "change$i" "PATCH /api/images/$(printf '%032d' 0) HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 60000\r\n\r\n"
done
# ---- headers ----
for i in $(seq 12); do
  slow "header$i" 'GET /api/images?sort=name HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Long: '
done
served 'with 26 slow clients'
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

# Headers have ten seconds in all, a byte each second or not.
have_headers_ended() {
  [ "$(find "$work" -name 'header*.ended' | wc -l)" -eq 12 ]
}
holds 'who has not sent its headers after ten seconds is cut off' poll have_headers_ended
is 'while bodies that go on may go on' 0 "$(find "$work" -name 'body*.ended' | wc -l)"
served 'to the end'
end_clients
served 'and afterwards'

# ---- many more of them than an address has connections by right ----

# crowd MODE COUNT: that many at once. "headers" and "bodies METHOD" never end; what a listing says meanwhile, and how many
# files nginx buffers bodies in. "whole" asks for a listing each: how many answers had no status line.
crowd() {
  timeout 60 python3 - "$port" "$work" "$@" <<'PYTHON'
import os, socket, sys, time
port, work, mode, method, count = int(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4], int(sys.argv[5])
text = {
    'headers': '%s / HTTP/1.1\r\nHost: localhost\r\nX-Long: ',
    'bodies': '%s /api/images HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000000\r\n\r\n' + 200000 * 'x',
    'whole': '%s /api/images?sort=name HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n',
}[mode] % method
def connect(text):
    client = socket.create_connection(('127.0.0.1', port), timeout=20)
    try:
        client.sendall(text.encode())
    except ConnectionError:
        pass
    return client
def status(client):
    try:
        return client.recv(12)[9:].decode()
    except OSError:
        return ''
def buffers():
    found = 0
    for pid in filter(str.isdigit, os.listdir('/proc')):
        try:
            links = [os.readlink('/proc/%s/fd/%s' % (pid, fd)) for fd in os.listdir('/proc/%s/fd' % pid)]
        except OSError:
            continue
        found += sum(link.startswith(work) and '/body/' in link for link in links)
    return found
clients = [connect(text) for _ in range(count)]
if mode == 'whole':
    print(sum(not status(client) for client in clients))
else:
    began = time.monotonic()
    probe = status(connect('GET /api/images?sort=name HTTP/1.1\r\nHost: localhost\r\n\r\n'))
    print(probe, 'soon' if time.monotonic() - began < 1 else 'late', buffers())
PYTHON
}
if command -v python3 >/dev/null; then
  is '1,100 that send headers slowly keep nobody waiting' '200 soon 0' "$(crowd headers GET 1100)"
  for method in PUT GET DELETE; do
    is "bodies of $method are neither waited for nor kept" '200 soon 0' "$(crowd bodies $method 100)"
  done
  like 'of POST, one address has 16 at most' '^200 soon (1[0-6]|[1-9])$' "$(crowd bodies POST 100)"
  is '400 at once get an answer each' 0 "$(crowd whole GET 400)"
else
  skip 'crowds' 'python3 is not installed'
fi
request PUT /api/images --data-binary "@$work/many.png"
refused 'a body where the method has none' 413 '^a request of this method has no body'

finish_gallery
