/**
 * Reads messages in the format of Project Fluent, in which each language has its own plurals, word order, and
 * formats of numbers and dates. Used by the page and by its build.
 */

import { FluentBundle, FluentResource } from '@fluent/bundle';

/** @typedef {Record<string, import('@fluent/bundle').FluentVariable>} Args */

/** @typedef {FluentResource['body']} Messages a parsed language file, as JSON */

/**
 * Used by the build, because parsing takes a tenth of a second on a phone.
 * @param {string} text of a language's file
 * @returns {Messages}
 */
export function parse(text) {
  return new FluentResource(text).body;
}

/**
 * @param {string} locale for numbers, dates and plurals
 * @param {Messages} messages
 */
export function bundle(locale, messages) {
  const result = new FluentBundle(locale, { useIsolating: false }); // all languages of the page are written from left to right
  result.addResource({ body: messages });
  return result;
}

/**
 * @param {FluentBundle} bundle
 * @param {string} id of a message, or `id.attribute`
 * @param {Args} [args]
 * @param {Error[]} [errors] receives errors of the arguments, which are thrown otherwise
 */
export function format(bundle, id, args, errors) {
  const [name, attribute] = id.split('.');
  const message = bundle.getMessage(name);
  const pattern = attribute ? message?.attributes[attribute] : message?.value;
  if (!pattern) throw new ReferenceError(`there is no message ${id}`);
  return bundle.formatPattern(pattern, args, errors);
}

/**
 * The text (if any) and the attributes of an element with this `data-l10n-id`.
 * @param {FluentBundle} bundle
 * @param {string} id
 */
export function wording(bundle, id) {
  const message = bundle.getMessage(id);
  if (!message) throw new ReferenceError(`there is no message ${id}`);
  const attributes = Object.entries(message.attributes).map(
    ([name, pattern]) => /** @type {const} */ ([name, bundle.formatPattern(pattern)]),
  );
  return { text: message.value === null ? undefined : bundle.formatPattern(message.value), attributes };
}
