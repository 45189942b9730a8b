/** Chooses the language for a visitor. */

/**
 * The first preferred language that is available: the exact one, otherwise the same language in the same script.
 * @param {readonly string[]} wanted the visitor's languages, the most preferred first
 * @param {readonly string[]} available
 * @returns {{language: string, locale: string} | undefined} the language and the visitor's
 *   variant of it, such as `de` and `de-AT`
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
    return false; // some systems report invalid tags, such as `C`
  }
}
