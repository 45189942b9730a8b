/// <reference lib="esnext.disposable" />

/** Types of the wasm engine (generated from the Rust ones), and what passes to and from it. */
export type {
  Aim,
  Challenge,
  Decision as EngineDecision,
  Detected as EngineDetected,
  Engine,
  Face,
  Failure,
  Hint,
  Instruction,
  Landmarks,
  ModelInfo as EngineModel,
  Point,
  Quality,
  QualityIssue,
  Rect,
  State as ChallengeState,
  Training,
} from '../pkg/cpu/facekey.js';

/** Which build of the engine computes. */
export type Backend = 'cpu' | 'webgpu';

/** A picture in memory: RGBA, 8 bits each, `width * height * 4` bytes, rows from the top. */
export interface Frame {
  rgba: Uint8ClampedArray<ArrayBuffer>;
  width: number;
  height: number;
  /** Whether it is one of many frames of a video: then it is searched quickly, for upright faces that are not small. */
  live?: boolean;
}

/** The model files that every use needs, as downloaded. */
export interface Models {
  detector: Uint8Array<ArrayBuffer>;
  weights: Uint8Array<ArrayBuffer>;
}
