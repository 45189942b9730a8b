/** Few rules, each of which finds faults; the layout of the code is left to its author. */

import js from '@eslint/js';
import globals from 'globals';

export default [
  { ignores: ['www/pkg/', 'www/dist*/', '**/node_modules/', 'tests/e2e/.artifacts/'] },
  js.configs.recommended,
  {
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    languageOptions: { globals: { ...globals.browser, ...globals.node } },
    rules: {
      'array-callback-return': 'error',
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true }],
      'no-constructor-return': 'error',
      'no-self-compare': 'error',
      'no-template-curly-in-string': 'error',
      'no-unreachable-loop': 'error',
      'no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      'no-var': 'error',
      'prefer-const': 'error',
    },
  },
  // The body of a `describe` lists tests, and is as long as there are tests.
  // The drawing of heads runs inside the page, and can call nothing outside of its one function.
  { files: ['**/*.test.js', 'tests/e2e/support/head.js'], rules: { 'max-lines-per-function': 'off' } },
];
