#!/bin/sh
# The command on a running gallery: check, fsck with and without --repair, stats; how it is called.
# shellcheck source=tests/e2e/lib.sh
. "${srcdir:-.}/tests/e2e/lib.sh"

is_own || bail_skip 'this test makes faults in the gallery that it runs on'

# stand_in FILE: a program, from standard input.
stand_in() {
  {
    echo '#!/bin/sh'
    cat
  } >"$1"
  chmod 755 "$1"
}
# For packages in $work/packages, dpkg answers with a line of it, "VERSION PACKAGE STATE"; for all others, with a version
# that is newer than any. Without that file it is as if there were no dpkg.
mkdir "$work/bin"
stand_in "$work/bin/dpkg-query" <<END
[ -e "$work/packages" ] || exit 127
for package; do
  case \$package in -*) continue ;; esac
  grep " \$package " "$work/packages" || echo "99-1 \$package installed"
done
END
: >"$work/packages"

# vitrine COMMAND [ARGUMENT...]: sets $code; its output is in $work/said and $work/errors.
modules=$VITRINE_TEST_LIBEXEC
vitrine() {
  code=0
  PATH="$work/bin:$PATH" VITRINE_DATA=$data VITRINE_POLICY_DIR=$VITRINE_TEST_POLICY VITRINE_MODULE_DIR=$modules \
    "$VITRINE_TEST_BIN/vitrine" "$@" >"$work/said" 2>"$work/errors" || code=$?
}

# of FILTER: applies jq to what the command has printed, all lines as one array.
of() {
  jq -rs "$1" "$work/said" 2>&1
}

picture JPEG "$work/a.jpg" width=900 height=600 seed=$$
picture PNG "$work/b.png" width=60 height=40 alpha=1 seed=$$
start_gallery VITRINE_WORKERS=1
upload "$work/a.jpg"
first=$(json '.images[0].id')
upload "$work/b.png"
second=$(json '.images[0].id')
request GET "/thumbs/320/$(echo "$first" | cut -c -2)/$first.jpg" -H 'Accept: image/webp'

# ---- arguments ----

vitrine
is 'vitrine without a command exits with 64' 64 "$code"
vitrine frobnicate
is 'an unknown command is named and exits with 64' "64 vitrine: there is no command 'frobnicate'" "$code $(head -n 1 "$work/errors")"
vitrine --version
is 'vitrine --version succeeds' 0 "$code"
vitrine fsck extra
is 'an argument too many exits with 64' 64 "$code"
for command in check export fsck gc rebuild settings stats; do
  vitrine "$command" --help
  like "vitrine $command --help prints the usage" "^0 Usage: vitrine $command" "$code $(head -n 1 "$work/said")"
done
env -u VITRINE_DATA VITRINE_WORKERS=0 "$VITRINE_TEST_BIN/vitrine" settings --json >"$work/said"
is 'vitrine settings lists them even if they are missing or invalid' '0 30 1 to 100' \
  "$? $(of '.[] | select(.name == "VITRINE_DECODE_SECONDS") | "\(.default) \(.range)"')"
vitrine settings
is 'vitrine settings prints name, meaning, default and range' \
  'VITRINE_REQUEST_LOG whether the workers log each request default: off; in containers: on range: off or on' \
  "$(grep -A3 VITRINE_REQUEST_LOG "$work/said" | xargs)"
env -u VITRINE_DATA "$VITRINE_TEST_BIN/vitrine" check 2>"$work/errors"
is 'check without VITRINE_DATA exits with 78' 78 $?
VITRINE_DATA=$work/nothing "$VITRINE_TEST_BIN/vitrine" check 2>"$work/errors"
is 'check with a missing data folder exits with 69' 69 $?

# ---- a good store ----

vitrine check
is 'check of a good store prints nothing' '0 ' "$code $(cat "$work/said" "$work/errors")"

# ---- libraries with known vulnerabilities ----

echo '1.6.39-2+deb12u1 libpng16-16 installed' >"$work/packages"
vitrine check
is 'check exits with 2 if a library has a known vulnerability' 2 "$code"
like 'check names a vulnerable library, its package, the vulnerability, and the fixed version' \
  "^vitrine: check: libpng 1.6.39-2\\+deb12u1 \\(Debian's package: libpng16-16\\) has a known vulnerability, CVE-[0-9-]+, which is fixed in 1.6.39-2\\+deb12u[0-9]+\$" \
  "$(head -n 1 "$work/errors")"
like 'check says how to upgrade a vulnerable library' 'provision/install.*docker compose build --pull --no-cache' "$(sed 1d "$work/errors")"
is 'check names only the newest vulnerability of a library' 2 "$(wc -l <"$work/errors")"
vitrine check --json
is 'check --json lists vulnerable libraries beside the state of the store' '["libpng","libpng16-16","1.6.39-2+deb12u1",true,true] ok' \
  "$(of '.[0] | "\(.libraries[0] | [.library, .package, .found, (.needed > .found), (.vulnerability | startswith("CVE-"))] | tojson) \(.catalogue)"')"
vitrine check --libraries --json
is 'check --libraries reports on the libraries only' '2 ["libraries"] 1' "$code $(of '.[0] | "\(keys | tojson) \(.libraries | length)"')"
vitrine check --store
is 'check --store, which a start runs, names no library' '0 ' "$code $(cat "$work/errors")"
vitrine check --store --libraries
is 'check refuses --store together with --libraries: exit status 64' 64 "$code"
echo '1.6.39-2+deb12u99 libpng16-16 installed' >"$work/packages"
vitrine check --libraries
is 'check does not name a version newer than the fixed one' '0 ' "$code $(cat "$work/errors")"
echo '1.6.38-5 libpng16-16 installed' >"$work/packages"
vitrine check --libraries
is 'check does not name a package of another release, which may be fixed under its own version' '0 ' "$code $(cat "$work/errors")"
printf '%s\n' '1.22.1-9 nginx config-files' '1.6.39-2+deb12u99 libpng16-16 installed' >"$work/packages"
vitrine check --libraries
is 'check does not name an nginx of which only the configuration is left' '0 ' "$code $(cat "$work/errors")"
echo '1.22.1-9 nginx installed' >"$work/packages"
vitrine check --libraries
like 'check names an installed nginx with a known vulnerability' '^2 vitrine: check: nginx 1.22.1-9 ' "$code $(cat "$work/errors")"

# loads LIBRARY...: makes a stand-in for the decoder that loads these, each "VERSION PATH", and runs check.
loads() {
  mkdir -p "$work/modules"
  printf '%s\n' "$@" >"$work/loaded"
  echo "cat '$work/loaded'" | stand_in "$work/modules/vitrine-decoder"
  modules=$work/modules
  vitrine check --libraries --json
}
printf '%s\n' '1.2.4-0.2 libwebp7 installed' '1.6.39-2 libpng16-16 installed' >"$work/packages"
loads '- /lib/x86_64-linux-gnu/libwebp.so.7'
is 'check does not name a library that the decoder does not load' 'libwebp' "$(of '[.[0].libraries[].library] | join(" ")')"
loads '1.6.55 /usr/local/lib/libpng16.so.16'
is 'check compares the version of a locally built library, not that of the package' '["1.6.55","1.6.56"]' \
  "$(of '.[0].libraries[] | [.found, .needed] | tojson')"
loads '1.6.56 /usr/local/lib/libpng16.so.16'
is 'check does not name a locally built library that is new enough' '0 []' "$code $(of '.[0].libraries | tojson')"
# Debian 13 has packages of other names, and more than one of one library stays installed after an upgrade from Debian 12.
printf '%s\n' '1.6.48-1 libpng16-16t64 installed' >"$work/packages"
loads '1.6.48 /lib/x86_64-linux-gnu/libpng16.so.16'
is 'check names an old package of Debian 13' '["libpng16-16t64","1.6.48-1",true]' \
  "$(of '.[0].libraries[] | [.package, .found, (.needed | startswith("1.6.48-1+deb13u"))] | tojson')"
printf '%s\n' '1.6.48-1+deb13u99 libpng16-16t64 installed' >"$work/packages"
loads '1.6.48 /lib/x86_64-linux-gnu/libpng16.so.16'
is 'check does not name a new package of Debian 13 whose upstream version is below the fixed one' '0 []' \
  "$code $(of '.[0].libraries | tojson')"
printf '%s\n' '0.7.0-10 libjxl0.7 installed' '0.11.2-0.1~deb13u99 libjxl0.11 installed' >"$work/packages"
loads '- /usr/lib/x86_64-linux-gnu/libjxl.so.0.11'
is 'check does not name a package that an older release has left, and whose library is not loaded' '0 []' \
  "$code $(of '.[0].libraries | tojson')"
loads '- /usr/lib/x86_64-linux-gnu/libjxl.so.0.7'
is 'check names such a package while its library is loaded' '["libjxl0.7","0.7.0-10"]' \
  "$(of '.[0].libraries[] | [.package, .found] | tojson')"
rm "$work/packages"
loads '1.3.1 /usr/lib64/libwebp.so.7' '1.6.56 /usr/lib64/libpng16.so.16' '- /usr/lib64/libtiff.so.6'
is 'without dpkg, check compares the versions of the libraries' '["libwebp","1.3.1","1.3.2"]' \
  "$(of '.[0].libraries[] | [.library, .found, .needed] | tojson')"
: >"$work/packages"
modules=$work/none
vitrine check --libraries
is 'check without a decoder exits with 69 and says why' '69 vitrine: check: vitrine-decoder cannot say which libraries it loads' \
  "$code $(cat "$work/errors")"
modules=$VITRINE_TEST_LIBEXEC
said=$("$VITRINE_TEST_LIBEXEC/vitrine-decoder" --libraries "$VITRINE_TEST_LIBEXEC" "$VITRINE_TEST_POLICY" | sed -n 's/^[0-9][^ ]* .*[/]\(lib[a-zA-Z]*\).*/\1/p' | sort | xargs)
is 'vitrine-decoder --libraries prints the versions of its own libraries and of those of coders' 'libexpat libheif libjxl libpng libtiff libwebp' \
  "$(echo "$said" | tr ' ' '\n' | grep -E '^lib(expat|heif|jxl|png|tiff|webp)$' | sort -u | xargs)"

request GET /api/images
vitrine fsck --json
is 'fsck finds nothing in a good store' '0 {"images":2,"found":0,"repaired":0}' "$code $(cat "$work/said")"
is 'fsck leaves the first page of a good store' yes "$([ -e "$data/listing/first.json" ] && echo yes)"
vitrine stats --json
is 'stats counts images and bytes as the gallery does' "$(curl -s "$url/api/stats" | jq -c '[.images, .bytes]')" "$(of '.[0] | [.images, .bytes] | tojson')"
is 'stats counts originals, thumbnails and WebP variants on the disk' '2 4 1' "$(of '.[0].disk | "\(.originals.files) \(.thumbnails.files) \(.webp_variants.files)"')"
is 'stats counts the images of each type' '1 1' "$(of '.[0].types | "\(.jpg.files) \(.png.files)"')"
is 'stats lists the largest image first' "$first" "$(of '.[0].largest[0].id')"
vitrine stats
like 'stats prints a table without --json' '^ *originals +2 ' "$(cat "$work/said")"

# ---- faults, beside the running gallery ----

original=$data/uploads/$(echo "$first" | cut -c -2)/$first.jpg
cp -p "$original" "$work/kept.jpg"
printf x | dd of="$original" bs=1 seek=2000 conv=notrunc 2>/dev/null
mkdir -p "$data/uploads/00"
cp "$work/a.jpg" "$data/uploads/00/00000000000000000000000000000000.jpg"
printf 'mine\n' >"$data/uploads/note.txt"
printf x >"$data/tmp/00000000000000aa"
find "$data/uploads/00" "$data/uploads/note.txt" "$data/tmp" -type f -exec touch -d '2 hours ago' {} +
printf 'other' >"$data/listing/first.json"
vitrine fsck --json
is 'fsck exits with 2 if it finds faults' 2 "$code"
is 'fsck reports a finding for each fault' \
  'first-page original-damaged original-unknown stray-file unfinished-upload' \
  "$(of '[.[].kind | values] | sort | join(" ")')"
is 'fsck without --repair repairs nothing' '5 0' "$(of '.[-1] | "\(.found) \(.repaired)"')"
request GET /api/images/"$first"
is 'fsck without --repair changes nothing' '200 yes' "$status $([ -e "$original" ] && echo yes)"
vitrine fsck
like 'fsck prints a line for each finding without --json' "^original-damaged $first: the hash of the original" "$(cat "$work/said")"

vitrine fsck --repair
is 'fsck --repair repairs all five findings' '1 2 images, 5 faults, 5 repaired' "$code $(tail -n 1 "$work/said")"
request GET /api/images/"$first"
is 'fsck --repair removes the row of a damaged original' 404 "$status"
is 'fsck --repair sets three files aside' 3 "$(find "$data/lost+found" -type f | wc -l)"
vitrine stats --json
is 'stats counts the files that fsck has set aside' "3 $(find "$data/lost+found" -type f -printf '%s\n' | jq -s add)" \
  "$(of '.[0].disk["lost+found"] | "\(.files) \(.bytes)"')"
holds 'fsck --repair keeps a stray file in lost+found' grep -qx mine "$data/lost+found/uploads-note.txt"
vitrine fsck
is 'fsck finds nothing after a repair' '0 1 images, 0 faults, 0 repaired' "$code $(cat "$work/said")"
request GET /api/images
is 'the listing is right after a repair' "200 1 $second" "$status $(json '"\(.total) \(.images[0].id)"')"
upload "$work/kept.jpg"
is 'the good file of a damaged original can be uploaded again' "201 $first" "$status $(json '.images[0].id')"

# ---- originals and thumbnails that the disk cannot read ----

if can_have_bad_disk; then
  for calls in openat read,pread64 newfstatat; do
    with_bad_disk "$original" "$calls" sh -c "VITRINE_DATA='$data' '$VITRINE_TEST_BIN/vitrine' fsck --repair --json" \
      >"$work/said" 2>"$work/errors"
    code=$?
    is "an original that cannot be read ($calls): fsck reports it and continues" \
      "2 [\"original-unreadable $first false\"] 2" \
      "$code $(of '[.[] | select(.kind) | "\(.kind) \(.subject) \(.repaired)"] | tojson') $(of '.[-1].images')"
    like "an original that cannot be read ($calls): standard error names it" "$first.*Input/output error" \
      "$(cat "$work/errors")"
  done
  request GET "/api/images/$first"
  is 'fsck --repair keeps the row of an original that cannot be read' 200 "$status"
  thumbnail=$data/thumbs/320/$(echo "$first" | cut -c -2)/$first.jpg
  with_bad_disk "$thumbnail" read,pread64 sh -c "VITRINE_DATA='$data' '$VITRINE_TEST_BIN/vitrine' fsck --repair" \
    >"$work/said" 2>"$work/errors"
  is 'fsck reports a thumbnail that cannot be read as damaged' '1 thumbnail-damaged' "$? $(head -n 1 "$work/said" | cut -d ' ' -f 1)"
  unknown=thumbs/320/00/00000000000000000000000000000000.jpg
  mkdir -p "$data/thumbs/320/00"
  touch -d '2 hours ago' "$data/$unknown"
  with_bad_disk "$(dirname "$original")" getdents64 sh -c "VITRINE_DATA='$data' '$VITRINE_TEST_BIN/vitrine' fsck" \
    >"$work/said" 2>"$work/errors"
  is 'a folder that cannot be read: fsck checks the other folders' "74 thumbnail-unknown $unknown:" \
    "$? $(head -n 1 "$work/said" | cut -d ' ' -f 1,2)"
  like 'a folder that cannot be read: standard error names it' \
    "uploads/$(echo "$first" | cut -c -2).*Input/output error" "$(cat "$work/errors")"
  rm "$data/$unknown"
else
  skip 'an original that cannot be read: fsck reports it and continues' 'strace cannot trace here'
fi

# ---- a row without its original, and an original without its row ----

rm "$original"
sqlite3 "$data/catalogue.sqlite" "DELETE FROM image WHERE id = '$second'"
touch -d '2 hours ago' "$data/uploads/$(echo "$second" | cut -c -2)/$second.png"
vitrine fsck --json
is 'fsck finds a row without original, an original without row, and the old first page' "2 first-page original-missing original-unknown" \
  "$code $(of '[.[].kind | values] | sort | join(" ")')"
vitrine fsck --repair --quick
is 'fsck --repair keeps the rows if most originals are missing' '2 1' \
  "$code $(sqlite3 "$data/catalogue.sqlite" "SELECT count(*) FROM image WHERE id = '$first'")"
like 'fsck says that --accept-loss removes the rows of missing originals' '1 of 1 originals are missing.*--accept-loss' \
  "$(cat "$work/errors")"
vitrine fsck --repair --quick --accept-loss
is 'fsck --repair --accept-loss repairs all findings' 1 "$code"
request GET "/api/images/$second"
is 'fsck --repair gives an original without a row its row' "200 60 40 image/png" "$status $(json '"\(.width) \(.height) \(.type)"')"
request GET "$(json '.thumbs["1280"]')"
is 'an original that got its row from fsck gets thumbnails' 200 "$status"
vitrine fsck
is 'fsck finds nothing after rows and originals are repaired' 0 "$code"

# ---- uploads and deletions in progress are no faults ----

churn() {
  while [ ! -e "$work/enough" ]; do
    picture PNG "$work/churn.png" width=50 height=50 seed="$(od -An -N3 -tu4 /dev/urandom)"
    token=$(curl -s -F "file=@$work/churn.png" "$url/api/images" | jq -r '.images[0] | "\(.id) \(.delete_token)"')
    curl -s -o "$work/churned" -X DELETE -H "Authorization: Bearer ${token#* }" "$url/api/images/${token% *}"
  done
}
churn &
churning=$!
bad=0
for _ in 1 2 3 4 5 6 7 8 9 10; do
  vitrine fsck
  [ "$code" -eq 0 ] || { bad=$((bad + 1)) && cat "$work/said" "$work/errors"; }
done
touch "$work/enough"
wait "$churning"
is 'fsck finds nothing, ten times, beside uploads and deletions' 0 "$bad"

# ---- names that only another program can have stored ----

sqlite3 "$data/catalogue.sqlite" "UPDATE image SET name = 'x' || char(27) || '[2J' || char(10) || 'y'"
vitrine stats
like 'stats prints no control character of a name' '  x\[2Jy$' "$(cat "$work/said")"
is 'stats prints no escape character of a name' 0 "$(tr -dc '\033' <"$work/said" | wc -c)"

finish_gallery
