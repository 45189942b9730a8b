/** A few rules that find likely faults; no rules about code style. */

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
  // The function that draws heads runs inside the page, so it cannot call other functions.
  { files: ['**/*.test.js', 'tests/e2e/support/head.js'], rules: { 'max-lines-per-function': 'off' } },
];
