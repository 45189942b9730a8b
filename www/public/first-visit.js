/**
 * Shows the welcome with the first paint, before the page's modules are there. Nobody can be enrolled on a first
 * visit, which has no service worker yet. The page comes in English, so other languages wait for their words.
 */
if (!navigator.serviceWorker?.controller && navigator.language.startsWith('en')) {
  document.documentElement.toggleAttribute('data-first', true);
}
