/**
 * Trusted Types: in browsers that support them, text is never used as markup or script, and only scripts from the
 * page's own folder can be loaded.
 */

const OWN = new URL('./', document.baseURI).href;

window.trustedTypes?.createPolicy('default', {
  createScriptURL: (address) => {
    const { href } = new URL(address, OWN);
    if (!href.startsWith(OWN)) throw new TypeError(`${href} is not a script of this page`);
    return href;
  },
});
