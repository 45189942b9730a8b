/** Links in the documents have targets, and the threat model names tests that exist. */

import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

const ROOT = new URL('../../', import.meta.url);
const DOCUMENTS = [
  ...readdirSync(ROOT).filter((file) => file.endsWith('.md')),
  ...readdirSync(new URL('docs/', ROOT)).filter((file) => file.endsWith('.md')).map((file) => `docs/${file}`),
];

for (const name of DOCUMENTS) {
  const url = new URL(name, ROOT);
  it(`${name} links to files and headings that exist`, () => {
    const dead = links(url).filter(({ target }) => !leadsSomewhere(target));
    assert.deepEqual(dead.map(({ target }) => target.href.slice(ROOT.href.length)), []);
  });
}

describe('docs/threat-model.md', () => {
  const defences = links(new URL('docs/threat-model.md', ROOT)).filter(({ target }) =>
    /\/(tests|src)\//.test(target.pathname),
  );

  it('names tests by their titles', () => {
    const gone = defences.filter(({ title, target }) => !testTitles(target).includes(title));
    assert.deepEqual(gone.map(({ title, target }) => `${title}: ${fileURLToPath(target)}`), []);
  });

  it('names a test for each of its defences', () => {
    assert.ok(defences.length > 20, `only ${defences.length} links to tests`);
  });
});

describe('a dead link', () => {
  for (const href of ['no-such-file.md', 'docs/training.md#no-such-heading']) {
    it(`is detected: ${href}`, () => assert.equal(leadsSomewhere(new URL(href, ROOT)), false));
  }
});

/**
 * The links of a document to files of this repository, outside of its code blocks.
 * @param {URL} document
 */
function links(document) {
  const text = withoutCode(readFileSync(document, 'utf8'));
  return Array.from(text.matchAll(/\[([^\]]+)\]\(([^)\s]+)\)/g), ([, title, href]) => ({
    title: title.replace(/\s+/g, ' '),
    target: new URL(href, document),
  })).filter(({ target }) => target.protocol === 'file:');
}

/** @param {string} text */
function withoutCode(text) {
  return text.replace(/^```.*?^```/gms, '').replace(/^ {4}.*$/gm, '').replace(/`[^`\n]*`/g, (code) => code.replace(/[[\]]/g, ''));
}

/** @param {URL} target */
function leadsSomewhere(target) {
  if (!existsSync(target)) return false;
  return !target.hash || headings(target).includes(target.hash.slice(1));
}

/**
 * The anchors of a document's headings, as GitHub makes them.
 * @param {URL} document
 */
function headings(document) {
  const titles = Array.from(readFileSync(document, 'utf8').matchAll(/^#+ (.*)$/gm), ([, title]) => title);
  return titles.map((title) => title.toLowerCase().replace(/[^\p{L}\p{N}\s_-]/gu, '').replace(/ /g, '-'));
}

/**
 * The titles of the tests in a file, or in a support file, the messages of its assertions.
 * @param {URL} file
 */
function testTitles(file) {
  const text = readFileSync(file, 'utf8');
  if (file.pathname.endsWith('.rs')) return Array.from(text.matchAll(/test\]\s+(?:async )?fn (\w+)/g), ([, title]) => title);
  const title = file.pathname.endsWith('.test.js') ? /^ *(?:describe|it)\(\s*(['"`])(.*?)\1,/gm : /assert\.\w+\(.*, (['"`])(.*?)\1\);$/gm;
  return Array.from(text.matchAll(title), ([, , title]) => title);
}
