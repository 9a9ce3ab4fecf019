#!/bin/sh
# Lists that stand in several languages, held to the one in C: types of images, sizes of thumbnails, orders of a listing.
# shellcheck source=tests/tap.sh
. "${srcdir:-.}/tests/tap.sh"

cd "${srcdir:-.}" || exit 1

# ---- types of images: cgi/image/image_type.c ----

# Of each type: its media type, extension and coder.
types=$(sed -n 's/^ *\[IMAGE_[A-Z]*\] = {"\([^"]*\)", "\([^"]*\)", "\([^"]*\)".*/\1 \2 \3/p' cgi/image/image_type.c)
is 'the list of types is read' 7 "$(printf '%s\n' "$types" | wc -l)"
column() {
  printf '%s\n' "$types" | cut -d' ' -f"$1"
}
media=$(column 1 | paste -sd,)
is "the page's picker of files offers the types" "$media" \
  "$(sed -n 's/^ *accept="\(image\/jpeg[^"]*\)".*/\1/p' www/index.html)"
is "so does the page's for visitors without scripts" "$media" \
  "$(sed -n 's/^ *"accept=\\"\([^"\\]*\)\\".*/\1/p' cgi/web/render_listing.c)"
is 'nginx serves originals of these extensions' "$(column 2 | paste -sd'|')" \
  "$(sed -n 's/^ *location ~ "^\/uploads\/.*\\\.(\([a-z|]*\))\$".*/\1/p' nginx/vitrine.conf.template)"
is 'nginx gives each original its media type' "$(column '1,2')" \
  "$(sed -n '/location ~ "^\/uploads/,/^    }/s/^ *\(image\/[a-z]*\) *\([a-z]*\);.*/\1 \2/p' nginx/vitrine.conf.template)"
is 'ImageMagick may use these coders and modules' "$(column 3 | paste -sd,) $(column 3 | paste -sd,)" \
  "$(sed -n 's/.*rights="read | write" pattern="{\([A-Z,]*\)}".*/\1/p' cgi/image/policy.xml | xargs)"
# Extensions that a file of a type may have, as "image/png png" in a line each.
in_c=$({
  column '1,2'
  grep -oE '\{IMAGE_[A-Z]+, +"[a-z]+"\}' cgi/image/image_type.c | tr -d '{}",' |
    sed 's/IMAGE_\([A-Z]*\) *\(.*\)/\1 \2/' | while read -r type extension; do
      echo "image/$(echo "$type" | tr '[:upper:]' '[:lower:]') $extension"
    done
} | sort)
is 'the page knows the same extensions of a type' "$in_c" \
  "$(sed -n 's/^  "\(image\/[a-z]*\)": \[\(.*\)\],$/\1 \2/p' www/format.js | tr -d '",' |
    while read -r type extensions; do for one in $extensions; do echo "$type $one"; done; done | sort)"

# ---- sizes of thumbnails: cgi/gallery/thumbnail_sizes.c ----

full=$(sed -n 's/^#define FULL_SIZE \([0-9]*\).*/\1/p' cgi/gallery/internal.h)
sizes=$(sed -n 's/^const unsigned gallery_thumbnail_sizes.*{\(.*\), FULL_SIZE};/\1/p' cgi/gallery/thumbnail_sizes.c | tr -d ' ')
holds 'the list of sizes is read' test -n "$full" -a -n "$sizes"
is 'nginx serves thumbnails of these sizes' "$(echo "$sizes" | tr , '|')" \
  "$(grep -oE 'thumbs/\([0-9|]+\)' nginx/vitrine.conf.template | sed 's/.*(\(.*\))/\1/' | sort -u)"
is 'and of the full one' "$full" "$(grep -oE '"\^/thumbs/[0-9]+/' nginx/vitrine.conf.template | tr -dc '0-9\n' | sort -u)"
asked=$(grep -hoE '(LARGEST|FULL|SMALL|SIZE)[A-Z_]* = [0-9]+|thumbs\[[0-9]+\]' www/*.js | grep -oE '[0-9]+' | sort -u)
holds 'the sizes that the page asks for are found' test "$(echo "$asked" | wc -l)" -ge 3
is 'the page asks for none that is not there' '' "$(echo "$asked" | grep -vxE "$(echo "$sizes,$full" | tr , '|')")"

# ---- orders of a listing: cgi/store/listing.h ----

orders=$(sed -n 's/^    SORT(SORT_[A-Z]*, "\([a-z]*\)", "\([a-z ]*\)").*/\1 \2/p' cgi/store/listing.h)
is "the page offers the orders, by the same labels" "$orders" \
  "$(sed -n 's/^ *<option value="\([a-z]*\)">\(.*\)<\/option>$/\1 \2/p' www/index.html | tr '[:upper:]' '[:lower:]')"
is 'the page takes these from an address' "$(printf '%s\n' "$orders" | cut -d' ' -f1 | xargs)" \
  "$(sed -n 's/^const SORTS = \[\(.*\)\];$/\1/p' www/address.js | tr -d '",')"

finish
