/** `FILE?digest` imports the SHA-256 of a file at the time of the build. */

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

const DIGEST_QUERY = /\?digest$/;

/** In the format of `integrity`. @param {Buffer} bytes */
export const integrityOf = (bytes) => `sha256-${createHash('sha256').update(bytes).digest('base64')}`;

/** For Vite and for Rolldown. */
export const digests = {
  name: 'digests',
  enforce: /** @type {const} */ ('pre'),
  resolveId: {
    filter: { id: DIGEST_QUERY },
    handler: (/** @type {string} */ id, /** @type {string | undefined} */ importer) => resolve(dirname(importer ?? ''), id),
  },
  load: {
    filter: { id: DIGEST_QUERY },
    handler: (/** @type {string} */ id) => `export default ${JSON.stringify(integrityOf(readFileSync(id.replace(DIGEST_QUERY, ''))))}`,
  },
};
