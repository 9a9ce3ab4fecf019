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

# rows: prints what the gallery says of all images, for comparison.
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
is 'the gallery starts with eight images' 8 "$(wc -l <"$work/before")"

vitrine rebuild
is 'rebuild refuses to run beside the gallery' '69 vitrine: rebuild: the catalogue is in use: stop the gallery first' \
  "$code $(cat "$work/errors")"
stop_gallery

# ---- a damaged page of the catalogue under a running gallery ----

# Adds rows so that the table has many pages, and then overwrites one of them.
sqlite3 "$data/catalogue.sqlite" "PRAGMA wal_checkpoint(TRUNCATE);
  WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 2000)
  INSERT INTO image (id, name, tags, type, width, height, bytes, created, alpha, token_hash)
    SELECT printf('%032x', i), 'gone ' || i, '', 'jpg', 1, 1, 1, 1, 0, zeroblob(32) FROM n;
  PRAGMA wal_checkpoint(TRUNCATE);" >"$work/sqlite.log"
pages=$(($(stat -c %s "$data/catalogue.sqlite") / 4096))
leaf=$(sqlite3 "$data/catalogue.sqlite" "SELECT pageno FROM dbstat WHERE name = 'image' AND pagetype = 'leaf'
  ORDER BY path LIMIT 1 OFFSET 3" 2>"$work/sqlite.log") || leaf=$((pages / 2))
head -c 4096 /dev/urandom | dd of="$data/catalogue.sqlite" bs=4096 seek=$((leaf - 1)) conv=notrunc 2>/dev/null
start_gallery VITRINE_WORKERS=1
cursor=
for _ in 1 2 3 4 5 6 7 8 9 10 11 12; do
  request GET "/api/images?limit=200&sort=old$cursor"
  [ "$status" = 200 ] || break
  cursor="&cursor=$(json .next)"
done
is 'a catalogue with damaged pages is answered with 503 as JSON' '503 application/problem+json' "$status $(header Content-Type)"
is 'a damaged catalogue is a problem of the type damaged' 'urn:vitrine:problem:damaged' "$(json .type)"
like 'a damaged catalogue: the log says what to do' 'run: vitrine rebuild' "$(cat "$work/log")"
vitrine fsck
is 'a damaged catalogue: fsck exits with 2' 2 "$code"
like 'a damaged catalogue: fsck reports a finding of the kind catalogue' '^catalogue catalogue.sqlite: ' "$(cat "$work/said")"
stop_gallery
cp "$data/catalogue.sqlite" "$work/damaged.sqlite" # after the start, which has changed its epoch

vitrine rebuild --json
is 'rebuild makes a catalogue of eight images and refuses no original' '0 8 0 false' "$code $(of '"\(.kept + .made) \(.refused) \(.whole)"')"
like 'rebuild counts the rows that were lost' '^[0-9]+$' "$(of .lost)"
holds 'rebuild has read most rows of the damaged catalogue' [ "$(of .lost)" -gt 1800 ]
is 'rebuild has kept the rows of all eight images' 8 "$(of .kept)"
holds 'rebuild keeps the damaged catalogue under another name' cmp "$work/damaged.sqlite" "$(of .old)"
vitrine fsck
is 'fsck finds nothing in the rebuilt catalogue' 0 "$code"
start_gallery VITRINE_WORKERS=1
rows >"$work/after"
is 'rebuild keeps names, tags, times and order of the images' "$(cat "$work/before")" "$(cat "$work/after")"
request DELETE "/api/images/$id" -H "Authorization: Bearer $token"
is 'rebuild keeps the tokens of the images' 204 "$status"
upload "$work/3.png"
is 'the rebuilt gallery accepts an upload' 201 "$status"
stop_gallery

# ---- a catalogue of random bytes ----

head -c 20000 /dev/urandom >"$data/catalogue.sqlite"
rm -f "$data/catalogue.sqlite-wal" "$data/catalogue.sqlite-shm"
vitrine check --store
is 'a catalogue of random bytes: check says what to do' \
  '65 vitrine: check: the catalogue is damaged: stop the gallery and run: vitrine rebuild' \
  "$code $(grep ^vitrine "$work/errors")"
VITRINE_ROOT=$VITRINE_TEST_STAGE VITRINE_DATA=$data VITRINE_PORT=$port "$VITRINE_TEST_LIBEXEC/vitrine-serve" \
  >"$work/served" 2>&1
is 'a catalogue of random bytes: vitrine-serve does not start' 1 $?
like 'a catalogue of random bytes: vitrine-serve says what to do' 'run: vitrine rebuild' "$(cat "$work/served")"
vitrine rebuild --json
is 'a catalogue of random bytes is rebuilt from the originals' '0 0 8' "$code $(of '"\(.kept) \(.made)"')"
vitrine rebuild --json
is 'a second rebuild keeps all rows' '0 8 0 true' "$code $(of '"\(.kept) \(.made) \(.whole)"')"

# ---- an original that the disk cannot read ----

if can_have_bad_disk; then
  bad=$(find "$data/uploads" -type f | head -n 1)
  for calls in openat read,pread64 newfstatat,openat; do
    with_bad_disk "$bad" "$calls" sh -c "VITRINE_DATA='$data' '$VITRINE_TEST_BIN/vitrine' rebuild --json" \
      >"$work/said" 2>"$work/errors"
    code=$?
    is "an original that cannot be read ($calls): rebuild reports it and keeps its row" \
      "1 original-unreadable ${bad#"$data"/} 8 0 1" \
      "$code $(of 'if .kind then "\(.kind) \(.subject)" else "\(.kept) \(.lost) \(.unreadable)" end' | xargs)"
    like "an original that cannot be read ($calls): standard error names it" \
      "$(basename "$bad" .png).*Input/output error" "$(cat "$work/errors")"
  done
else
  skip 'an original that cannot be read: rebuild reports it and keeps its row' 'strace cannot trace here'
fi

# ---- a lost catalogue, and a start that makes an empty one ----

rm "$data/catalogue.sqlite"
find "$data/uploads" "$data/thumbs" -type f -exec touch -d '2 hours ago' {} +
start_gallery VITRINE_WORKERS=1
is 'a lost catalogue: the gallery starts empty' 0 "$(image_count)"
picture PNG "$work/9.png" width=40 height=39 seed=9
upload "$work/9.png"
is 'a lost catalogue: uploads are accepted' 201 "$status"
stop_gallery
start_gallery VITRINE_WORKERS=1
vitrine gc --json
is 'a lost catalogue: the sweep removes no original, even after an upload and a start, and says so' '65 9 0 8' \
  "$code $(find "$data/uploads" -type f | wc -l) $(of '"\(.files) \(.left)"')"
like 'a lost catalogue: the log says what to do' 'created beside originals.*vitrine rebuild' "$(cat "$work/log")"
like 'a lost catalogue: /healthz is 200 and says what to do' '^200 .*vitrine rebuild' \
  "$(curl -s -w '%{http_code} ' -o "$work/health" "$url/healthz") $(jq -r .notice "$work/health")"
vitrine check --store --json
is 'a lost catalogue: check reports that it was made anew' '0 true' "$code $(of .made_anew)"
stop_gallery
vitrine rebuild --json
is 'a lost catalogue: rebuild makes rows from the originals' '0 1 8' "$code $(of '"\(.kept) \(.made)"')"
start_gallery VITRINE_WORKERS=1
is 'a lost catalogue: after the rebuild all nine images are listed' 9 "$(image_count)"
vitrine check --store --json
is 'a lost catalogue: after the rebuild check reports nothing more' '0 false' "$code $(of .made_anew)"

# ---- an older catalogue, and a picture that was uploaded since ----

stop_gallery
sqlite3 "$data/catalogue.sqlite" 'PRAGMA wal_checkpoint(TRUNCATE)' >"$work/sqlite.log"
cp "$data/catalogue.sqlite" "$work/older.sqlite"
start_gallery VITRINE_WORKERS=1
picture PNG "$work/10.png" width=40 height=40 seed=10
upload "$work/10.png"
stop_gallery
rm -f "$data"/catalogue.sqlite*
cp "$work/older.sqlite" "$data/catalogue.sqlite"
find "$data/uploads" "$data/thumbs" -type f -exec touch -d '2 hours ago' {} +
start_gallery VITRINE_WORKERS=1
vitrine gc --json
is 'an older catalogue: the sweep leaves the original that has no row' '0 10 1' "$code $(find "$data/uploads" -type f | wc -l) $(of .left)"
like 'an older catalogue: the sweep names the original that has no row' 'has no row and is kept' "$(cat "$work/errors")"
vitrine fsck --repair
is 'an older catalogue: fsck --repair gives that original a row' '1 10' "$code $(image_count)"
request GET "$(curl -s "$url/api/images" | jq -r '.images[0].url')"
is 'an older catalogue: the original that got a row is served' 200 "$status"

finish_gallery
