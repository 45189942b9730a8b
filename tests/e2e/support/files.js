/** Photo files of two people, for tests without a camera. */

import { Studio } from './media.js';
import { alex, kim } from './people.js';

/** @typedef {Awaited<ReturnType<Studio['photo']>>} File */
/** @typedef {{enrol: File[], again: File}} Files for the enrolment and for a later verification */

/** @returns {Promise<{alex: Files, kim: Files}>} */
export async function photoFiles() {
  const studio = await Studio.open();
  const shoot = async (/** @type {import('./people.js').Subject} */ { enrol, again }) => ({
    enrol: await Promise.all(enrol.map((photo) => studio.photo(photo))),
    again: await studio.photo(again[0]),
  });
  const files = { alex: await shoot(alex), kim: await shoot(kim) };
  await studio.close();
  return files;
}
