/**
 * Reads messages in the format of Project Fluent, which leaves plurals, the order of words and the
 * form of numbers and dates to each language. The page does, and so does its build.
 */

import { FluentBundle, FluentResource } from '@fluent/bundle';

/** @typedef {Record<string, import('@fluent/bundle').FluentVariable>} Args */

/** @typedef {FluentResource['body']} Messages a language's file, parsed: JSON */

/**
 * The build does this, since it takes a phone a tenth of a second.
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
  const bundle = new FluentBundle(locale, { useIsolating: false }); // every language here runs from left to right
  bundle.addResource({ body: messages });
  return bundle;
}

/**
 * @param {FluentBundle} bundle
 * @param {string} id of a message, or `id.attribute`
 * @param {Args} [args]
 * @param {Error[]} [errors] takes what is wrong with the arguments, which is thrown otherwise
 */
export function format(bundle, id, args, errors) {
  const [name, attribute] = id.split('.');
  const message = bundle.getMessage(name);
  const pattern = attribute ? message?.attributes[attribute] : message?.value;
  if (!pattern) throw new ReferenceError(`there is no message ${id}`);
  return bundle.formatPattern(pattern, args, errors);
}

/**
 * What an element with this `data-l10n-id` says: its text, unless it has none, and its attributes.
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
