/**
 * The page's language and its texts. English is part of the page. Another language is fetched if the visitor's
 * browser prefers it or the visitor has chosen it.
 */

import english from '../locales/en.ftl?messages';
import { bundle, format, wording } from './locale/fluent.js';
import { negotiate } from './locale/negotiation.js';
import { yieldToBrowser } from './ui/yield.js';

const FOLDER = '../locales/';
const SOURCE = 'en';

/** Functions that fetch a language's file. */
const OTHERS = import.meta.glob(['../locales/*.ftl', '!../locales/en.ftl'], { query: '?messages', import: 'default' });

export const LANGUAGES = [SOURCE, ...Object.keys(OTHERS).map((file) => file.slice(FOLDER.length, -'.ftl'.length))];

/** Key of the visitor's choice in the storage. */
const SETTING = 'facekey-language';

const { language, locale, messages } = await load();

document.documentElement.lang = language;
if (language !== SOURCE) translate();
await yieldToBrowser();

/** The page's language: one of `LANGUAGES`. */
export { language };

/**
 * @param {string} id of a message, or `id.attribute`
 * @param {import('./locale/fluent.js').Args} [args]
 */
export function message(id, args) {
  /** @type {Error[]} */
  const errors = [];
  const text = format(messages, id, args, errors);
  for (const error of errors) reportError(error); // the rest of the text is still shown
  return text;
}

/** @param {string} id */
export function hasMessage(id) {
  return messages.hasMessage(id);
}

/** @param {string[]} items */
export function formatList(items) {
  return new Intl.ListFormat(locale, { type: 'unit' }).format(items);
}

/**
 * Stores a language and reloads the page in it.
 * @param {string} code one of `LANGUAGES`
 */
export function chooseLanguage(code) {
  localStorage.setItem(SETTING, code);
  location.reload();
}

async function load() {
  const source = { language: SOURCE, locale: SOURCE };
  const wanted = negotiate([...storedChoice(), ...navigator.languages], LANGUAGES) ?? source;
  const fetching = wanted.language === SOURCE ? english : OTHERS[`${FOLDER}${wanted.language}.ftl`]();
  await yieldToBrowser();
  try {
    return { ...wanted, messages: bundle(wanted.locale, /** @type {import('./locale/fluent.js').Messages} */ (await fetching)) };
  } catch {
    return { ...source, messages: bundle(SOURCE, english) };
  }
}

/** The visitor's choice, if there is one. */
function storedChoice() {
  try {
    const choice = localStorage.getItem(SETTING);
    return choice ? [choice] : [];
  } catch {
    return []; // some browsers give this page no storage
  }
}

/** Replaces the English texts of `index.html`. */
function translate() {
  for (const element of document.querySelectorAll('[data-l10n-id]')) {
    const { text, attributes } = wording(messages, String(element.getAttribute('data-l10n-id')));
    if (text !== undefined) element.textContent = text;
    for (const [name, value] of attributes) element.setAttribute(name, value);
  }
}
