/**
 * Trusted Types: where the browser knows them, text becomes neither markup nor script, and the only
 * scripts started by their address are the page's own files, beside it.
 */

const OWN = new URL('./', document.baseURI).href;

window.trustedTypes?.createPolicy('default', {
  createScriptURL: (address) => {
    const { href } = new URL(address, OWN);
    if (!href.startsWith(OWN)) throw new TypeError(`${href} is not a script of this page`);
    return href;
  },
});
