#!/bin/sh
# Polyglots in Chromium; see cases_polyglots.mjs. A copy without metadata would have no script in it.
browser_cases=cases_polyglots
browser_setting=VITRINE_METADATA=show
# shellcheck source=tests/browser/page.sh
. "${srcdir:-.}/tests/browser/page.sh"
