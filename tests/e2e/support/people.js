/**
 * Real photos of two people who look nothing alike: from the LFW photos beside the repository
 * where they are, else cut out of the sample photos that come with `@vladmandic/face-api`.
 */

import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { require } from './tools.js';

const LFW = fileURLToPath(new URL('../../../../shared/data/lfw-photos', import.meta.url));

/**
 * @typedef {object} Photo
 * @property {string} file
 * @property {[x: number, y: number, width: number, height: number]} [cut] part of it, in pixels
 */

/** @typedef {{enrol: Photo[], again: Photo[]}} Subject photos to enrol with, and to come back with */

/**
 * @param {string} name
 * @param {string[]} numbers
 * @returns {Photo[]}
 */
const lfw = (name, numbers) => numbers.map((it) => ({ file: join(LFW, name, `${name}_${it}.jpg`) }));

/** @returns {{alex: Subject, kim: Subject}} */
function fromLfw() {
  return {
    alex: {
      enrol: lfw('Dominique_de_Villepin', ['0011', '0014']),
      again: lfw('Dominique_de_Villepin', ['0015']),
    },
    kim: {
      enrol: lfw('Elsa_Zylberstein', ['0002', '0005']),
      again: lfw('Elsa_Zylberstein', ['0003']),
    },
  };
}

/** @returns {{alex: Subject, kim: Subject}} with one photo each: there are no more of anyone */
function fromSamples() {
  const demo = join(dirname(require.resolve('@vladmandic/face-api/package.json')), 'demo');
  /** @type {Photo[]} */
  const alex = [{ file: join(demo, 'sample3.jpg'), cut: [910, 80, 560, 560] }];
  /** @type {Photo[]} */
  const kim = [{ file: join(demo, 'sample6.jpg'), cut: [1460, 100, 440, 560] }];
  return { alex: { enrol: alex, again: alex }, kim: { enrol: kim, again: kim } };
}

/** Somebody who is seen straight, from both sides and from below, or as near to it as there is. */
export const turning = existsSync(LFW) ? lfw('Amelie_Mauresmo', ['0021', '0019', '0006', '0001', '0016']) : fromSamples().alex.enrol;

export const { alex, kim } = existsSync(LFW) ? fromLfw() : fromSamples();
