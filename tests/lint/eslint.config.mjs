// What ESLint checks in the page and in the tests that run in Node: its recommended rules, and others that find faults.

import js from "@eslint/js";
import globals from "globals";

export default [
  js.configs.recommended,
  {
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      "array-callback-return": "error",
      "consistent-return": "error",
      eqeqeq: "error",
      "no-self-compare": "error",
      "no-shadow": "error",
      "no-template-curly-in-string": "error",
      "no-unreachable-loop": "error",
      "no-useless-assignment": "error",
      "no-var": "error",
      "prefer-const": "error",
    },
  },
  { files: ["www/**"], languageOptions: { globals: globals.browser } },
  // Tests pass functions to the browser, too.
  { files: ["tests/**", "bench/**"], languageOptions: { globals: { ...globals.node, ...globals.browser } } },
];
