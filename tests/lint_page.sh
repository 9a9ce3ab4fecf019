#!/bin/sh
# The page's JavaScript and CSS by ESLint, Stylelint and TypeScript, which checks the types in JSDoc comments. The tools
# come from npm by tests/lint/package.json. If make has not installed them, this is a skip.
# shellcheck source=tests/tap.sh
. "${srcdir:-.}/tests/tap.sh"

tools=${VITRINE_TEST_BUILD:-tests}/npm-lint
[ -d "$tools/node_modules" ] || bail_skip 'ESLint, Stylelint and TypeScript are not installed'
tools=$(cd "$tools" && pwd) || exit 1

# The tools look for packages from a file's folder upwards, so they get a copy of the sources beside the packages.
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
(cd "${srcdir:-.}" && cp --parents www/*.js www/*.css tests/*/*.mjs bench/*.mjs "$work") || exit 1
mv "$work/tests/lint/eslint.config.mjs" "$work/tests/lint/stylelint.config.mjs" "$work"
cp "${srcdir:-.}/tests/lint/jsconfig.json" "$work"
ln -s "$tools/node_modules" "$work/node_modules"
ln -s "$tools/www/node_modules" "$work/www/node_modules"
strip=$(cd "${srcdir:-.}" && pwd)/www/strip
cd "$work" || exit 1

holds 'the JavaScript files pass ESLint' node_modules/.bin/eslint --max-warnings=0 www tests bench
holds 'the style sheet passes Stylelint' node_modules/.bin/stylelint --max-warnings=0 'www/*.css'
holds 'the types in the page'\''s JSDoc comments fit' node_modules/.bin/tsc -p jsconfig.json

# stripped: compares each file with what is served of it.
stripped() {
  for file in www/*.js www/*.css; do
    sh "$strip" "$file" >"served.${file##*.}" && node tests/lint/stripped.mjs "$file" "served.${file##*.}" || return 1
  done
}
holds 'scripts and style sheets mean the same as they are served, without comments' stripped

finish
