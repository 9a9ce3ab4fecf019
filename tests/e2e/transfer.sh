#!/bin/sh
# vitrine export and import: a round trip, hostile names, kills and continuations, refused files, and all of it beside a
# running gallery.
# shellcheck source=tests/e2e/lib.sh
. "${srcdir:-.}/tests/e2e/lib.sh"

is_own || bail_skip 'this test looks into the data folders of its galleries'

unshare_mounts

use_command

# rows: prints the rows of the catalogue in $data, without names and tokens.
rows() {
  sqlite3 "$data/catalogue.sqlite" "SELECT id, replace(tags, char(10), ' '), type, width, height, bytes, created, alpha,
    taken, taken_offset, taken_from, set_by_person, camera, exposure, flash, latitude, longitude, altitude, description
    FROM image ORDER BY sequence"
}

# another NAME: makes $data an empty folder of that name.
another() {
  data=$work/$1
  mkdir "$data"
}

# ---- names, ordinary and hostile ----

long=$(printf 'ü%.0s' $(seq 125)) # 250 bytes
names="$work/names.json"
jq -n --arg long "$long" '[
  "cat.jpg", "cat.jpg", "CAT.JPG", ".", "..", "../../etc/passwd", "/etc/passwd", "a\\b.jpg", ".hidden",
  "vitrine.jsonl", "two\nlines", "tab\tand\u0001bell\u0007", "-rf", "$(reboot)", "`x` \"quoted\" *?.jpg",
  ($long + ".jpg"), ($long + ".jpg"), "京都 📷", "ends in a dot.", "con", "a/b/c", " "]' >"$names"
start_gallery
count=$(jq length "$names")
i=0
while [ "$i" -lt "$count" ]; do
  picture JPEG "$work/picture.jpg" width=200 height=150 noise=1 seed="$((i + 1))"
  upload "$work/picture.jpg"
  token=$(json '.images[0].delete_token')
  id=$(json '.images[0].id')
  jq -c --argjson i "$i" '{name: .[$i], tags: ["tag \($i)", "京都"],
    taken: "\(1990 + $i)-05-12T10:11:12.345+02:00", place: {latitude: (1 / (3 + $i)), longitude: -2}, description: "京都, \($i)"}' "$names" >"$work/change"
  request PATCH "/api/images/$id" -H "Authorization: Bearer $token" -H 'Content-Type: application/json' --data-binary "@$work/change"
  [ "$status" = 200 ] || [ "$i" = $((count - 1)) ] || miss "the name number $i of the list is accepted" "$status"
  i=$((i + 1))
done
# A catalogue from elsewhere may have a name that no request can store.
sqlite3 "$data/catalogue.sqlite" "UPDATE image SET name = '../' || char(10) || char(27) || '[2J' || char(0) || '/x' WHERE name = 'con'"
sqlite3 "$data/catalogue.sqlite" "UPDATE image SET camera = 'Nikon P6000', exposure = 1.0 / 75, flash = 1, set_by_person = 12
  WHERE sequence % 2"
first=$data

vitrine export --help
like 'export --help prints the usage' '^0 Usage: vitrine export' "$code $(head -n 1 "$work/said")"
vitrine import --help
like 'import --help prints the usage' '^0 Usage: vitrine import' "$code $(head -n 1 "$work/said")"
vitrine export
is 'export without a folder exits with 64' 64 "$code"
vitrine import
is 'import without a folder exits with 64' 64 "$code"
vitrine import "$work/nothing"
is 'import of a missing folder exits with 66' 66 "$code"
vitrine import "$work"
is 'import of a folder that contains the data folder exits with 64' 64 "$code"
vitrine export "$work/nothing/there"
is 'export below a missing folder exits with 66' 66 "$code"

vitrine export --json "$work/out"
is 'export writes every original, and says how many' "0 {\"written\":$count,\"there\":0,\"damaged\":0,\"missing\":0,\"unreadable\":0}" "$code $(cat "$work/said")"
is 'export writes a file for each image into one folder' "$((count + 1)) $((count + 1))" \
  "$(find "$work/out" -type f -printf x | wc -c) $(find "$work/out" -mindepth 1 -printf x | wc -c)"
is 'export leaves no hidden or unfinished file' '' "$(find "$work/out" -mindepth 1 -name '.*')"
is "export writes no control character into a file's name" 0 "$(find "$work/out" -mindepth 1 -print0 | tr -dc '\001-\037\177' | wc -c)"
is 'the manifest has a valid line for each image' "$count" "$(jq -s length "$work/out/vitrine.jsonl")"
is "of two images of the same name, the first one's file has the name" \
  "$(sha256sum <"$work/out/cat.jpg" | cut -c -32)" "$(jq -rs '.[0].id' "$work/out/vitrine.jsonl")"
holds "of two images of the same name, the second one's file has the id, too" [ -e "$work/out/cat-$(jq -rs '.[1].id' "$work/out/vitrine.jsonl").jpg" ]
is 'each exported file has the bytes of its image' '' "$(jq -r '"\(.id) \(.file)"' "$work/out/vitrine.jsonl" | while read -r id file; do
  [ "$(sha256sum <"$work/out/$file" | cut -c -32)" = "$id" ] || echo "$file"
done)"
holds 'an exported file has the time of its image'"'"'s' \
  [ "$(stat -c %Y "$work/out/cat.jpg")" = "$(date -d "$(jq -rs '.[0].created' "$work/out/vitrine.jsonl")" +%s)" ]

# ---- an original that the disk cannot read ----

if can_have_bad_disk; then
  bad_id=$(jq -rs '.[1].id' "$work/out/vitrine.jsonl")
  bad=$data/uploads/$(echo "$bad_id" | cut -c -2)/$bad_id.jpg
  for calls in openat read; do
    rm -rf "$work/unreadable"
    with_bad_disk "$bad" "$calls" sh -c "VITRINE_DATA='$data' '$VITRINE_TEST_BIN/vitrine' export --json '$work/unreadable'" \
      >"$work/said" 2>"$work/errors"
    code=$?
    is "an original that cannot be read ($calls): export reports it and leaves it out" \
      "1 original-unreadable $bad_id $((count - 1)) 1" \
      "$code $(jq -r 'if .kind then "\(.kind) \(.subject)" else "\(.written) \(.unreadable)" end' "$work/said" | xargs)"
    like "an original that cannot be read ($calls): standard error names it" "$bad_id.*Input/output error" \
      "$(cat "$work/errors")"
  done
else
  skip 'an original that cannot be read: export reports it and leaves it out' 'strace cannot trace here'
fi

# ---- a second export writes only what is missing or damaged ----

touch -d '2001-01-01' "$work/out/京都 📷.jpg"
rm "$work/out/-rf.jpg"
printf 'half' >"$work/out/.vitrine-export.partial"
second=$(jq -rs '.[1].file' "$work/out/vitrine.jsonl")
printf x | dd of="$work/out/$second" bs=1 seek=100 conv=notrunc 2>/dev/null
vitrine export --json "$work/out"
is 'a second export writes only missing and damaged files' "0 {\"written\":2,\"there\":$((count - 2)),\"damaged\":0,\"missing\":0,\"unreadable\":0}" "$code $(cat "$work/said")"
is 'a second export does not write the files that are right' 2001 "$(date -r "$work/out/京都 📷.jpg" +%Y)"
is 'a second export leaves no unfinished file' '' "$(find "$work/out" -name '.*' -mindepth 1)"
printf 'mine' >"$work/out/two.jpg"
printf 'mine' >"$work/mine"
ln -s "$work/mine" "$work/out/linked.jpg"
for name in two.jpg linked.jpg; do
  picture JPEG "$work/picture.jpg" width=100 height=150 noise=1 seed="$((i += 1))"
  cp "$work/picture.jpg" "$work/$name"
  upload "$work/$name"
done
vitrine export "$work/out"
is 'export overwrites neither a file nor a link of the user'"'"'s is left' '0 mine mine' "$code $(cat "$work/out/two.jpg") $(cat "$work/mine")"
rm "$work/out/two.jpg" "$work/out/linked.jpg"
expected=$(rows)

# ---- into an empty gallery ----

stop_gallery
another second
vitrine import --json "$work/out"
is 'import of an export takes every file' "0 {\"imported\":$((count + 2)),\"known\":0,\"refused\":0,\"passed_over\":0}" "$code $(cat "$work/said")"
is 'import keeps ids, tags, types, sizes, times and the order' "$expected" "$(rows)"
is 'import keeps each name except the one that no request can store' "$((count + 1))" \
  "$(sqlite3 "$data/catalogue.sqlite" "ATTACH '$first/catalogue.sqlite' AS f; SELECT count(*) FROM image a JOIN f.image b USING (id) WHERE a.name IS b.name COLLATE BINARY")"
vitrine fsck
is 'fsck finds nothing after an import' 0 "$code"
vitrine import --json "$work/out"
is 'a second import finds that all files are known' "0 {\"imported\":0,\"known\":$((count + 2)),\"refused\":0,\"passed_over\":0}" "$code $(cat "$work/said")"
start_gallery
request GET '/api/images?q=tag'
is 'a search finds imported images' 200 "$status"
request GET "$(json '.images[0].thumbs["640"]')"
is 'imported images have thumbnails' 200 "$status"

# ---- a user's folder, beside a running gallery: refused files are reported ----

mkdir -p "$work/in/2024/summer" "$work/in/.hidden"
picture JPEG "$work/in/2024/summer/beach.jpg" width=300 height=200 seed=501
picture HEIC "$work/in/2024/phone.heic" width=90 height=60 seed=502
picture GIF "$work/in/moving.gif" frames=3 seed=503
cp "$work/in/moving.gif" "$work/in/2024/the same.gif"
picture PNG "$work/in/.hidden/no.png" seed=504
printf 'hello\n' >"$work/in/note.txt"
head -c 2000 "$work/in/2024/summer/beach.jpg" >"$work/in/cut.jpg"
picture PNG "$work/in/wide.png" width=3000 height=2000 seed=505
newline=$(printf 'x\033[2J')
printf 'no' >"$work/in/$newline"
mkfifo "$work/in/pipe"
ln -s "$work/in/moving.gif" "$work/in/link.gif"
ln -s "$work" "$work/in/folder"
VITRINE_MAX_PIXELS=1000000
export VITRINE_MAX_PIXELS
vitrine import --json "$work/in"
unset VITRINE_MAX_PIXELS
is 'import of a folder with files that are refused exits with 1 and takes the others' '1 {"imported":3,"known":1,"refused":4,"passed_over":3}' "$code $(tail -n 1 "$work/said")"
is 'import names each refused file and the reason' 'cut.jpg invalid-image, note.txt unsupported-type, wide.png image-limit, x[2J unsupported-type' \
  "$(jq -rs '[.[] | select(.kind) | "\(.subject) \(.kind)"] | sort | join(", ")' "$work/said")"
request GET '/api/images?limit=3'
is 'the running gallery lists the imported images' 'the same.gif beach.jpg phone.heic' "$(json '[.images[].name] | join(" ")')"
is 'the first page counts the imported images' "$((count + 5))" "$(curl -s "$url/api/images" | jq .total)"
is 'refused files leave no unfinished upload' '' "$(find "$data/tmp" -type f)"
vitrine import "$work/in"
is 'import without --json exits with 1 if files are refused' 1 "$code"
like "import prints no control character of a file's name" '^unsupported-type x\[2J: the file is not' "$(cat "$work/said")"
VITRINE_MAX_UPLOAD=1k
export VITRINE_MAX_UPLOAD
picture JPEG "$work/in/new.jpg" width=300 height=200 noise=1 seed=506
vitrine import --json "$work/in"
is 'import refuses a file over VITRINE_MAX_UPLOAD' 1 "$(grep -c '"too-large","subject":"new.jpg"' "$work/said")"
unset VITRINE_MAX_UPLOAD
VITRINE_QUOTA=1k
export VITRINE_QUOTA
vitrine import --json "$work/in"
is 'import refuses a file over VITRINE_QUOTA' 1 "$(grep -c '"quota","subject":"new.jpg"' "$work/said")"
unset VITRINE_QUOTA
mkdir "$work/broken"
printf '{"file":"a.jpg"}\n' >"$work/broken/vitrine.jsonl"
vitrine import "$work/broken"
is 'import of an invalid vitrine.jsonl exits with 64 and names the line' '64 vitrine: import: vitrine.jsonl: line 1 is not understood' "$code $(cat "$work/errors")"

# ---- the process that imports is confined like a worker ----

is_confined() {
  importer=$(pgrep -P "$parent") && grep -q '^Seccomp:[[:space:]]*2$' "/proc/$importer/status"
}
mkdir "$work/slow"
picture GIF "$work/slow/1.gif" width=6000 height=4000 seed=601
picture GIF "$work/slow/2.gif" width=6000 height=4000 seed=602
picture JPEG "$work/slow/3.jpg" seed=603
start_import() {
  VITRINE_DATA=$data "$VITRINE_TEST_BIN/vitrine" import --json "$work/slow" >"$work/said" 2>"$work/errors" &
  parent=$!
}
is_decoding() {
  importer=$(pgrep -P "$parent") && [ -n "$(find "$data/tmp" -type f)" ]
}
if [ "${VITRINE_SANDBOX:-on}" = off ]; then
  skip 'an import is confined by a filter of system calls' 'the sandbox is off'
else
  start_import
  eventually 'an import is confined by a filter of system calls' is_confined
  kill -TERM "$parent"
  wait "$parent"
  is 'an import exits with 75 on SIGTERM' 75 $?
fi

# ---- a decoder that crashes costs only its file ----

another third
start_import
eventually 'an import decodes when its decoder is killed' is_decoding
kill -SEGV "$importer"
wait "$parent"
is 'an import whose decoder crashes takes the other files' '1 2' "$? $(tail -n 1 "$work/said" | jq .imported)"
is 'an import refuses the file that crashed its decoder' '1.gif invalid-image' "$(head -n 1 "$work/said" | jq -r '"\(.subject) \(.kind)"')"

# ---- killed, and continued ----

another fourth
start_import
eventually 'an import decodes when it is killed' is_decoding
kill -9 "$parent"
wait "$parent" 2>/dev/null
eventually 'the process that decodes for a killed import ends' has_ended "$importer"
vitrine fsck
is 'fsck finds nothing after a killed import' 0 "$code"
vitrine import --json "$work/slow"
is 'the same import after a killed one takes the rest' '0 3' "$code $(jq '.imported + .known' "$work/said")"
find "$data/tmp" -type f -exec touch -d '2 hours ago' {} +
vitrine fsck --quick --repair
vitrine fsck
is 'fsck finds nothing after the sweep that follows a killed import' 0 "$code"

# The export is killed while it writes. Its files cannot be pipes that hold it, so its writes are delayed.
is_writing() {
  [ -s "$work/again/.vitrine-manifest.partial" ] || [ -e "$work/again/.vitrine-export.partial" ]
}
VITRINE_DATA=$data ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0" \
  strace -D -qq -o "$work/trace" -e trace=write,copy_file_range,sendfile -e inject=write,copy_file_range,sendfile:delay_enter=100000 \
  "$VITRINE_TEST_BIN/vitrine" export "$work/again" >"$work/said" 2>"$work/errors" &
parent=$!
eventually 'an export writes when it is killed' is_writing
kill -9 "$parent" 2>/dev/null
wait "$parent" 2>/dev/null
is 'each file that a killed export has named is complete' '' "$(find "$work/again" -type f -not -name '.*' -not -name vitrine.jsonl | while read -r file; do
  cmp -s "$file" "$work/slow/${file##*/}" || echo "$file"
done)"
vitrine export --json "$work/again"
is 'the same export after a killed one writes the rest' '0 3' "$code $(jq '.written + .there' "$work/said")"
is 'the export after a killed one leaves no other file' '1.gif 2.gif 3.jpg vitrine.jsonl' "$(find "$work/again" -mindepth 1 -printf '%P\n' | sort | xargs)"
(
  flock 8
  vitrine export "$work/again"
  exit "$code"
) 8>"$work/again/.vitrine-manifest.partial"
is 'a second export to the same folder at the same time exits with 69' 69 $?

# ---- damaged and missing originals ----

one=$(sha256sum "$work/slow/1.gif" | cut -c -32)
two=$(sha256sum "$work/slow/2.gif" | cut -c -32)
rm "$data/uploads/$(echo "$one" | cut -c -2)/$one.gif"
printf x | dd of="$data/uploads/$(echo "$two" | cut -c -2)/$two.gif" bs=1 seek=2000 conv=notrunc 2>/dev/null
vitrine export "$work/partly"
is 'export names missing and damaged originals and exits with 1' "1 original-missing $one: 1.gif original-damaged $two: 2.gif" \
  "$code $(head -n 2 "$work/said" | xargs)"
is 'export does not write missing and damaged originals' '3.jpg vitrine.jsonl' "$(find "$work/partly" -mindepth 1 -printf '%P\n' | sort | xargs)"

# ---- beside deletions ----

data=$work/second
churn() {
  while [ ! -e "$work/enough" ]; do
    picture PNG "$work/churn.png" width=50 height=50 seed="$(od -An -N3 -tu4 /dev/urandom)"
    answer=$(curl -s -F "file=@$work/churn.png" "$url/api/images" | jq -r '.images[0] | "\(.id) \(.delete_token)"')
    curl -s -o "$work/churned" -X DELETE -H "Authorization: Bearer ${answer#* }" "$url/api/images/${answer% *}"
  done
}
churn &
churning=$!
bad=
for round in 1 2 3 4 5; do
  vitrine export "$work/beside-$round"
  [ "$code" -eq 0 ] || bad="$bad $code:$(cat "$work/said" "$work/errors")"
done
touch "$work/enough"
wait "$churning"
is 'five exports beside uploads and deletions succeed' '' "$bad"

# ---- a full disk ----

if [ -n "${VITRINE_TEST_UNSHARED:-}" ]; then
  mkdir "$work/small"
  mount -t tmpfs -o size=100k vitrine "$work/small"
  vitrine export "$work/small"
  is 'export to a full disk exits with 73' 73 "$code"
  like 'export to a full disk says that no space is left' 'no space is left' "$(cat "$work/errors")"
  is 'export to a full disk leaves no unfinished file' '' "$(find "$work/small" -mindepth 1 -name '.*')"
  umount "$work/small"
  another full
  mount -t tmpfs -o size=300k vitrine "$data"
  vitrine import "$work/out"
  is 'import to a full disk exits with 73' 73 "$code"
  is 'import to a full disk leaves no unfinished upload' '' "$(find "$data/tmp" -type f)"
  umount "$data"
  data=$work/second
else
  skip 'export to a full disk exits with 73' 'this user may not mount a file system of its own'
fi

finish_gallery
