/**
 * Keeps people's templates in this browser, encrypted under a key that no script can read out. A passphrase
 * can protect the key. No picture is kept.
 *
 * ```js
 * const gallery = openGallery('my-app');
 * await gallery.add({ name: 'Ada', ...(await facekey.enrol(photos)) });
 * const { people } = await gallery.list();
 * const { match } = await facekey.identify(people, photo);
 * ```
 * @module
 */

export { Gallery, openGallery } from './gallery/gallery.js';
export { checkPassphrase } from './gallery/passphrase.js';
export { isExpired, templateStatus } from './gallery/records.js';
export { exportFile, importFile } from './gallery/transfer.js';

/** @typedef {import('./gallery/gallery.js').Contents} Contents */
/** @typedef {import('./gallery/gallery.js').UnusableRecord} UnusableRecord */
/** @typedef {import('./gallery/records.js').Person} Person */
/** @typedef {import('./gallery/records.js').TemplateStatus} TemplateStatus */
