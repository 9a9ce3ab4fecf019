#!/bin/sh
# Clients that send headers or bodies slowly, or read answers slowly; many more of them than workers. None of them occupies
# a worker, and all others are served meanwhile.
# shellcheck source=tests/e2e/lib.sh
. "${srcdir:-.}/tests/e2e/lib.sh"

is_own || bail_skip 'this test counts its own workers'

start_gallery VITRINE_WORKERS=1
clients=

# drip TEXT: prints it, and then a byte each second for ever.
drip() {
  # shellcheck disable=SC2059
  printf "$1"
  while printf x; do sleep 1; done
}
# slow NAME TEXT: starts such a client in the background; $work/NAME.ended exists once the server has closed the connection.
slow() {
  {
    # When curl is killed, drip ends, because nothing reads its pipe.
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
# served WHAT: checks that other clients are served.
served() {
  seed=$((seed + 1))
  picture PNG "$work/$seed.png" seed=$(($$ + seed))
  upload "$work/$seed.png"
  is "an upload succeeds $1" 201 "$status"
  request GET '/api/images?sort=name'
  is "a listing is answered $1" 200 "$status"
  request GET /
  is "the page is served $1" 200 "$status"
}
seed=0
served 'without slow clients'

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
served 'beside 26 slow clients'
is 'slow bodies do not reach a worker' '' "$(find "$data/tmp" -type f)"

# ---- answers ----

# A page of the listing that is larger than a socket's buffers, which its client reads slowly.
for i in $(seq 60); do
  picture PNG "$work/many.png" width=8 height=8 seed=$(($$ + 1000 + i))
  curl -s -o "$work/sent" -X POST -H 'Content-Type: image/png' --data-binary "@$work/many.png" "$url/api/images"
done
for i in $(seq 12); do
  curl -s --max-time 300 --limit-rate 100 -o "$work/read$i" "$url/api/images?sort=name&limit=200" &
  clients="$clients $!"
done
served 'beside 26 slow clients and 12 slow readers'

# ---- the time limit ----

# All headers must arrive within ten seconds.
have_headers_ended() {
  [ "$(find "$work" -name 'header*.ended' | wc -l)" -eq 12 ]
}
eventually 'clients that have not sent their headers after ten seconds are disconnected' have_headers_ended
is 'clients that continue to send their bodies stay connected' 0 "$(find "$work" -name 'body*.ended' | wc -l)"
served 'after slow headers were cut off'
end_clients
served 'after all slow clients have ended'

# ---- many more connections from one address than it may have requests ----

# crowd MODE METHOD COUNT: opens so many connections. With "headers" and "bodies", requests never end; prints status and
# delay of a listing meanwhile, and the number of files in which nginx buffers bodies. With "whole", each connection
# requests a listing; prints how many answers had no status line.
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
  is '1,100 connections with slow headers delay no listing' '200 soon 0' "$(crowd headers GET 1100)"
  for method in PUT GET DELETE; do
    is "bodies of $method requests are neither waited for nor stored" '200 soon 0' "$(crowd bodies $method 100)"
  done
  like 'of POST bodies, one address may have 16 in progress' '^200 soon (1[0-6]|[1-9])$' "$(crowd bodies POST 100)"
  is '400 concurrent requests of one address are all answered' 0 "$(crowd whole GET 400)"
else
  skip '1,100 connections with slow headers delay no listing' 'python3 is not installed'
fi
request PUT /api/images --data-binary "@$work/many.png"
refused 'a body of a method that has none' 413 '^a request with this method may not have a body'

finish_gallery
