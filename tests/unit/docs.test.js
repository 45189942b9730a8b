/** Documents that name tests name tests that exist. */

import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

const DOCS = new URL('../../docs/', import.meta.url);

for (const name of readdirSync(DOCS).filter((file) => file.endsWith('.md'))) {
  const text = readFileSync(new URL(name, DOCS), 'utf8');
  const links = [...text.matchAll(/\[([^\]]+)\]\(([^)#:]+)\)/g)].map(([, title, file]) => ({
    title: title.replace(/\s+/g, ' '),
    file: new URL(file, DOCS),
  }));
  describe(`docs/${name}`, () => {
    it('links to files that exist', () => {
      assert.deepEqual(links.filter(({ file }) => !existsSync(file)).map(({ file }) => file.pathname), []);
    });

    it('names tests by their names', () => {
      const tests = links.filter(({ file }) => /\/tests\/|\/src\//.test(file.pathname));
      const gone = tests.filter(({ title, file }) => !names(file).includes(title));
      assert.deepEqual(gone.map(({ title, file }) => `${title}: ${fileURLToPath(file)}`), []);
      if (name === 'threat-model.md') assert.ok(tests.length > 20);
    });
  });
}

/**
 * What a link may name in this file: a test by its title or function, or else any of its words.
 * @param {URL} file
 * @returns {string | string[]}
 */
function names(file) {
  const text = readFileSync(file, 'utf8');
  if (!file.pathname.includes('/tests/')) return text;
  if (file.pathname.endsWith('.rs')) return Array.from(text.matchAll(/test\]\n(?:async )?fn (\w+)/g), ([, title]) => title);
  if (!file.pathname.endsWith('.test.js')) return text;
  return Array.from(text.matchAll(/^ *(?:describe|it)\(\s*(['"`])(.*?)\1,/gm), ([, , title]) => title);
}
