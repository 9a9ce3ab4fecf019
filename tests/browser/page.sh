#!/bin/sh
# The page in Chromium; see cases.mjs. This starts the gallery for it, and for the cases of another file, which
# sources this with its name in $browser_cases.
stays_root=1 # Chromium's own sandbox is off, and its cache root's
# shellcheck source=tests/e2e/lib.sh
. "${srcdir:-.}/tests/e2e/lib.sh"

command -v "${CHROMIUM:-chromium}" >/dev/null || bail_skip 'chromium is not installed'
is_own || bail_skip 'this test wants a gallery that is empty at first'

start_gallery
mkdir "$work/pictures"
# Beside the packages that make has installed: modules are looked for where the importing file is.
cp "${srcdir:-.}"/tests/browser/*.mjs "$work/"
ln -s "$VITRINE_TEST_BUILD/npm/node_modules" "$work/node_modules"
printf '{ "type": "module" }\n' >"$work/package.json"
VITRINE_TEST_URL=$url VITRINE_TEST_WORK=$work/pictures node --test-reporter=tap "$work/${browser_cases:-cases}.mjs" >"$work/tap"
# Node's own plan and results, with the gallery's log where something failed.
grep -q '^not ok' "$work/tap" && failures=1
cat "$work/tap"
exit "$failures"
