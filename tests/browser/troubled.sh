#!/bin/sh
# The page in Chromium while something fails; see cases_troubled.mjs.
browser_cases=cases_troubled
# shellcheck source=tests/browser/page.sh
. "${srcdir:-.}/tests/browser/page.sh"
