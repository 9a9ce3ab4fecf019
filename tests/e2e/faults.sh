#!/bin/sh
# Faults: a worker killed in the middle of an upload, a full disk, a folder that cannot be written, a
# pool that is away. Existing images are served on, and nothing is half-done.
# shellcheck source=tests/e2e/lib.sh
. "${srcdir:-.}/tests/e2e/lib.sh"

is_own || bail_skip 'this test breaks the gallery that it runs on'

unshare_mounts
[ -n "${VITRINE_TEST_UNSHARED:-}" ] || bail_skip 'this user may not mount a file system of its own'

# consistent WHAT: checks that every row has its original and every original its row.
consistent() {
  is "$1: rows and originals agree" \
    "$(sqlite3 "$data/catalogue.sqlite" 'SELECT id FROM image ORDER BY id')" \
    "$(find "$data/uploads" -type f | sed 's|.*/||; s|\..*||' | sort)"
}

# first_is_served WHAT: checks the image that was uploaded before the fault.
first_is_served() {
  request GET "$first_url"
  is "$1: an existing image is served" 200 "$status"
  holds "$1: the existing image is served byte for byte" cmp "$work/first.jpg" "$work/body"
  request GET "$first_thumb"
  is "$1: the existing image's thumbnail is served" 200 "$status"
  request GET "$first_thumb" -H 'Accept: image/webp'
  like "$1: a client that accepts WebP gets the thumbnail as JPEG or WebP" '^200 image/(jpeg|webp)$' "$status $(header Content-Type)"
}

picture JPEG "$work/first.jpg" width=800 height=600 seed=$$
# Decoded whole, which takes a while.
picture GIF "$work/slow.gif" width=6000 height=4000 seed=$$
picture PNG "$work/next.png" width=60 height=40 seed=$$

# ---- a worker killed with -9 in the middle of an upload ----

start_gallery VITRINE_WORKERS=1 VITRINE_DECODE_SECONDS=100
upload "$work/first.jpg"
first_url=$(json '.images[0].url')
first_thumb=$(json '.images[0].thumbs["320"]')

is_under_way() {
  [ -n "$(find "$data/tmp" -type f)" ]
}
curl -s -o "$work/answer" -D "$work/answer.headers" -w '%{http_code}' -F "file=@$work/slow.gif" \
  "$url/api/images" >"$work/status" &
client=$!
gc() {
  VITRINE_DATA=$data VITRINE_POLICY_DIR=/ "$VITRINE_TEST_BIN/vitrine" gc
}
eventually 'an upload is in progress when the sweep runs' is_under_way
echo left >"$data/tmp/0000000000000001"
is 'a sweep beside an upload removes what another process has left' \
  'removed 1 unfinished uploads and 0 files without an image' "$(gc)"
holds "a sweep beside an upload leaves the upload's file" is_under_way
kill -9 "$(workers image)"
wait "$client"
is 'the client of a killed worker gets 502' 502 "$(cat "$work/status")"
like 'the client of a killed worker gets JSON' 'application/problem\+json' "$(cat "$work/answer.headers")"
is 'the client of a killed worker is told that the worker was lost' 'The worker was lost' "$(jq -r .title "$work/answer")"
consistent 'after a killed worker'
upload "$work/next.png"
is 'the upload after a killed worker succeeds' 201 "$status"
first_is_served 'after a killed worker'
is_clean() {
  ! is_under_way
}
eventually 'the next worker removes the unfinished upload of the killed one' is_clean

# ---- a blob without a row, as a crash between the two leaves it ----

orphan=$data/uploads/00/00000000000000000000000000000000.jpg
mkdir -p "$data/uploads/00"
cp "$work/first.jpg" "$orphan"
touch -d '2 hours ago' "$orphan"
gc >"$work/said"
is 'an original without a row is left for fsck' yes "$([ -e "$orphan" ] && echo yes || echo no)"
rm "$orphan"
consistent 'after the sweep'
first_is_served 'after the sweep'

# ---- a pool that is stopped during a request, and then stays away ----

kill -STOP "$server" # or it would start the pool again
pool=$(pgrep -P "$server" -f 'vitrine-pool image')
curl -s -o "$work/answer" -w '%{http_code}' -F "file=@$work/slow.gif" "$url/api/images" >"$work/status" &
client=$!
eventually 'an upload is in progress when its pool is stopped' is_under_way
kill -TERM "$pool"
wait "$client"
is 'a pool that stops answers its current request: the upload of the killed worker succeeds now' 201 \
  "$(cat "$work/status")"
is_away() {
  [ ! -e "$data/run/image.sock" ]
}
eventually 'the stopped pool has removed its socket' is_away
upload "$work/next.png"
is 'without the image pool, an upload gets 503 as JSON with Retry-After' '503 application/problem+json 5' "$status $(header Content-Type) $(header Retry-After)"
request GET /api/images
is 'without the image pool, listings are answered' 200 "$status"
find "$data/thumbs" -name '*.twin' -delete
first_is_served 'without the image pool'
is 'without the image pool, a thumbnail that has no WebP variant is sent as JPEG' image/jpeg "$(header Content-Type)"
for _ in $(seq 20); do
  curl -s -o "$work/answer" "$url/api/images" -F "file=@$work/next.png"
  curl -s -o "$work/answer" "$url/uploads/00/0000.jpg"
done
is 'without the image pool, requests add nothing to the log' 0 "$(grep -c 'connect() to\|open() ' "$work/log")"
for accept in image/webp image/jpeg; do
  request GET "$(echo "$first_thumb" | sed 's|/320/|/2048/|')" -H "Accept: $accept"
  is "without the image pool, a missing thumbnail for Accept: $accept gets 503 as JSON" '503 application/problem+json' \
    "$status $(header Content-Type)"
done
kill -CONT "$server"
is_taken() {
  upload "$work/next.png"
  [ "$status" = 200 ]
}
eventually 'uploads succeed once the pool has come back' is_taken
stop_gallery

# ---- a data folder made read-only while running ----

start_gallery VITRINE_WORKERS=1
rows=$(image_count)
find "$data/thumbs" -name '*.twin' -delete
chmod -R a-w "$data/uploads" "$data/thumbs" "$data/tmp"
picture PNG "$work/readonly.png" seed=$(($$ + 2))
upload "$work/readonly.png"
is 'with a read-only data folder, an upload gets 503 as JSON' '503 application/problem+json' "$status $(header Content-Type)"
is 'with a read-only data folder, an upload is told to retry in 5 seconds' 5 "$(header Retry-After)"
is 'with a read-only data folder, an answer contains no path of the host' 0 "$(grep -c "$work" "$work/body")"
first_is_served 'with a read-only data folder'
is 'with a read-only data folder, no row is added' "$rows" "$(image_count)"
request GET /healthz
is 'with a read-only data folder, /healthz says that the store is unavailable' '503 store unavailable' "$status $(json .disk)"
chmod -R u+w "$data/uploads" "$data/thumbs" "$data/tmp"
upload "$work/readonly.png"
is 'an upload succeeds once the data folder is writable again' 201 "$status"
consistent 'after the data folder was read-only'

# ---- a first page that cannot be removed, written or read ----

# change NAME: renames the last upload.
token=$(json '.images[0].delete_token')
id=$(json '.images[0].id')
change() {
  request PATCH "/api/images/$id" -H "Authorization: Bearer $token" -H 'Content-Type: application/json' \
    --data "{\"name\":\"$1\"}"
}
name_shown() {
  request GET /api/images
  json '.images[0].name'
}
change 'before'
is 'the first page is a file before its folder becomes read-only' yes "$([ -e "$data/listing/first.json" ] && echo yes)"
chmod a-w "$data/listing"
change 'in vain'
is 'a change is refused if the first page cannot be removed' '503 application/problem+json' "$status $(header Content-Type)"
is 'a refused change leaves the listing unchanged' before "$(name_shown)"
request GET /healthz
is '/healthz is 503 if the first page cannot be removed' '503 store unavailable' "$status $(json .disk)"
chmod u+w "$data/listing"
rm "$data/listing/first.json" "$data/listing/first.json.gz"
chmod a-w "$data/listing"
change 'without a page'
is 'a change succeeds if there is no first page and its folder is read-only' 200 "$status"
is 'a change without a first page is listed' 'without a page' "$(name_shown)"
chmod u+w "$data/listing"
change 'with a page'
is 'the first page is written again once its folder is writable' yes "$([ -e "$data/listing/first.json" ] && echo yes)"
chmod 0 "$data/listing/first.json" "$data/listing/first.json.gz"
is 'a worker answers if the first page cannot be read' 'with a page' "$(name_shown)"
request GET /api/images -H 'Accept-Encoding: gzip'
is 'a worker answers a client that accepts gzip if the first page cannot be read' 200 "$status"
change 'readable'
is 'the next first page can be read' 'readable' "$(name_shown)"
stop_gallery

# ---- an original that the disk cannot read ----

if can_have_bad_disk; then
  start_gallery VITRINE_WORKERS=1
  picture PNG "$work/bad.png" width=900 height=700 seed=$(($$ + 5))
  upload "$work/bad.png"
  bad=$(json '.images[0].id')
  bad=/uploads/$(echo "$bad" | cut -c 1-2)/$bad.png
  larger=$(json '.images[0].thumbs["1280"]')
  before=$(workers image | xargs)
  # shellcheck disable=SC2046,SC2086
  strace -f -qq -o "$work/bad_disk" -P "$data$bad" -e trace=pread64 -e inject=pread64:error=EIO \
    $(printf -- '-p %s ' $before) &
  tracer=$!
  is_traced() {
    # shellcheck disable=SC2046,SC2086
    [ "$(grep -h '^TracerPid:' $(printf '/proc/%s/status ' $before) | grep -cv '[[:space:]]0$')" -eq "$(echo "$before" | wc -w)" ]
  }
  eventually 'the workers are traced, so that their reads can fail' is_traced
  request GET "$larger"
  refused 'the thumbnail of an original that cannot be read' 503 '.'
  is 'an original that cannot be read ends no worker' "$before" "$(workers image | xargs)"
  like 'the log names the error if an original cannot be read' 'a stored file cannot be read: Input/output error' "$(cat "$work/log")"
  kill "$tracer"
  wait "$tracer" 2>"$work/wait"
  request GET "$larger"
  is 'the thumbnail is made once the original can be read' 200 "$status"
  stop_gallery
else
  skip 'the thumbnail of an original that cannot be read is refused' 'strace cannot trace here'
fi

# ---- a catalogue that the disk cannot read ----

# Enough rows that a listing reads pages that no worker has in its cache.
rm -rf "$data"
start_gallery VITRINE_WORKERS=1
stop_gallery
sqlite3 "$data/catalogue.sqlite" "
  DROP TRIGGER IF EXISTS name_changed;
  WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)
  INSERT INTO image (id, name, tags, type, width, height, bytes, created, alpha, token_hash)
  SELECT lower(hex(randomblob(16))), 'row ' || i, '', 'jpg', 40, 30, 1000 + i * 7919 % 3001, 1700000000000, 0, randomblob(32) FROM n;
  PRAGMA wal_checkpoint(TRUNCATE)" >"$work/filled"
start_gallery VITRINE_WORKERS=1
before=$(workers api)
# Its log says how many pages the catalogue has, so that SQLite does not look at the size of the file.
picture PNG "$work/logged.png" seed=$(($$ + 6))
upload "$work/logged.png"
request GET '/api/images?sort=name'
is 'the listing is read from a sound catalogue' 200 "$status"
truncate -s 40960 "$data/catalogue.sqlite"
request GET '/api/images?sort=size&limit=200'
refused 'a listing from pages of the catalogue that are gone' 503 '.'
is 'pages of the catalogue that are gone end no worker' "$before" "$(workers api)"
stop_gallery
rm -rf "$data"

# ---- a disk that is full ----

rm -rf "$data"
mkdir "$data"
mount -t tmpfs -o size=12m vitrine "$data"
start_gallery VITRINE_WORKERS=1
upload "$work/first.jpg"
is 'on a small disk, the first upload succeeds' 201 "$status"
first_url=$(json '.images[0].url')
first_thumb=$(json '.images[0].thumbs["320"]')
request GET "$first_url" # a copy is made when it is first asked for
# Fill the disk except for a megabyte, in which nginx buffers a body.
free=$(df --output=avail -k "$data" | tail -n 1)
head -c $(((free - 1000) * 1024)) /dev/zero >"$data/filler"
head -c 600000 /dev/urandom >"$work/noise"
picture TIFF "$work/large.tiff" width=450 height=440 seed=$$
upload "$work/large.tiff"
like 'on a full disk, an upload gets 507 or 503 as JSON' '^50[37] application/problem.json$' "$status $(header Content-Type)"
head -c 20000000 /dev/zero >>"$data/filler" 2>/dev/null
upload "$work/next.png"
like 'on a disk with no free byte, an upload gets 507 or 503 as JSON' '^50[37] application/problem.json$' "$status $(header Content-Type)"
first_is_served 'on a full disk'
request GET /api/images
is 'on a full disk, the first page is answered' '200 1' "$status $(json .total)"
rm -f "$data/listing/first.json" "$data/listing/first.json.gz"
request GET /api/images
is 'on a full disk, the listing is answered without the first page' '200 1' "$status $(json .total)"
is 'on a full disk, no unfinished upload is left' '' "$(find "$data/tmp" -type f)"
rm "$data/filler"
upload "$work/large.tiff"
is 'an upload succeeds once the disk has space again' 201 "$status"
consistent 'after the disk was full'
first_is_served 'after the disk was full'

# ---- the reserve of a disk, and a start without free space ----

upload "$work/next.png"
token=$(json '.images[0].delete_token')
id=$(json '.images[0].id')
fill() {
  head -c "$(($(df --output=avail -k "$data" | tail -n 1) * 1024 - $1))" /dev/zero >>"$data/filler"
}
fill 80000
picture PNG "$work/late.png" width=70 height=50 seed=$(($$ + 3))
upload "$work/late.png"
refused 'an upload below the reserve' 507 '^the disk has [0-9.]+ [kMG]?B left, and VITRINE_RESERVE keeps 1[12][0-9](\.[0-9])? kB free'
request GET /healthz
like 'below the reserve, /healthz is 200 and says that no uploads are accepted' '^200 no uploads are accepted' "$status $(json .notice)"
stop_gallery
start_gallery VITRINE_WORKERS=1
is 'below the reserve, the gallery starts and lists its images' 3 "$(image_count)"
first_is_served 'below the reserve'
request DELETE "/api/images/$id" -H "Authorization: Bearer $token"
is 'below the reserve, an image can be deleted' 204 "$status"
stop_gallery
VITRINE_DATA=$data "$VITRINE_TEST_BIN/vitrine" stats >"$work/stats" # nothing else has the catalogue open
head -c 20000000 /dev/zero >>"$data/filler" 2>/dev/null
is 'the disk has no free byte' 0 "$(df --output=avail "$data" | tail -n 1 | tr -d ' ')"
# Sockets and nginx's own files lie elsewhere, as they do under systemd and in containers.
start_gallery VITRINE_WORKERS=1 VITRINE_RUN="$work/run"
request GET '/api/images?sort=name'
is 'without a free byte, the gallery starts and lists its images' '200 2' "$status $(json .total)"
first_is_served 'without a free byte'
rm -f "$data/filler"

# ---- a disk without inodes ----

is_unwell() {
  request GET /healthz
  [ "$status $(json .disk)" = '503 no space' ]
}
if mount -o remount,nr_inodes="$(df --output=iused "$data" | tail -n 1 | tr -d ' ')" "$data" 2>/dev/null; then
  eventually 'without free inodes, /healthz is 503 and says that there is no space' is_unwell
  first_is_served 'without free inodes'
else
  skip 'without free inodes, /healthz is 503 and says that there is no space' 'this kernel does not limit the inodes of a tmpfs'
fi
stop_gallery
umount "$data"

# ---- no space for what nginx buffers ----

mkdir -p "$work/spool"
mount -t tmpfs -o size=1m,mode=1777 vitrine "$work/spool"
start_gallery VITRINE_WORKERS=1 VITRINE_SPOOL="$work/spool/nginx"
head -c 3000000 /dev/urandom >"$work/noise"
upload "$work/noise"
refused 'an upload that does not fit into the spool' 507 '^the request could not be buffered'
is 'a full spool is a problem of the same type as a full disk' urn:vitrine:problem:no-space "$(json .type)"
upload "$work/next.png"
like 'an upload that fits into the spool succeeds' '^20[01]$' "$status"
stop_gallery
umount "$work/spool"

finish_gallery
