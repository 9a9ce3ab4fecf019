#!/bin/sh
# vitrine backup beside a gallery that takes uploads and deletions: what comes out of the archive is a whole gallery,
# byte for byte. Killed, on a full disk, into a pipe.
# shellcheck source=tests/e2e/lib.sh
. "${srcdir:-.}/tests/e2e/lib.sh"

is_own || bail_skip 'this test stops and replaces the gallery that it runs on'

unshare_mounts

use_command

# nothing_is_left WHAT: checks that no copy of the catalogue is left.
nothing_is_left() {
  is "$1: no copy of the catalogue is left" '' "$(find "$data/tmp" -type f)"
}

# restore ARCHIVE: extracts it to a new folder, which $data names from now on.
restore() {
  restored=$((${restored:-0} + 1))
  data=$work/restored-$restored
  mkdir "$data"
  tar -C "$data" -xf "$1"
}

i=0
while [ "$i" -lt 20 ]; do
  i=$((i + 1))
  picture JPEG "$work/picture-$i.jpg" width=400 height=300 noise=1 seed="$i"
done
start_gallery
for i in 1 2 3 4 5 6 7 8 9 10; do
  upload "$work/picture-$i.jpg"
done
id=$(json '.images[0].id')
token=$(json '.images[0].delete_token')
request PATCH "/api/images/$id" -H "Authorization: Bearer $token" -H 'Content-Type: application/json' \
  --data '{"name":"Grüße 京都","tags":["eins","zwei"]}'

# ---- arguments ----

vitrine backup --help
like 'backup --help prints the usage' '^0 Usage: vitrine backup' "$code $(head -n 1 "$work/said")"
vitrine backup
is 'backup without a file is refused with exit status 64' 64 "$code"
vitrine backup "$work/nothing/there.tar"
is 'backup into a missing folder exits with 66' 66 "$code"
vitrine backup "$work"
is 'backup to a path that is a folder exits with 73' 73 "$code"
VITRINE_MODULE_DIR=$work/nothing
vitrine backup "$work/a.tar"
is 'backup without its program vitrine-backup exits with 69' 69 "$code"
VITRINE_MODULE_DIR=$VITRINE_TEST_LIBEXEC

# ---- a backup, and the gallery that it makes ----

vitrine backup --json "$work/a.tar"
is 'a backup has all images, and says how many' "0 {\"images\":10,\"bytes\":$(curl -s "$url/api/stats" | jq .bytes),\"damaged\":0,\"missing\":0,\"unreadable\":0}" \
  "$code $(cat "$work/said")"
nothing_is_left 'a backup'
is 'an archive is readable by its owner only, because it contains hashes of tokens' '-rw-------' "$(stat -c %A "$work/a.tar")"
is 'an archive contains originals and catalogue, and nothing else' "$(cd "$data" && find catalogue.sqlite uploads -type f | sort)" \
  "$(tar -tf "$work/a.tar" | grep -v '/$' | sort)"
before=$(cksum <"$work/a.tar")
vitrine backup "$work/a.tar"
is 'backup does not overwrite an existing file: exit status 73' "73 $before" "$code $(cksum <"$work/a.tar")"
vitrine backup --force "$work/a.tar"
is 'backup --force replaces an existing file' 0 "$code"
VITRINE_DATA=$data "$VITRINE_TEST_BIN/vitrine" backup - 2>"$work/errors" >"$work/pipe.tar"
is 'a backup to a pipe contains the same files' "0 $(tar -tf "$work/a.tar" | cksum)" "$? $(tar -tf "$work/pipe.tar" | cksum)"
{ VITRINE_DATA=$data "$VITRINE_TEST_BIN/vitrine" backup - 2>"$work/errors"; echo $? >"$work/code"; } | head -c 100000 >"$work/head"
is 'a backup to a pipe that closes exits with 69' 69 "$(cat "$work/code")"
nothing_is_left 'a backup to a pipe that closes'

# ---- beside uploads and deletions ----

# Adds and deletes each picture of the second half, again and again.
churn() {
  while [ ! -e "$work/enough" ]; do
    for j in 11 12 13 14 15 16 17 18 19 20; do
      answer=$(curl -s -F "file=@$work/picture-$j.jpg" "$url/api/images" | jq -r '.images[0] | "\(.id) \(.delete_token)"')
      curl -s -o "$work/churned-$1" -X DELETE -H "Authorization: Bearer ${answer#* }" "$url/api/images/${answer% *}"
    done
  done
}
churn 1 &
churning=$!
live=$data
bad=
for round in 1 2 3 4 5 6 7 8; do
  data=$live
  vitrine backup --force "$work/b.tar"
  [ "$code" -eq 0 ] || bad="$bad backup:$code:$(cat "$work/said" "$work/errors")"
  restore "$work/b.tar"
  vitrine fsck
  [ "$code" -eq 0 ] || bad="$bad fsck:$code:$(cat "$work/said" "$work/errors")"
  rows=$(sqlite3 "$data/catalogue.sqlite" 'SELECT id FROM image ORDER BY id')
  files=$(find "$data/uploads" -type f | sed 's|.*/||; s|\..*||' | sort)
  [ "$rows" = "$files" ] || bad="$bad rows-and-files:$round"
done
touch "$work/enough"
wait "$churning"
is 'eight backups beside uploads and deletions are complete and consistent' '' "$bad"
data=$live
nothing_is_left 'backups beside uploads and deletions'

# An image is deleted between the copy of the catalogue and the copy of its original. A pipe that nobody reads holds the
# backup there.
mkfifo "$work/slow"
i=0
while [ "$i" -lt 40 ]; do # more than a pipe and a block hold
  i=$((i + 1))
  picture PNG "$work/large.png" width=300 height=300 noise=1 seed="$((i + 1000))"
  upload "$work/large.png"
done
last=$(json '.images[0].id')
last_token=$(json '.images[0].delete_token')
count=$(image_count)
{ VITRINE_DATA=$data "$VITRINE_TEST_BIN/vitrine" backup --json - 2>"$work/errors"; echo $? >"$work/code"; } >"$work/slow" &
writer=$!
exec 9<"$work/slow"
has_copy() {
  [ -n "$(find "$data/tmp" -name '*-wal')" ]
}
eventually 'a backup whose reader does not read has a copy of the catalogue' has_copy
request DELETE "/api/images/$last" -H "Authorization: Bearer $last_token"
is 'an image is deleted while a backup waits for its reader' 204 "$status"
cat <&9 >"$work/c.tar"
exec 9<&-
wait "$writer"
is 'a backup contains all images but the one deleted meanwhile' "0 $((count - 1))" "$(cat "$work/code") $(jq .images "$work/errors")"
restore "$work/c.tar"
vitrine fsck --json
is 'fsck finds nothing in a backup during which an image was deleted' "0 $((count - 1))" "$code $(jq .images "$work/said")"
data=$live

# ---- a backup that is interrupted while nobody reads ----

{
  VITRINE_DATA=$data exec "$VITRINE_TEST_BIN/vitrine" backup - 2>"$work/errors"
} >"$work/slow" &
writer=$!
exec 9<"$work/slow"
is_waiting() {
  grep -q '^State:[[:space:]]*S' "/proc/$writer/status" && has_copy
}
eventually 'a backup to be interrupted waits for its reader' is_waiting
is_interrupted() {
  kill -TERM "$writer" 2>/dev/null
  has_ended "$writer" || grep -q '^State:[[:space:]]*Z' "/proc/$writer/status"
}
eventually 'a backup whose reader does not read ends on SIGTERM' is_interrupted
wait "$writer"
is 'an interrupted backup exits with 75' 75 $?
exec 9<&-
nothing_is_left 'an interrupted backup'

# ---- a backup that is killed, and the next one ----

{
  VITRINE_DATA=$data exec "$VITRINE_TEST_BIN/vitrine" backup - 2>"$work/errors"
} >"$work/slow" &
writer=$!
exec 9<"$work/slow"
eventually 'a backup to be killed has a copy of the catalogue' has_copy
kill -9 "$writer"
wait "$writer" 2>/dev/null
exec 9<&-
find "$data/tmp" -type f -exec touch -d '2 hours ago' {} +
vitrine gc
nothing_is_left 'a killed backup, after the sweep'
printf 'half of it' >"$work/d.tar.partial" # as a backup that was killed leaves it
vitrine backup "$work/d.tar"
is 'a backup replaces the partial file that a killed one has left' '0 no' "$code $([ -e "$work/d.tar.partial" ] && echo yes || echo no)"
(
  flock 8
  vitrine backup --force "$work/d.tar"
  exit "$code"
) 8>"$work/d.tar.partial"
is 'a second backup to the same file at the same time exits with 69' 69 $?
rm -f "$work/d.tar.partial"

# ---- originals that are missing or damaged ----

restore "$work/d.tar"
first=$(sha256sum "$work/picture-1.jpg" | cut -c -32)
second=$(sha256sum "$work/picture-2.jpg" | cut -c -32)
rm "$data/uploads/$(echo "$first" | cut -c -2)/$first.jpg"
printf x | dd of="$data/uploads/$(echo "$second" | cut -c -2)/$second.jpg" bs=1 seek=2000 conv=notrunc 2>/dev/null
vitrine backup "$work/e.tar"
is 'a backup names missing and damaged originals and exits with 1' "1 original-missing $first: picture-1.jpg original-damaged $second: picture-2.jpg" \
  "$code $(head -n 2 "$work/said" | xargs)"
if can_have_bad_disk; then
  bad=$data/uploads/$(echo "$second" | cut -c -2)/$second.jpg
  for calls in openat read; do
    with_bad_disk "$bad" "$calls" sh -c "VITRINE_DATA='$data' '$VITRINE_TEST_BIN/vitrine' backup --force '$work/unreadable.tar'" \
      >"$work/said" 2>"$work/errors"
    code=$?
    is "an original that cannot be read ($calls): the backup names it and exits with 1" "1 original-unreadable $second: picture-2.jpg" \
      "$code $(grep unreadable "$work/said")"
    like "an original that cannot be read ($calls): standard error names it" "$second.*Input/output error" \
      "$(cat "$work/errors")"
    is "an original that cannot be read ($calls): the archive contains all the others" \
      "$(tar -tf "$work/e.tar" | grep -v '/$' | grep -vc "$second")" \
      "$(tar -tf "$work/unreadable.tar" | grep -v '/$' | grep -vc "$second")"
  done
else
  skip 'an original that cannot be read: the backup names it and exits with 1' 'strace cannot trace here'
fi
restore "$work/e.tar"
is 'the archive has no row for a missing original' 0 "$(sqlite3 "$data/catalogue.sqlite" "SELECT count(*) FROM image WHERE id = '$first'")"
data=$live

# ---- a full disk ----

if [ -n "${VITRINE_TEST_UNSHARED:-}" ]; then
  mkdir "$work/small"
  mount -t tmpfs -o size=200k vitrine "$work/small"
  vitrine backup "$work/small/f.tar"
  is 'a backup to a full disk exits with 73' 73 "$code"
  like 'a backup to a full disk says that no space is left' 'no space is left' "$(cat "$work/errors")"
  is 'a backup to a full disk leaves no file there' '' "$(ls "$work/small")"
  nothing_is_left 'a backup to a full disk'
  umount "$work/small"
else
  skip 'a backup to a full disk exits with 73' 'this user may not mount a file system of its own'
fi

# ---- the restored gallery, served ----

stop_gallery
vitrine backup "$work/g.tar"
is 'a backup of a stopped gallery succeeds' 0 "$code"
restore "$work/g.tar"
vitrine fsck
is 'fsck finds nothing in the restored gallery' 0 "$code"
start_gallery VITRINE_METADATA=show
request GET "/api/images/$id"
is 'the restored gallery has names and tags' '200 Grüße 京都 eins zwei' "$status $(json '"\(.name) \(.tags | join(" "))"')"
bad=
for i in 1 2 3 4 5 6 7 8 9 10; do
  one=$(sha256sum "$work/picture-$i.jpg" | cut -c -32)
  request GET "/uploads/$(echo "$one" | cut -c -2)/$one.jpg"
  cmp -s "$work/body" "$work/picture-$i.jpg" || bad="$bad $i"
done
is 'the restored gallery serves each original byte for byte' '' "$bad"
request GET "/thumbs/320/$(echo "$id" | cut -c -2)/$id.jpg"
is 'the restored gallery makes thumbnails again' 200 "$status"
request DELETE "/api/images/$id" -H "Authorization: Bearer $token"
is "the restored gallery accepts an image's token" 204 "$status"

finish_gallery
