#!/bin/sh
# The direction of includes in cgi/: a file includes only headers of the levels below its own. The
# levels are docs/architecture.md's picture, from the floor up.
# shellcheck source=tests/tap.sh
. "${srcdir:-.}/tests/tap.sh"

cd "${srcdir:-.}" || exit 1

levels='
error
name
bits buf build host_memory log package_version
config decoder_warm_up guesses http http_header http_query image_type known_holes metrics outfile raster reader sandbox_limits sandbox_probe sandbox_seccomp
image_exif image_icc image_header multipart name_key record reducer sandbox_landlock
decode_budget image_color image_header_formats image_memory sandbox sandbox_decoder
image_header_heif image_header_tiff image_header_web
image_header_av1 image_header_heif_data image_header_heif_items image_header_heif_picture image_header_hevc image_header_isobmff
image_decoder image_encoder
image_jpeg image_jpeg_encode image_png image_webp image_webp_encode
digest export_name listing
access
image_magick
blobs catalogue_schema decoder image published
decoder_wire
decoder_reply
decoder_child
decoder_host decoder_libraries image_engine
catalogue decoder_main
blobs_dir catalogue_sqlite
blobs_dir_stage blobs_dir_walk catalogue_listing catalogue_names catalogue_notes catalogue_statement catalogue_upkeep
gallery
gallery_internal gallery_upkeep
gallery_fsck
gallery_confine gallery_deletion gallery_each gallery_file gallery_fsck_files gallery_origin gallery_rebuild gallery_room gallery_snapshot gallery_sweep gallery_thumbs gallery_twins gallery_upload gallery_usage
render
listing_json manifest problem render_listing
import_list
router
handlers
images images_add thumbs ops
fcgi_io
worker
admin_common admin_commands archive_out
admin_libraries import_worker
admin_backup admin_export admin_import admin_repair admin_store
main admin
'

# Prints each include that points upwards or sideways. A .c file may include its own header, and
# these what they are there to join.
directions() {
  printf '%s' "$levels" | awk '
    FNR == NR { for (i = 1; i <= NF; i++) level[$i] = NR; next }
    FNR == 1 { name = FILENAME; sub(".*/", "", name); sub("[.][ch]$", "", name)
               if (!(name in level)) print FILENAME ": has no level" }
    /^#include "/ {
      other = $2; gsub(/"|[.]h/, "", other)
      if (other == name || (name == "router" && other == "handlers") ||
          (name == "image" && other == "image_engine") ||
          (name == "decoder" && other == "decoder_reply") ||
          (name == "gallery" && other == "gallery_internal") ||
          (name == "image_header" && other == "image_header_formats"))
        next
      if (!(other in level)) print FILENAME ": " other " has no level"
      else if (level[other] >= level[name]) print FILENAME ": includes " other ".h"
    }' - cgi/*.c cgi/*.h
}
is 'includes point downwards' '' "$(directions)"

# only HEADER-REGEX 'FILE...': nobody else includes that library.
only() {
  is "only $2 include $1" "$2" "$(grep -El "#include <$1" cgi/*.[ch] | xargs)"
}
only '(wand|MagickWand)/' 'cgi/image_magick.c'
only jpeglib 'cgi/image_jpeg.c cgi/image_jpeg_encode.c'
only png 'cgi/image_png.c'
only webp 'cgi/image_webp.c cgi/image_webp_encode.c'
only lcms2 'cgi/image_color.c'
only sqlite3 'cgi/catalogue_schema.h cgi/catalogue_sqlite.c cgi/catalogue_sqlite.h'
only fcgi 'cgi/fcgi_io.c'
only nettle 'cgi/digest.c'
only zlib 'cgi/published.c'
only seccomp.h 'cgi/sandbox_decoder.c cgi/sandbox_seccomp.c'
only linux/landlock 'cgi/sandbox_landlock.c cgi/sandbox_probe.c'
only archive 'cgi/archive_out.c'
only utf8proc 'cgi/name_key.c'
only jansson 'cgi/admin_common.h cgi/import_list.c cgi/manifest.c cgi/problem.h cgi/render.h'

is 'each header has its guard' '' "$(for header in cgi/*.h; do
  guard=VITRINE_$(basename "$header" .h | tr '[:lower:]' '[:upper:]')_H
  grep -q "^#ifndef $guard$" "$header" && grep -q "^#define $guard$" "$header" || echo "$header"
done)"

# Nobody may learn by the time it takes how much of a token is right.
is 'hashes of tokens are compared in constant time' 'memeql_sec(given, hash, HASH_SIZE)' \
  "$(sed -n '/^bool token_matches/,/^}/p' cgi/digest.c | grep -o '[a-z_]*cmp(.*)\|memeql[a-z_]*([^)]*)')"
is 'and by nothing else' '' "$(grep -En '(mem|str[a-z]*)cmp\(.*(token|hash)' cgi/*.c; grep -En '(mem|str[a-z]*)cmp' cgi/access.c)"

finish
