/** Which language a visitor gets. */

/**
 * The first wanted language that there is: exactly, or else the same one in the same script.
 * @param {readonly string[]} wanted the visitor's, most wanted first
 * @param {readonly string[]} available
 * @returns {{language: string, locale: string} | undefined} the language, and how it is written
 *   where the visitor is: `de` and `de-AT`
 */
export function negotiate(wanted, available) {
  for (const locale of wanted) {
    const language = available.find((it) => it === locale) ?? available.find((it) => isSame(it, locale));
    if (language) return { language, locale };
  }
  return undefined;
}

/**
 * @param {string} one
 * @param {string} other
 */
function isSame(one, other) {
  try {
    const [a, b] = [one, other].map((tag) => new Intl.Locale(tag).maximize());
    return a.language === b.language && a.script === b.script;
  } catch {
    return false; // some systems name languages that are none, such as `C`
  }
}
