/** Real photos, as paths of the server. */

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SHARED } from './server.js';

const LFW = 'data/lfw-photos';
const SAMPLES = '/tests/bench/node_modules/@vladmandic/face-api/demo';

/**
 * @typedef {object} Pair
 * @property {string} a
 * @property {string} b
 * @property {boolean} same whether both show one person
 */

/**
 * The pairs of whole LFW photos beside the repository; nothing where they are not there.
 * @returns {Pair[]}
 */
export function lfwPairs() {
  const list = join(SHARED, LFW, 'pairs.txt');
  if (!existsSync(list)) return [];
  const photo = (/** @type {string} */ name, /** @type {string} */ number) =>
    `/shared/${LFW}/${name}/${name}_${number.padStart(4, '0')}.jpg`;
  const [, ...lines] = readFileSync(list, 'utf8').trim().split('\n');
  return lines.map((line) => {
    const [name, first, second, third] = line.split('\t');
    return third === undefined
      ? { a: photo(name, first), b: photo(name, second), same: true }
      : { a: photo(name, first), b: photo(second, third), same: false };
  });
}

/** The crop that was aligned beforehand of a whole LFW photo. @param {string} photo */
export const alignedCrop = (photo) => photo.replace('/lfw-photos/', '/lfw-view1/');

/**
 * Photos to take the time with: of as many different people from LFW, or else the group photos
 * that come with @vladmandic/face-api.
 * @param {number} count
 * @returns {string[]}
 */
export function photos(count) {
  const samples = [1, 2, 3, 4, 5, 6].map((number) => `${SAMPLES}/sample${number}.jpg`);
  const people = lfwPairs().filter(({ same }) => !same).map(({ a }) => a);
  return (people.length > 0 ? people : samples).slice(0, count);
}
