/** The choice of the page's language. */

import { PageError } from '../errors.js';
import { chooseLanguage, language, LANGUAGES } from '../locale.js';
import { byId } from './dom.js';
import { placeNotices, showError } from './notice.js';

const choice = byId('language', HTMLSelectElement);

choice.replaceChildren(...LANGUAGES.map(ownName));
choice.value = language;
choice.addEventListener('change', () => {
  try {
    chooseLanguage(choice.value);
  } catch (cause) {
    choice.value = language;
    placeNotices(byId('language-outcome', HTMLElement));
    showError(new PageError('storage-unavailable', String(cause), { cause }));
  }
});

/** An option with the language's name in that language. @param {string} code */
function ownName(code) {
  const option = new Option(new Intl.DisplayNames(code, { type: 'language' }).of(code), code);
  option.lang = code;
  return option;
}
