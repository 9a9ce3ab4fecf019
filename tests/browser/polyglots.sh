#!/bin/sh
# Polyglots in Chromium; see cases_polyglots.mjs.
browser_cases=cases_polyglots
# shellcheck source=tests/browser/page.sh
. "${srcdir:-.}/tests/browser/page.sh"
