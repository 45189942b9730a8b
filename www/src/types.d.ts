/** Types of the wasm engine (generated from the Rust ones) under the names that the page uses. */
export type { Ask, Challenge, Decision, Engine, Face, ModelInfo, State as ChallengeState } from '../pkg/cpu/facekey.js';

/** Which build of the engine computes. */
export type Backend = 'cpu' | 'webgpu';

/** A picture in memory: RGBA, 8 bits each, `width * height * 4` bytes, rows from the top. */
export interface Frame {
  rgba: Uint8ClampedArray<ArrayBuffer>;
  width: number;
  height: number;
}

/** The two model files as downloaded. */
export interface Models {
  detector: Uint8Array<ArrayBuffer>;
  weights: Uint8Array<ArrayBuffer>;
}
