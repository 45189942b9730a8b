/** The faces of one picture, and the face to use or the reason why there is none. */

/**
 * @typedef {object} Detected
 * @property {import('./types.js').Frame} frame the analysed picture; positions are in its pixels
 * @property {import('./types.js').Face[]} faces all faces, the largest and most central first
 * @property {import('./types.js').Face} [face] the only face, if its quality is good enough for an embedding
 * @property {'no-face' | 'several-faces' | import('./types.js').QualityIssue} [problem] why there is no such face
 */

/**
 * Which face of a picture to use: the `only` one, if its quality is good enough; the `largest` and most
 * central of the faces with good quality; or this one, whatever its quality, unless something covers it.
 * @typedef {'only' | 'largest' | import('./types.js').Face} FaceChoice
 */

/** @typedef {Pick<import('./engine-client.js').EngineClient, 'detect'>} Detector */

/**
 * @param {Detector} engine
 * @param {import('./types.js').Frame} given
 * @param {import('./engine-client.js').Lending} [options]
 * @returns {Promise<Detected>}
 */
export async function detect(engine, given, options) {
  const { frame, faces, problem } = await engine.detect(given, options);
  return problem ? { frame, faces, problem } : { frame, faces, face: faces[0] };
}
