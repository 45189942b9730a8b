/**
 * Shows the welcome with the first paint, before the page's modules are loaded. Without a service worker, this is a
 * first visit, so nobody can be enrolled. The HTML is in English, so other languages wait for their texts.
 */
if (!navigator.serviceWorker?.controller && navigator.language.startsWith('en')) {
  document.documentElement.toggleAttribute('data-first', true);
}
