/** What one picture shows: the one face to work with, or what stands in the way. */

/**
 * @typedef {object} Sight
 * @property {import('./types.js').Frame} frame
 * @property {import('./types.js').Face[]} faces
 * @property {import('./types.js').Face} [face] the only face, good enough to be embedded
 * @property {string} [problem] code of what to change where there is no such face
 */

/**
 * @param {Pick<import('./engine-client.js').EngineClient, 'faces'>} engine
 * @param {import('./types.js').Frame} frame
 * @returns {Promise<Sight>}
 */
export async function look(engine, frame) {
  const faces = await engine.faces(frame);
  const [face] = faces;
  if (!face) return { frame, faces, problem: 'no-face' };
  if (faces.length > 1) return { frame, faces, problem: 'several-faces' };
  const { issue } = face.quality;
  return issue ? { frame, faces, problem: issue } : { frame, faces, face };
}
