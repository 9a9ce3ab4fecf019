#!/bin/sh
# The page in the order in which photographs were taken, and what they know, in Chromium; see cases_taken.mjs.
browser_cases=cases_taken
# shellcheck source=tests/browser/page.sh
. "${srcdir:-.}/tests/browser/page.sh"
