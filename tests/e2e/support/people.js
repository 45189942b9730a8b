/**
 * Real photos of two people who look nothing alike: from the LFW photos beside the repository
 * where they are, else the portrait in `tests/fixtures` and a sample photo of `@vladmandic/face-api`.
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

/**
 * A photo to make a head of, with the places of its features.
 * @typedef {{photo: Photo, marks: import('./head.js').Marks}} Live
 */

/** @typedef {{enrol: Photo[], again: Photo[], live: Live}} Subject photos to enrol with, and to come back with */

/** Whose portrait lies beside the tests and may be shown. @type {Live} */
export const astronaut = {
  photo: { file: fileURLToPath(new URL('../../fixtures/astronaut.jpg', import.meta.url)) },
  marks: { eyes: [[103, 100], [146, 103]], nose: [124, 127], mouth: [122, 147], ears: [[78, 108], [169, 113]] },
};

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
      live: {
        photo: lfw('Dominique_de_Villepin', ['0015'])[0],
        marks: { eyes: [[100, 113], [149, 111]], nose: [119, 140], mouth: [124, 160], ears: [[78, 125], [190, 120]] },
      },
    },
    kim: {
      enrol: lfw('Elsa_Zylberstein', ['0001', '0002']),
      again: lfw('Elsa_Zylberstein', ['0003']),
      live: {
        // Without the crowd behind her, in which the detector sees faces.
        photo: { ...lfw('Elsa_Zylberstein', ['0002'])[0], cut: [50, 20, 140, 200] },
        marks: { eyes: [[54, 93], [97, 92]], nose: [78, 122], mouth: [76, 140], ears: [[20, 112], [115, 110]] },
      },
    },
  };
}

/** @returns {{alex: Subject, kim: Subject}} with one photo each: there are no more of anyone */
function fromSamples() {
  const demo = join(dirname(require.resolve('@vladmandic/face-api/package.json')), 'demo');
  const alex = [astronaut.photo];
  /** @type {Photo[]} */
  const kim = [{ file: join(demo, 'sample6.jpg'), cut: [1460, 100, 440, 560] }];
  return {
    alex: {
      enrol: alex,
      again: alex,
      live: astronaut,
    },
    kim: {
      enrol: kim,
      again: kim,
      live: {
        photo: kim[0],
        marks: { eyes: [[75, 273], [171, 296]], nose: [101, 352], mouth: [95, 392], ears: [[10, 330], [245, 340]], aside: -8 },
      },
    },
  };
}

/** Somebody who is seen straight, from both sides and from below, or as near to it as there is. */
export const turning = existsSync(LFW) ? lfw('Amelie_Mauresmo', ['0021', '0019', '0006', '0001', '0016']) : fromSamples().alex.enrol;

/** Why no head is made of Kim that turns, where there is no photo to make one of that the check follows. */
export const noKimHead = existsSync(LFW) ? false : 'no photos beside the repository; the sample of Kim looks aside and makes no head that can be followed';

export const { alex, kim } = existsSync(LFW) ? fromLfw() : fromSamples();
