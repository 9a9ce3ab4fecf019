// stripped.mjs FILE STRIPPED: whether a script or a style sheet means the same without its comments. Exits with 1, and says where
// they differ, if not.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const [, , ...paths] = process.argv;

function scriptOf(text) {
  const { parse } = createRequire(require.resolve("eslint"))("espree");
  const tree = parse(text, { ecmaVersion: "latest", sourceType: "module" });
  return JSON.stringify(tree, (key, value) => (["start", "end", "range", "loc"].includes(key) ? undefined : value), 1);
}

function sheetOf(text) {
  const root = createRequire(require.resolve("stylelint"))("postcss").parse(text);
  const lines = [];
  root.walk((node) => {
    if (node.type === "comment") return;
    const { selector, name, params, prop, value, important } = node;
    lines.push(JSON.stringify({ type: node.type, selector: selector?.replace(/\s+/g, " "), name, params, prop, value, important }));
  });
  return lines.join("\n");
}

const read = paths[0].endsWith(".css") ? sheetOf : scriptOf;
const [before, after] = paths.map((path) => read(readFileSync(path, "utf8")).split("\n"));
const at = before.findIndex((line, i) => line !== after[i]);
if (at >= 0 || before.length !== after.length) {
  console.error(`${paths[0]}: ${before[at]?.trim()} became ${after[at]?.trim()}`);
  process.exitCode = 1;
}
