/** Builds the page's texts from `locales`; `index.html` gets the English ones. */

import { readdirSync, readFileSync } from 'node:fs';
import { bundle, format, parse, wording } from '../src/locale/fluent.js';

const FOLDER = new URL('../locales/', import.meta.url);
const english = messagesIn('en');

/** Matches start tags with the id of a message; their attributes must not contain `>`. */
const MARKED = /<[^>]* data-l10n-id="([^"]+)"[^>]*?( ?\/)?>/g;

const ENTITIES = /** @type {Record<string, string>} */ ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' });

/**
 * Writes the English texts into `index.html`. `FILE.ftl?messages` imports a language's file, parsed.
 * @type {import('vite').Plugin}
 */
export const locales = {
  name: 'locales',
  enforce: 'pre',
  load: {
    filter: { id: /\.ftl\?messages$/ },
    handler: (id) => `export default JSON.parse(${JSON.stringify(JSON.stringify(parsed(id.replace('?messages', ''))))})`,
  },
  transformIndexHtml: {
    order: 'pre',
    handler: (html) =>
      html.replace(MARKED, (tag, id, end = '') => {
        const { text = '', attributes } = wording(english, id);
        const added = attributes.map(([name, value]) => ` ${name}="${escape(value)}"`).join('');
        return `${tag.slice(0, -1 - end.length)}${added}${end}>${escape(text)}`;
      }),
  },
};

/** The texts of the web app manifest, in every language. */
export function manifestTexts() {
  const others = readdirSync(FOLDER).map((file) => file.replace('.ftl', '')).filter((code) => code !== 'en');
  const say = (/** @type {string} */ id) => ({
    text: format(english, id),
    others: Object.fromEntries(others.map((code) => [code, format(messagesIn(code), id)])),
  });
  const [name, description] = [say('page-title'), say('page-description.content')];
  return {
    lang: 'en',
    name: name.text,
    name_localized: name.others,
    description: description.text,
    description_localized: description.others,
  };
}

/** @param {string} code */
function messagesIn(code) {
  return bundle(code, parsed(new URL(`${code}.ftl`, FOLDER)));
}

/** @param {string | URL} file */
function parsed(file) {
  return parse(readFileSync(file, 'utf8'));
}

/** @param {string} text */
function escape(text) {
  return text.replace(/[&<>"]/g, (sign) => ENTITIES[sign]);
}
