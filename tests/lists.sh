#!/bin/sh
# Lists that several languages or documents contain, compared with the one in C.
#
# Between single quotes, $ and ` stand for themselves:
# shellcheck disable=SC2016

# shellcheck source=tests/tap.sh
. "${srcdir:-.}/tests/tap.sh"

cd "${srcdir:-.}" || exit 1

# ---- types of images: cgi/image/image_type.c ----

# For each type: its media type, extension and coder.
types=$(sed -n 's/^ *\[IMAGE_[A-Z]*\] = {"\([^"]*\)", "\([^"]*\)", "\([^"]*\)".*/\1 \2 \3/p' cgi/image/image_type.c)
is 'every type is read from image_type.c' 8 "$(printf '%s\n' "$types" | wc -l)"
column() {
  printf '%s\n' "$types" | cut -d' ' -f"$1"
}
media=$(column 1 | paste -sd,)
is "the page's picker of files offers the types" "$media" \
  "$(sed -n 's/^ *accept="\(image\/jpeg[^"]*\)".*/\1/p' www/index.html)"
is "the form for visitors without JavaScript offers the types" "$media" \
  "$(tr -d '\n' <cgi/web/render_listing.c | sed -n 's/," *"/,/g; s/.*"accept=\\"\([^"\\]*\)\\".*/\1/p')"
is 'nginx serves originals of these extensions' "$(column 2 | paste -sd'|')" \
  "$(sed -n 's/^ *location ~ "^\/uploads\/.*\\\.(\([a-z|]*\))\$".*/\1/p' nginx/vitrine.conf.template)"
is 'nginx gives each original its media type' "$(column '1,2')" \
  "$(sed -n '/location ~ "^\/uploads/,/^    }/s/^ *\(image\/[a-z]*\) *\([a-z]*\);.*/\1 \2/p' nginx/vitrine.conf.template)"
# Extensions that a file of a type may have, as "image/png png" in a line each.
in_c=$({
  column '1,2'
  grep -oE '\{IMAGE_[A-Z]+, +"[a-z]+"\}' cgi/image/image_type.c | tr -d '{}",' |
    sed 's/IMAGE_\([A-Z]*\) *\(.*\)/\1 \2/' | while read -r type extension; do
      echo "image/$(echo "$type" | tr '[:upper:]' '[:lower:]') $extension"
    done
} | sort)
is 'the page knows the same extensions of a type' "$in_c" \
  "$(sed -n 's/^  "\(image\/[a-z]*\)": \[\(.*\)\],$/\1 \2/p' www/facts.js | tr -d '",' |
    while read -r type extensions; do for one in $extensions; do echo "$type $one"; done; done | sort)"
is 'docs/api.md and README.md name the types' "$(printf '%s\n%s' "$(column 3 | sort | xargs)" "$(column 3 | sort | xargs)")" \
  "$(for file in docs/api.md README.md; do
    tr '\n' ' ' <$file | sed 's/JPEG XL/JXL/' | grep -oE 'JPEG, [A-Za-z, ]* and TIFF' | head -n 1 | tr '[:lower:]' '[:upper:]' |
      sed 's/,//g; s/ AND / /' | tr ' ' '\n' | sort | xargs
  done)"

# ---- sizes of thumbnails: cgi/gallery/thumbnail_sizes.c ----

full=$(sed -n 's/^#define FULL_SIZE \([0-9]*\).*/\1/p' cgi/gallery/internal.h)
sizes=$(sed -n 's/^const unsigned gallery_thumbnail_sizes.*{\(.*\), FULL_SIZE};/\1/p' cgi/gallery/thumbnail_sizes.c | tr -d ' ')
holds 'the sizes are read from thumbnail_sizes.c' test -n "$full" -a -n "$sizes"
is 'nginx serves thumbnails of these sizes' "$(echo "$sizes" | tr , '|')" \
  "$(grep -oE 'thumbs/\([0-9|]+\)' nginx/vitrine.conf.template | sed 's/.*(\(.*\))/\1/' | sort -u)"
is 'nginx serves thumbnails of the full size' "$full" "$(grep -oE '"\^/thumbs/[0-9]+/' nginx/vitrine.conf.template | tr -dc '0-9\n' | sort -u)"
asked=$(grep -hoE '(LARGEST|FULL|SMALL|SIZE)[A-Z_]* = [0-9]+|thumbs\[[0-9]+\]' www/*.js | grep -oE '[0-9]+' | sort -u)
holds 'the sizes that the page asks for are read from its modules' test "$(echo "$asked" | wc -l)" -ge 3
is 'the page asks only for sizes that exist' '' "$(echo "$asked" | grep -vxE "$(echo "$sizes,$full" | tr , '|')")"
is 'docs/api.md names these sizes' "$(echo "$sizes,$full" | tr , ' ')" \
  "$(sed -n '/^`url` and `thumbs`/,/^$/p' docs/api.md | grep -oE '\<[0-9]{3,4}\>' | xargs)"

# ---- orders of a listing: cgi/store/listing.h ----

orders=$(sed -n 's/^    SORT(SORT_[A-Z_]*, "\([a-z-]*\)", "\([a-z, ]*\)").*/\1 \2/p' cgi/store/listing.h)
is "the page offers the orders, by the same labels" "$orders" \
  "$(sed -n 's/^ *<option value="\([a-z-]*\)">\(.*\)<\/option>$/\1 \2/p' www/index.html | tr '[:upper:]' '[:lower:]')"
is 'the page reads these orders from its address' "$(printf '%s\n' "$orders" | cut -d' ' -f1 | xargs)" \
  "$(sed -n 's/^const SORTS = \[\(.*\)\];$/\1/p' www/address.js | tr -d '",')"
is 'docs/api.md names the orders' "$(printf '%s\n' "$orders" | cut -d' ' -f1 | xargs)" \
  "$(sed -n 's/^| `sort` | \(.*\) |$/\1/p' docs/api.md | grep -oE '`[a-z-]+`' | tr -d '`' | xargs)"
constant() {
  sed -n "s/^#define $1 \([0-9]*\).*/\1/p" cgi/store/listing.h
}
is 'docs/api.md tells how many images a page may have' \
  "1 to $(constant LISTING_MAX_LIMIT); default $(constant LISTING_DEFAULT_LIMIT)" \
  "$(sed -n 's/^| `limit` | number of images, \(.*\) |$/\1/p' docs/api.md)"

# ---- fields of an image: cgi/gallery/image_json.c ----

# Those of a place are not the image's own.
place='latitude|longitude|altitude'
fields=$(grep -oE '\\"[a-z_0-9]+\\":' cgi/gallery/image_json.c | tr -dc 'a-z_0-9\n' | grep -vxE "$place")
holds 'the fields are read' test "$(echo "$fields" | wc -l)" -ge 10
is "the page's type of an image has the fields" "$fields" \
  "$(sed -n '/@typedef {object} Image$/,/\*\//s/.*@property {.*} \([a-z_0-9]*\).*/\1/p' www/api.js)"
# The others in the example belong to the answer to an upload.
is 'the example of docs/api.md has the fields' "$fields" \
  "$(sed -n '/^{"images": \[{$/,/^```/p' docs/api.md | grep -oE '"[a-z_0-9]+":' | tr -dc 'a-z_0-9\n' |
    grep -vxE "images|status|delete_token|$place|320|640|1280|2048")"

# ---- errors: cgi/web/problem.c ----

# Of each error: its status, type and title. nginx has some of its own.
in_c=$(sed -n 's/^ *\[VT_ERR_[A-Z_]*\] = {\([0-9]*\), "\([a-z-]*\)", "\(.*\)"},$/\1 \2 \3/p' cgi/web/problem.c | sort -u)
in_nginx=$(sed -n -e "s/\\\\'/'/g" \
  -e 's/^ *return \([0-9]*\) .*urn:vitrine:problem:\([a-z-]*\)","title":"\([^"]*\)".*/\1 \2 \3/p' \
  -e 's/^ *\([0-9]*\) *.*urn:vitrine:problem:\([a-z-]*\)","title":"\([^"]*\)".*/\1 \2 \3/p' \
  nginx/vitrine.conf.template | sort -u)
holds 'the errors are read' test "$(echo "$in_c" | wc -l)" -ge 20 -a "$(echo "$in_nginx" | wc -l)" -ge 16
is 'nginx and workers give an error the same title' "$(printf '%s\n' "$in_c" "$in_nginx" | cut -d' ' -f1,2 | sort -u)" \
  "$(printf '%s\n' "$in_c" "$in_nginx" | sort -u | cut -d' ' -f1,2)"
is 'a type of problem has one title, whatever its status' '' \
  "$(printf '%s\n' "$in_c" "$in_nginx" | cut -d' ' -f2- | sort -u | cut -d' ' -f1 | uniq -d)"
is 'docs/api.md lists status and type of each error' "$(printf '%s\n' "$in_c" "$in_nginx" | cut -d' ' -f1,2 | sort -u)" \
  "$(sed -n 's/^| \([0-9]*\) | `\([a-z-]*\)` | .*/\1 \2/p' docs/api.md | sort)"
limit_of() {
  sed -n "s/^ *limit_conn vitrine_$1 \([0-9]*\);.*/\1/p" nginx/vitrine.conf.template
}
counts="$(limit_of uploads) uploads [a-z]* $(limit_of requests) requests"
for file in nginx/vitrine.conf.template docs/api.md; do
  like "$file tells how much one address may have in progress" "$counts" "$(cat $file)"
done

# ---- routes and metrics: cgi/web/router.c, cgi/web/metrics.c, cgi/web/handler_operations.c ----

routes=$(sed -n 's/^ *{HTTP_\([A-Z]*\), "\([^"]*\)", POOL_[A-Z]*, "\([a-z_]*\)".*/\1 \2 \3/p' cgi/web/router.c)
holds 'the routes are read' test "$(echo "$routes" | wc -l)" -ge 10
is 'docs/api.md lists the routes, with their names in the metrics' "$routes" \
  "$(sed -n 's/^| `\([A-Z]* \/[^`]*\)` | `\([a-z_]*\)` | .*/\1 \2/p' docs/api.md)"
is 'docs/api.md lists the metrics' \
  "$(grep -hoE '# TYPE vitrine_[a-z_]+' cgi/web/*.c | sed 's/.* //' | sort)" \
  "$(sed -n 's/^| `\(vitrine_[a-z_]*\)` | .*/\1/p' docs/api.md | sort)"

# ---- the command: cgi/command/vitrine.c, cgi/command/command.c, cgi/upkeep/fsck_findings.c ----

commands=$(sed -n '/commands\[\] = /,/;$/p' cgi/command/vitrine.c | grep -oE '\{"[a-z]+"' | tr -dc 'a-z\n')
holds 'the commands are read' test "$(echo "$commands" | wc -l)" -ge 9
is 'vitrine --help lists the commands' "$commands" "$(sed -n 's/^ *"  \([a-z]*\)  .*/\1/p' cgi/command/vitrine.c)"
is 'vitrine(1) describes the commands' "$commands" \
  "$(sed -n '/^The commands are:/,/^\.Sh/s/^\.It Cm \([a-z]*\).*/\1/p' docs/vitrine.1)"
is 'README.md names the commands' "$commands" \
  "$(sed -n 's/^| `vitrine \([^|]*\) |.*/\1/p' README.md | grep -oE '\<[a-z]+\>' | sort)"
statuses=$(grep -ohE '\<EX_[A-Z]+' cgi/command/*.c | sort -u | while read -r name; do
  sed -n "s/^#define ${name}[[:blank:]]*\([0-9]*\).*/\1/p" /usr/include/sysexits.h
done)
is 'vitrine(1) lists the exit statuses' "$(printf '%s\n' 0 1 2 "$statuses" | sort -n | xargs)" \
  "$(sed -n '/^\.Sh EXIT STATUS/,/^\.Sh EXAMPLES/s/^\.It \([0-9]*\)$/\1/p' docs/vitrine.1 | xargs)"
is 'vitrine(1) describes the findings of fsck' \
  "$(sed -n 's/^ *\[FINDING_[A-Z_]*\] = "\([a-z-]*\)",$/\1/p' cgi/upkeep/fsck_findings.c)" \
  "$(sed -n '/^The kinds of findings are:/,/^\.El/s/^\.It Li //p' docs/vitrine.1 | sed 's/ , /\n/g')"

# ---- tests: the files ----

# unlisted FILE...: those that neither automake nor, of end-to-end tests, tests/README.md names.
unlisted() {
  for file in "$@"; do
    case $file in */lib.sh | */remote.sh) continue ;; esac
    grep -qE "(^|[[:blank:]])${file%.c}(\.c)?([[:blank:]]|\$)" tests/Makefile.inc || echo "$file: tests/Makefile.inc"
    case $file in *.c) continue ;; esac
    grep -q "^| \`${file##*/}\`" tests/README.md || echo "$file: tests/README.md"
  done
}
is 'each end-to-end test and each test of a module is run, and those from end to end are described' '' \
  "$(unlisted tests/e2e/*.sh tests/*/check_*.c)"

finish
