#!/bin/sh
# Thumbnails within one process: ours compared with libvips and with decoding alone, and both with a reference.
# shellcheck source=bench/speed.d/lib.sh
. "${srcdir:?}/bench/speed.d/lib.sh"

VITRINE_DATA=$work/data
VITRINE_POLICY_DIR=$SPEED_SHARE/imagemagick
VITRINE_MODULE_DIR=$VITRINE_TEST_LIBEXEC
export VITRINE_DATA VITRINE_POLICY_DIR VITRINE_MODULE_DIR
mkdir "$data"
count=$(rounds 11 2 | tail -n 1)

# compare_quality ID FILE WHAT: compares the thumbnails of the warm-up.
compare_quality() {
  for size in $(jq '.sizes[]' "$work/measured"); do
    reference "$2" "$work/out/ours-$size.jpg"
    for side in ours vips; do
      quality "$work/out/$side-$size.jpg" "$1.$size.$side"
    done
    row "$1.$size.psnr" dB "$3, $size px: PSNR" "$1.$size.ours.psnr" against libvips "$1.$size.vips.psnr" at_least 0.995
    row "$1.$size.ssim" '' "$3, $size px: SSIM" "$1.$size.ours.ssim" against libvips "$1.$size.vips.ssim" at_least 0.995
  done
}

# compare ID FILE WHAT: measures the rounds, and writes their rows.
compare() {
  [ -e "$2" ] || fail "there is no $2"
  mkdir -p "$work/out"
  "$SPEED_TOOLS/speed_thumbs" "$2" "$count" "$work/out" >"$work/measured" || fail "$2 cannot be measured"
  for side in ours vips vips_chain floor; do
    for clock in wall cpu; do
      jq ".sides.$side.${clock}[]" "$work/measured" >"$figures/$1.$side.$clock"
    done
  done
  row "$1.vips" ms "$3" "$1.ours.wall" against 'libvips, a call for each' "$1.vips.wall" at_most 1
  row "$1.vips_chain" ms "$3" "$1.ours.wall" against 'libvips, from the largest' "$1.vips_chain.wall"
  row "$1.floor" ms "$3" "$1.ours.wall" against 'decoding alone' "$1.floor.wall"
  row "$1.vips.cpu" ms "$3, processor" "$1.ours.cpu" against 'libvips, a call for each' "$1.vips.cpu" detail
  row "$1.vips_chain.cpu" ms "$3, processor" "$1.ours.cpu" against 'libvips, from the largest' "$1.vips_chain.cpu" detail
  [ -n "$SPEED_QUICK" ] || compare_quality "$1" "$2" "$3"
}

compare jpeg "$photograph" 'JPEG 6028×3391, 4.4 MB'
compare jpeg_large "$photographs/rhythm.jpg" 'JPEG 3840×2400, 8.9 MB'
compare jpeg_progressive "$photographs/Infinite-Sea_by_Aury88.jpg" 'JPEG 4096×4096 progressive, 6.7 MB'
compare png "$photographs/focal-ubuntukylin.png" 'PNG 3840×2400, 4.7 MB'
compare webp "$photographs/gnome/adwaita-l.webp" 'WebP 4096×4096, 4.2 MB'
