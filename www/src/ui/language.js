/** The choice of the page's language. */

import { PageError } from '../errors.js';
import { choose, language, LANGUAGES } from '../locale.js';
import { byId } from './dom.js';
import { moveTo, tellError } from './notice.js';

const choice = byId('language', HTMLSelectElement);

choice.replaceChildren(...LANGUAGES.map(ownName));
choice.value = language;
choice.addEventListener('change', () => {
  try {
    choose(choice.value);
  } catch (cause) {
    choice.value = language;
    moveTo(byId('language-outcome', HTMLElement));
    tellError(new PageError('storage-unavailable', String(cause), { cause }));
  }
});

/** A language by the name that it gives itself. @param {string} code */
function ownName(code) {
  const option = new Option(new Intl.DisplayNames(code, { type: 'language' }).of(code), code);
  option.lang = code;
  return option;
}
