/** Helpers for elements of the document. */

/**
 * An element of `index.html` by its id and class, so that its type is known.
 * @template {Element} E
 * @param {string} id
 * @param {{new (): E}} type
 * @returns {E}
 */
export function byId(id, type) {
  const element = document.getElementById(id);
  if (!(element instanceof type)) throw new TypeError(`#${id} is not a ${type.name}`);
  return element;
}

/**
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {{class?: string, text?: string}} [options]
 * @param {(Node | string)[]} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function make(tag, options = {}, ...children) {
  const element = document.createElement(tag);
  if (options.class) element.className = options.class;
  if (options.text !== undefined) element.textContent = options.text;
  element.append(...children);
  return element;
}

/**
 * @param {string} text
 * @param {() => void} onclick
 * @param {{class?: string, label?: string}} [options] `label` is the accessible name, if the text is not enough
 */
export function button(text, onclick, options = {}) {
  const element = make('button', { class: options.class, text });
  element.type = 'button';
  if (options.label) element.setAttribute('aria-label', options.label);
  element.addEventListener('click', onclick);
  return element;
}

/**
 * Sets the text only if it changes, so that screen readers do not repeat it.
 * @param {Element} element
 * @param {string} text
 */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/**
 * @param {string} id of a file field
 * @param {(files: File[]) => void} act
 */
export function onFiles(id, act) {
  const field = byId(id, HTMLInputElement);
  field.addEventListener('change', () => {
    const files = [...(field.files ?? [])];
    field.value = ''; // so that the same file can be chosen again
    if (files.length > 0) act(files);
  });
}
