#!/bin/sh
# A catalogue that is damaged, lost or no catalogue: what the gallery says, and vitrine rebuild.
# shellcheck source=tests/e2e/lib.sh
. "${srcdir:-.}/tests/e2e/lib.sh"

is_own || bail_skip 'this test damages the gallery that it runs on'

vitrine() {
  code=0
  VITRINE_DATA=$data "$VITRINE_TEST_BIN/vitrine" "$@" >"$work/said" 2>"$work/errors" || code=$?
}

of() {
  jq -r "$1" "$work/said" 2>&1
}

# rows: what the catalogue knows of all images, for comparison.
rows() {
  curl -s "$url/api/images?limit=200&sort=old" | jq -c '.images[]'
}

start_gallery VITRINE_WORKERS=1
for seed in 1 2 3 4 5 6 7 8; do
  picture PNG "$work/$seed.png" width=40 height=$((30 + seed)) seed=$seed
  set -- "$@" -F "file=@$work/$seed.png"
done
request POST /api/images "$@"
id=$(json '.images[2].id')
token=$(json '.images[2].delete_token')
request PATCH "/api/images/$id" -H "Authorization: Bearer $token" -H 'Content-Type: application/json' \
  --data '{"name":"harbour","tags":["evening","boats"]}'
rows >"$work/before"
is 'eight images' 8 "$(wc -l <"$work/before")"

vitrine rebuild
is 'while the gallery runs: refused' '69 vitrine: rebuild: the catalogue is in use: stop the gallery first' \
  "$code $(cat "$work/errors")"
stop_gallery

# ---- pages of the file overwritten, under a gallery that then runs ----

# Rows with more in them, so that the table has many pages; then all pages behind the first ten but the
# last ones.
sqlite3 "$data/catalogue.sqlite" "PRAGMA wal_checkpoint(TRUNCATE);
  WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 2000)
  INSERT INTO image (id, name, tags, type, width, height, bytes, created, alpha, token_hash)
    SELECT printf('%032x', i), 'gone ' || i, '', 'jpg', 1, 1, 1, 1, 0, zeroblob(32) FROM n;
  PRAGMA wal_checkpoint(TRUNCATE);" >"$work/sqlite.log"
pages=$(($(stat -c %s "$data/catalogue.sqlite") / 4096))
leaf=$(sqlite3 "$data/catalogue.sqlite" "SELECT pageno FROM dbstat WHERE name = 'image' AND pagetype = 'leaf'
  ORDER BY path LIMIT 1 OFFSET 3" 2>"$work/sqlite.log") || leaf=$((pages / 2))
head -c 4096 /dev/urandom | dd of="$data/catalogue.sqlite" bs=4096 seek=$((leaf - 1)) conv=notrunc 2>/dev/null
cp "$data/catalogue.sqlite" "$work/damaged.sqlite"
start_gallery VITRINE_WORKERS=1
cursor=
for _ in 1 2 3 4 5 6 7 8 9 10 11 12; do
  request GET "/api/images?limit=200&sort=old$cursor"
  [ "$status" = 200 ] || break
  cursor="&cursor=$(json .next)"
done
is 'damaged pages: 503 as JSON' '503 application/problem+json' "$status $(header Content-Type)"
is 'damaged pages: of a type of its own' 'urn:vitrine:problem:damaged' "$(json .type)"
like 'damaged pages: the log says what to do' 'run: vitrine rebuild' "$(cat "$work/log")"
vitrine fsck
is 'damaged pages: fsck says so' 2 "$code"
like 'damaged pages: by its kind' '^catalogue catalogue.sqlite: ' "$(cat "$work/said")"
stop_gallery

vitrine rebuild --json
is 'damaged pages: rebuilt' '0 8 0 false' "$code $(of '"\(.kept + .made) \(.refused) \(.whole)"')"
like 'damaged pages: most of the rows could still be read' '^[0-9]+$' "$(of .lost)"
holds 'damaged pages: by far' [ "$(of .lost)" -gt 1800 ]
is 'damaged pages: the eight are as they were' 8 "$(of .kept)"
holds 'damaged pages: the old catalogue is kept' cmp "$work/damaged.sqlite" "$(of .old)"
vitrine fsck
is 'damaged pages: clean' 0 "$code"
start_gallery VITRINE_WORKERS=1
rows >"$work/after"
is 'damaged pages: names, tags, times and order are kept' "$(cat "$work/before")" "$(cat "$work/after")"
request DELETE "/api/images/$id" -H "Authorization: Bearer $token"
is 'damaged pages: tokens, too' 204 "$status"
upload "$work/3.png"
is 'damaged pages: uploads are taken' 201 "$status"
stop_gallery

# ---- no catalogue at all ----

head -c 20000 /dev/urandom >"$data/catalogue.sqlite"
rm -f "$data/catalogue.sqlite-wal" "$data/catalogue.sqlite-shm"
vitrine check
is 'noise: check says what to do' \
  '65 vitrine: check: the catalogue is damaged: stop the gallery and run: vitrine rebuild' \
  "$code $(grep ^vitrine "$work/errors")"
VITRINE_ROOT=$VITRINE_TEST_STAGE VITRINE_DATA=$data VITRINE_PORT=$port "$VITRINE_TEST_LIBEXEC/vitrine-serve" \
  >"$work/served" 2>&1
is 'noise: vitrine-serve does not start' 1 $?
like 'noise: and says so' 'run: vitrine rebuild' "$(cat "$work/served")"
vitrine rebuild --json
is 'noise: made of the originals' '0 0 8' "$code $(of '"\(.kept) \(.made)"')"
vitrine rebuild --json
is 'again: kept' '0 8 0 true' "$code $(of '"\(.kept) \(.made) \(.whole)"')"

# ---- a catalogue that was lost, and a start that makes an empty one ----

rm "$data/catalogue.sqlite"
find "$data/uploads" "$data/thumbs" -type f -exec touch -d '2 hours ago' {} +
start_gallery VITRINE_WORKERS=1
is 'lost: the gallery is empty' 0 "$(image_count)"
vitrine gc
is 'lost: the sweep takes nothing' '65 8' "$code $(find "$data/uploads" -type f | wc -l)"
stop_gallery
vitrine rebuild --json
is 'lost: made of the originals' '0 8' "$code $(of .made)"
start_gallery VITRINE_WORKERS=1
is 'lost: eight images again' 8 "$(image_count)"
request GET "$(curl -s "$url/api/images" | jq -r '.images[0].url')"
is 'lost: served' 200 "$status"

finish_gallery
