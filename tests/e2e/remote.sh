# Sourced behind lib.sh by the tests of a gallery that runs elsewhere, in containers or in a virtual machine.
# They set $url to where it answers, $data to its data folder or to nothing, and make $work/restart, which
# does what VITRINE_TEST_RESTART is to do.
# shellcheck shell=sh
top=$(cd "${srcdir:-.}" && pwd -P)

# built WHAT COMMAND...: passes if the command succeeds; otherwise the test ends, since the rest depends on it.
built() {
  built_what=$1
  shift
  if "$@" >"$work/build.log" 2>&1; then
    pass "$built_what"
  else
    miss "$built_what" "$(tail -n 50 "$work/build.log")"
    finish
  fi
}

answers() {
  [ "$(curl -s -o "$work/health" -w '%{http_code}' --max-time 5 "$url/healthz")" = 200 ]
}

# suite NAME: runs e2e/NAME.sh and reports its cases as this test's own.
suite() {
  VITRINE_TEST_URL=$url VITRINE_TEST_DATA=$data VITRINE_TEST_RESTART=$work/restart \
    "$top/tests/e2e/$1.sh" >"$work/suite" 2>"$work/suite.err"
  suite_status=$?
  while read -r line; do
    case $line in
      'ok '*' # SKIP '*)
        case_name=${line#* - }
        skip "$1: ${case_name%% # SKIP *}" "${line#* # SKIP }"
        ;;
      'ok '*) pass "$1: ${line#* - }" ;;
      'not ok '*) miss "$1: ${line#* - }" ;;
      *'# SKIP '*) skip "$1" "${line#*# SKIP }" ;;
      '#'*) echo "$line" ;;
    esac
  done <"$work/suite"
  is "the suite $1 ends with success" 0 "$suite_status"
  is "the suite $1 has run as many cases as it planned" "1..$(grep -Ec '^(not )?ok ' "$work/suite")" "$(grep '^1\.\.' "$work/suite")"
}

# list_images: prints id and URL of every image, oldest first.
list_images() {
  cursor=
  while :; do
    curl -fs "$url/api/images?limit=200&sort=old$cursor" >"$work/page" || return 1
    jq -r '.images[] | "\(.id) \(.url)"' "$work/page"
    cursor="&cursor=$(jq -r '.next // empty' "$work/page")"
    [ "$cursor" != '&cursor=' ] || return 0
  done
}

# keeps WHAT: checks that the gallery lists exactly the images of $work/images, and that each has the bytes of its id.
keeps() {
  eventually "$1: the gallery answers" answers
  list_images >"$work/listed"
  is "$1: no image is lost and none is added" '' "$(diff "$work/images" "$work/listed")"
  is "$1: every original is unchanged, byte for byte" '' "$(while read -r id path; do
    [ "$(curl -s "$url$path" | sha256sum | cut -c -32)" = "$id" ] || echo "$path"
  done <"$work/images")"
}
