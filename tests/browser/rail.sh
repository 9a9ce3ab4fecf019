#!/bin/sh
# The date rail in Chromium; see cases_rail.mjs.
browser_cases=cases_rail
# shellcheck source=tests/browser/page.sh
. "${srcdir:-.}/tests/browser/page.sh"
