#!/bin/sh
# The rooms of cgi/: a file includes, and an object calls, what the table in cgi/README.md allows its room.
# shellcheck source=tests/tap.sh
. "${srcdir:-.}/tests/tap.sh"

objects=$(find "${VITRINE_TEST_BUILD:?}/../cgi" -name '*.o' | sort)
# shellcheck disable=SC2086
defined=$(nm -A -g --defined-only $objects)
# shellcheck disable=SC2086
called=$(nm -A -g --undefined-only $objects)
cd "${srcdir:-.}" || exit 1

# shellcheck disable=SC2016
# The table: a room, then the rooms and headers that it may include.
table=$(sed -n 's/^| `\([a-z]*\)` |.*| \(.*\) |$/\1 \2/p' cgi/README.md | tr -d '`,' | awk '
  { rooms[NR] = $1; line[NR] = $0 }
  END {
    for (i = 1; i <= NR; i++) {
      n = split(line[i], word, " ")
      printf "%s", rooms[i]
      if (word[2] == "all") {
        for (j = 1; j <= NR; j++) {
          but = j == i
          for (k = 4; k <= n; k++) but = but || word[k] == rooms[j]
          if (!but) printf " %s", rooms[j]
        }
      } else if (word[2] != "nothing") for (k = 2; k <= n; k++) printf " %s", word[k]
      print ""
    }
  }')
is 'the table in cgi/README.md has each room' "$(cd cgi && find . -mindepth 1 -maxdepth 1 -type d | cut -c3- | sort)" \
  "$(printf '%s\n' "$table" | cut -d' ' -f1 | sort)"

# disallowed: of lines "FILE OTHER WHAT", those whose file may not use the other one; both are paths below cgi/.
disallowed() {
  { printf '%s\n' "$table" && echo && cat; } | awk '
    NF == 0 { uses = 1; next }
    !uses { for (i = 1; i <= NF; i++) may[$1, $i] = 1; next }
    {
      split($1, file, "/"); split($2, other, "/")
      header = $2; sub("[.][ch]$", ".h", header)
      if (!((file[1], other[1]) in may) && !((file[1], header) in may)) print $1 " " $3
    }'
}
includes=$(grep -rno '^#include "[^"]*"' cgi --include='*.[ch]' | sed 's|^cgi/\([^:]*\):[0-9]*:#include "\(.*\)"|\1 \2 \2|')
is 'a file includes only what its room may' '' "$(printf '%s\n' "$includes" | disallowed)"

# source: the path below cgi/ of what an object, named in the first field, was made from.
source='s|^[^:]*/cgi/\([^:]*/\)\([a-z_]*-\)\{0,1\}\([a-z0-9_]*\)\.o:|\1\3.c |'
calls=$({
  printf '%s\n' "$defined" | sed "$source" | awk '$4 != "main" { print "d", $1, $4 }'
  printf '%s\n' "$called" | sed "$source" | awk '{ print "u", $1, $3 }'
} | awk '
  $1 == "d" { home[$3] = $2 }
  $1 == "u" && ($3 in home) && home[$3] != $2 { print $2, home[$3], $3 }' | sort -u)
holds 'the calls are read from the objects of a build' test "$(printf '%s\n' "$calls" | wc -l)" -gt 500
is 'a file calls only what its room may' '' "$(printf '%s\n' "$calls" | disallowed)"
is 'no files call each other in a circle' '' "$(printf '%s\n' "$calls" | cut -d' ' -f1,2 | tsort 2>&1 >/dev/null)"

exported=$(sed -n 's/^  \([a-z0-9_]*\);$/\1/p' cgi/image/modules.symbols)
is 'programs export what the modules take from them, and nothing else' "$(printf '%s\n' "$called" |
  sed -n 's/.*\/image_[a-z]*_so-[a-z_]*\.o: *U \(.*\)$/\1/p' |
  grep -Fx "$(printf '%s\n' "$defined" | grep -v '_so-' | awk '{ print $3 }')" | sort -u | xargs)" \
  "$(printf '%s\n' "$exported" | sort | xargs)"

# only HEADER-REGEX 'FILE...': checks that no other file includes that library.
only() {
  is "the headers $1 are included by $2 only" "$2" "$(cd cgi && grep -rEl --include='*.[ch]' "#include <$1" . | cut -c3- | sort | xargs)"
}
only '(wand|MagickWand)/' 'image/magick.c'
only tiff 'image/tiff_samples.h'
only jpeglib 'image/jpeg_decode.c image/jpeg_encode.c'
only png 'image/png_decode.c'
only webp 'image/webp_decode.c image/webp_encode.c'
only libheif 'image/heif.c'
only jxl/ 'image/jxl.c image/jxl_colors.h'
only libexif 'image/metadata_exif.c'
only expat 'image/metadata_xmp.c'
only lcms2 'image/color.c image/color_row.c'
only sqlite3 'store/catalogue_schema.h store/catalogue_sqlite.c store/catalogue_sqlite.h'
only fcgi 'http/fcgi_io.c'
only nettle 'base/digest.c base/hex.c base/token.c'
only zlib 'store/first_page.c'
only seccomp.h 'process/sandbox_decoder.c process/sandbox_filter.c process/sandbox_seccomp.c'
only linux/landlock 'process/sandbox_landlock.c process/sandbox_probe.c'
only archive 'command/archive_out.c'
only utf8proc 'store/name_key.c'
only jansson 'command/command.h command/import_list.c command/manifest.c command/manifest_photo.h command/takeout.c gallery/image_json.h web/change_json.h web/problem.h web/render.h'

is 'a public function begins with the name of its file, or with those of its room and file' '' "$(tests/check_prefixes.py)"

is 'each header has the include guard of its path' '' "$(cd cgi && find . -name '*.h' | cut -c3- | while read -r header; do
  guard=VITRINE_$(printf '%s' "$header" | tr '[:lower:]/.' '[:upper:]__')
  grep -q "^#ifndef $guard$" "$header" && grep -q "^#define $guard$" "$header" || echo "$header"
done)"

# The time of a comparison must not tell how much of a token is right.
is 'hashes of tokens are compared in constant time' 'memeql_sec(given, hash, DIGEST_SIZE)' \
  "$(sed -n '/^bool token_matches/,/^}/p' cgi/base/token.c | grep -o '[a-z_]*cmp(.*)\|memeql[a-z_]*([^)]*)')"
is 'hashes of tokens are compared by no other function' '' "$(grep -rEn '(mem|str[a-z]*)cmp\(.*(token|hash)' cgi; grep -En '(mem|str[a-z]*)cmp' cgi/web/access.c)"

finish
