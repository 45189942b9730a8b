/** Parses the languages' files with Fluent's own parser. */

import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

/** @type {typeof import('@fluent/syntax')} */
const { parse, Visitor } = createRequire(new URL('../../www/package.json', import.meta.url))('@fluent/syntax');

const FOLDER = new URL('../../www/locales/', import.meta.url);

/** @typedef {import('@fluent/syntax').Pattern} Pattern */
/** @typedef {{text: string, patterns: Map<string, Pattern>, junk: string[]}} Language patterns by `id` and `id.attribute` */

export const LANGUAGES = readdirSync(FOLDER).map((file) => file.replace('.ftl', ''));

/** @param {string} code @returns {Language} */
export function readLanguage(code) {
  const text = readFileSync(new URL(`${code}.ftl`, FOLDER), 'utf8');
  /** @type {Language} */
  const language = { text, patterns: new Map(), junk: [] };
  for (const entry of parse(text, {}).body) {
    if (entry.type === 'Junk') language.junk.push(entry.content);
    if (entry.type !== 'Message') continue;
    if (entry.value) language.patterns.set(entry.id.name, entry.value);
    for (const { id, value } of entry.attributes) language.patterns.set(`${entry.id.name}.${id.name}`, value);
  }
  return language;
}

/**
 * The variables of a message, including those of the messages that it refers to.
 * @param {Language} language
 * @param {string} id
 * @returns {string[]}
 */
export function variables(language, id) {
  const found = new Set();
  class Finder extends Visitor {
    /** @param {import('@fluent/syntax').VariableReference} reference */
    visitVariableReference({ id }) {
      found.add(id.name);
    }
    /** @param {import('@fluent/syntax').MessageReference} reference */
    visitMessageReference({ id }) {
      for (const name of variables(language, id.name)) found.add(name);
    }
  }
  const pattern = language.patterns.get(id);
  if (pattern) new Finder().visit(pattern);
  return [...found].sort();
}

/**
 * Regular expressions for all forms of a message, with `.+` for each inserted value.
 * @param {Pattern} pattern
 * @returns {string[]}
 */
export function wordings(pattern) {
  let ways = [''];
  for (const element of pattern.elements) {
    const words = element.type === 'TextElement' ? [literally(element.value)] : placed(element.expression);
    ways = ways.flatMap((way) => words.map((word) => way + word));
  }
  return ways;
}

/** @param {import('@fluent/syntax').Placeable['expression']} expression */
function placed(expression) {
  return expression.type === 'SelectExpression' ? expression.variants.flatMap(({ value }) => wordings(value)) : ['.+'];
}

/** @param {string} text */
function literally(text) {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/\s+/g, ' ');
}
