#!/bin/sh
# The page in Chromium; see cases.mjs. This starts a gallery for the tests. Another script can source it to run the cases
# of the file named in $browser_cases, on a gallery with the setting in $browser_setting.
stays_root=1 # Chromium's own sandbox is off, and its cache belongs to root

# Chromium gives up what it is loading whenever the machine's network changes, as when containers start. Root has a network
# of the test's own, with an interface that leads nowhere: without one, the browser would be offline.
own_network='ip link set lo up && ip link add veth0 type veth peer name veth1 && ip address add 192.0.2.1/24 dev veth0 &&
  ip link set veth0 up && ip link set veth1 up'
if [ -z "${VITRINE_TEST_OWN_NETWORK:-}" ] && unshare --net sh -c "$own_network" 2>/dev/null; then
  export VITRINE_TEST_OWN_NETWORK=1
  exec unshare --net sh -c "$own_network && exec \"\$0\"" "$0"
fi

# shellcheck source=tests/e2e/lib.sh
. "${srcdir:-.}/tests/e2e/lib.sh"

command -v "${CHROMIUM:-chromium}" >/dev/null || bail_skip 'chromium is not installed'
is_own || bail_skip 'this test needs an empty gallery'

start_gallery ${browser_setting:+"$browser_setting"}
mkdir "$work/pictures"
# Copied beside the packages that make has installed, as Node looks for packages from the importing file's folder.
cp "${srcdir:-.}"/tests/browser/*.mjs "$work/"
ln -s "$VITRINE_TEST_BUILD/npm/node_modules" "$work/node_modules"
printf '{ "type": "module" }\n' >"$work/package.json"
VITRINE_TEST_URL=$url VITRINE_TEST_WORK=$work/pictures node --test-reporter=tap "$work/${browser_cases:-cases}.mjs" >"$work/tap"
# The output is Node's plan and results. After a failure, the gallery's log follows.
grep -q '^not ok' "$work/tap" && failures=1
cat "$work/tap"
exit "$failures"
