#!/bin/sh
# One scene in files of every type in Chromium; see cases_scenes.mjs.
browser_cases=cases_scenes
# shellcheck source=tests/browser/page.sh
. "${srcdir:-.}/tests/browser/page.sh"
