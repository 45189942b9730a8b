/** Splits the start of the page into short pieces: on a slow phone, one long piece would block input. */

/** Lets the browser handle input and paint, then continues. @returns {Promise<void>} */
export function yieldToBrowser() {
  const { scheduler } = /** @type {{scheduler?: {yield?: () => Promise<void>}}} */ (globalThis);
  return scheduler?.yield?.() ?? new Promise((resolve) => setTimeout(resolve));
}
