import js from "@eslint/js";
import globals from "globals";

export default [
  js.configs.recommended,
  {
    files: ["explorer/**/*.js", "tests/javascript/**/*.js", "tests/device/**/*.js"],
    languageOptions: { ecmaVersion: 2024, sourceType: "module", globals: { ...globals.browser } },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      "max-lines": ["error", 300],
      "max-len": ["error", { code: 120 }],
      "no-unused-vars": ["error", { ignoreRestSiblings: true }],
      eqeqeq: "error",
      "no-var": "error",
      "prefer-const": "error",
    },
  },
  { files: ["explorer/widgets/payload_types.js"], rules: { "max-lines": "off" } }, // nobody reads what a program wrote
  { files: ["explorer/widgets/shared_texts.js"], rules: { "max-len": "off" } }, // as this: a sentence is one string
  { files: ["tests/**/*.js"], languageOptions: { globals: { ...globals.node } } },
];
