/** Starting the page takes long on a phone: in pieces, so that it goes on answering its visitor. */

/** Goes on after the browser has had a turn. @returns {Promise<void>} */
export function breathe() {
  const { scheduler } = /** @type {{scheduler?: {yield?: () => Promise<void>}}} */ (globalThis);
  return scheduler?.yield?.() ?? new Promise((resolve) => setTimeout(resolve));
}
