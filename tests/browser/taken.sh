#!/bin/sh
# The page in the order in which photographs were taken, and what they know, in Chromium; see cases_taken.mjs.
browser_cases=cases_taken
command -v exiftool >/dev/null 2>&1 || {
  echo '1..0 # SKIP exiftool is missing: install libimage-exiftool-perl'
  exit 0
}
# shellcheck source=tests/browser/page.sh
. "${srcdir:-.}/tests/browser/page.sh"
