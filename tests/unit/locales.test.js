/** Every message exists in every language and is used. */

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { POSES } from '../../www/src/enrol/poses.js';
import { bundle, format, parse } from '../../www/src/locale/fluent.js';
import { negotiate } from '../../www/src/locale/negotiation.js';
import { IDLE_MINUTES } from '../../www/src/settings/owner.js';
import { LEVELS } from '../../www/src/verify/assurance.js';
import { LANGUAGES, readLanguage, variables, wordings } from './locales.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const read = (/** @type {string} */ file) => readFileSync(ROOT + file, 'utf8');
const all = (/** @type {string} */ text, /** @type {RegExp} */ pattern) => [...text.matchAll(pattern)].map(([, it]) => it);
const sorted = (/** @type {Iterable<string>} */ items) => [...new Set(items)].sort();

/** The source text of all modules in a folder of the page. @param {string} folder */
const modules = (folder) =>
  readdirSync(`${ROOT}www/${folder}`, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.js'))
    .map((file) => read(`www/${folder}/${file}`))
    .join('\n');

/** The codes of an enum in Rust. @param {string} file @param {string} name */
const enumerated = (file, name) =>
  all(read(file).split(`pub enum ${name} {`)[1].split('\n}')[0], /^ {4}(\w+),$/gm).map((variant) =>
    variant.replace(/\B[A-Z]/g, '-$&').toLowerCase(),
  );

const [page, pack, html] = [modules('src'), modules('package'), read('www/index.html')];
const english = readLanguage('en');
const languages = LANGUAGES.map((code) => /** @type {const} */ ([code, readLanguage(code)]));

const issues = enumerated('src/face/quality.rs', 'QualityIssue');
const unusable = [...issues, 'no-face', 'several-faces', 'photo-too-large', 'photo-unreadable', 'photo-format', 'image-too-large'];
const errors = sorted([
  ...all(read('www/package/errors.js'), /^ {2}'?([a-z-]+)'?: \['/gm),
  ...all(page, /(?:PageError\(|storageError\(cause, |Error: )'([a-z-]+)'/g),
  ...all(read('www/package/gallery/records.js'), /@typedef \{(.*)\} TemplateStatus/g).flatMap((union) => all(union, /'((?!ready)[a-z-]+)'/g)),
  ...all(read('src/error.rs'), /=> "([a-z-]+)"/g),
]);

/** The families of messages whose names end in a code: their prefixes and codes. @type {Record<string, string[]>} */
const FAMILIES = {
  'advice-': all(read('www/src/enrol/poses.js'), /return '([a-z-]+)';/g),
  'ask-': enumerated('src/liveness/protocol.rs', 'Instruction'),
  'aside-': ['record-damaged', 'record-newer'],
  'backend-': ['cpu', 'webgpu'],
  'bad-photo-': unusable,
  'engine-why-': all(pack, /'((?:cpu|webgpu)-(?!unavailable)[a-z-]+)'/g),
  'error-': errors.filter((code) => !unusable.includes(code)),
  'good-photo-': ['used', 'repeat', 'spare'],
  'guidance-': [...enumerated('src/liveness/protocol.rs', 'Hint'), ...issues, 'no-face', 'several-faces', 'good'],
  'history-verdict-': ['accepted', 'refused'],
  'history-how-': ['live', 'unchecked', 'photo'],
  'idle-': IDLE_MINUTES.map(String),
  'level-': LEVELS.map(({ name }) => name),
  'liveness-': ['live', 'unchecked', 'photo'],
  'movement-': enumerated('src/liveness/protocol.rs', 'Failure').filter((why) => why !== 'no-neutral'), // it is a separate error
  'period-': all(read('www/src/enrol/form.js'), /PERIODS = \[([\d, ]+)\]/g).flatMap((days) => days.split(', ')),
  'pose-': [...POSES],
};

const asked = all(page, /\bmessage\('([\w.-]+)'/g);
const questions = all(page, /\bquestion\('([\w-]+)'/g);
const protections = all(page, /#askProtection\('([\w-]+)'/g);
const marked = all(html, /data-l10n-id="([^"]+)"/g);
const manifest = all(read('www/config/locales.js'), /\bsay\('([\w.-]+)'\)/g);

const familyOf = (/** @type {string} */ id) => Object.keys(FAMILIES).find((start) => id.startsWith(start));
const messageOf = (/** @type {string} */ id) => id.split('.')[0];

describe('every message', () => {
  it('exists if the page uses its name', () => {
    assert.ok(asked.length > 80 && questions.length > 4 && protections.length === 3 && marked.length > 40 && manifest.length === 2);
    const parts = [...questions, ...protections].flatMap((id) => ['title', 'text', 'yes'].map((part) => `${id}.${part}`));
    const whole = [...asked, ...parts, ...protections.map((id) => `${id}.done`), ...manifest];
    assert.deepEqual(whole.filter((id) => !english.patterns.has(id)), []);
    const ids = new Set([...english.patterns.keys()].map(messageOf));
    assert.deepEqual(marked.filter((id) => !ids.has(id)), []);
  });

  it('exists for each code, and for no other, if its name ends in a code', () => {
    assert.deepEqual(sorted(all(page, /essage\(`([a-z-]+-)\$\{/g)), Object.keys(FAMILIES).sort());
    for (const [start, codes] of Object.entries(FAMILIES)) {
      const there = [...english.patterns.keys()].map(messageOf).filter((id) => familyOf(id) === start);
      assert.deepEqual(sorted(there), sorted(codes.map((code) => start + code)));
    }
  });

  it('is used in a form that the two tests above find', () => {
    assert.deepEqual(sorted(all(page, /(?<!function |\.)\b(?:m|hasM)essage(\(.)/g)), ["('", '(`']);
    assert.deepEqual(sorted(all(page, /essage\(`\$\{(.*?)`/g)), ['id}.done', 'id}.text', 'id}.title', 'id}.yes'], 'of questions');
  });

  it('is used', () => {
    const references = all(english.text, /\{ ([a-z][a-z-]*) \}/g);
    const used = new Set([...asked, ...questions, ...protections, ...marked, ...manifest, ...references].map(messageOf));
    assert.deepEqual([...english.patterns.keys()].map(messageOf).filter((id) => !familyOf(id) && !used.has(id)), []);
  });
});

describe('every error', () => {
  it('has a message', () => {
    assert.ok(errors.length > 50, errors.join());
    const worded = (/** @type {string} */ code) =>
      english.patterns.has(`bad-photo-${code}`) || ['title', 'text'].every((part) => english.patterns.has(`error-${code}.${part}`));
    assert.deepEqual(errors.filter((code) => !worded(code)), []);
  });
});

for (const [code, language] of languages) {
  describe(`the language ${code}`, () => {
    it('is known to browsers, and Fluent can parse its file', () => {
      assert.deepEqual(Intl.DisplayNames.supportedLocalesOf(code), [code]);
      assert.deepEqual(language.junk, []);
      const ids = all(language.text, /^([a-z][\w-]*) =/gm);
      assert.deepEqual(ids.filter((id, index) => ids.indexOf(id) < index), [], 'twice');
    });

    it('has the same messages as English, with the same variables', () => {
      assert.deepEqual(sorted(language.patterns.keys()), sorted(english.patterns.keys()));
      for (const id of language.patterns.keys()) assert.deepEqual(variables(language, id), variables(english, id), id);
    });

    it('is translated', { skip: code === 'en' }, () => {
      const said = (/** @type {import('./locales.js').Language} */ { patterns }, /** @type {string} */ id) =>
        wordings(/** @type {import('./locales.js').Pattern} */ (patterns.get(id))).join('|');
      const same = [...english.patterns.keys()].filter((id) => said(language, id) === said(english, id));
      const names = 0.1 * english.patterns.size; // such as CPU, and what only puts others together
      assert.ok(same.length < names, same.join(', '));
    });

    it('can format every message', () => {
      const messages = bundle(code, parse(language.text));
      const dates = all(language.text, /DATETIME\(\$(\w+)/g);
      for (const id of language.patterns.keys()) {
        for (const count of [0, 1, 2, 5, 11, 1.5]) {
          const args = variables(language, id).map((name) => [name, dates.includes(name) ? new Date(count) : count]);
          assert.ok(format(messages, id, Object.fromEntries(args)), id); // throws if it cannot
        }
      }
    });
  });
}

describe('a visitor', () => {
  it('gets the first preferred language that is available', () => {
    const available = ['en', 'de', 'pt-PT', 'pt-BR', 'zh-Hant'];
    const cases = /** @type {const} */ ([
      [['de-AT', 'en'], 'de'],
      [['fr', 'en-GB', 'de'], 'en'],
      [['pt-BR'], 'pt-BR'],
      [['pt-AO'], 'pt-PT'],
      [['zh-TW'], 'zh-Hant'],
      [['zh-CN', 'de'], 'de'],
      [['C', 'en-US@posix', 'de'], 'de'],
      [['fr'], undefined],
      [[], undefined],
    ]);
    for (const [wanted, language] of cases) assert.equal(negotiate(wanted, available)?.language, language, wanted.join());
    assert.equal(negotiate(['fr', 'de-AT'], available)?.locale, 'de-AT', 'the variant for numbers and dates');
  });
});
