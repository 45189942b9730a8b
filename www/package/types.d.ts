/// <reference lib="esnext.disposable" />

/** Types of the wasm engine, which are generated from the Rust code, and types of its input. */
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

/** The build of the engine. */
export type Backend = 'cpu' | 'webgpu';

/** A picture in memory: RGBA, 8 bits each, `width * height * 4` bytes, rows from the top. */
export interface Frame {
  rgba: Uint8ClampedArray<ArrayBuffer>;
  width: number;
  height: number;
  /** Whether it is a frame of a video. Then the search is faster and finds only upright faces that are not small. */
  live?: boolean;
}

/** The model files that every use needs, as downloaded. */
export interface Models {
  detector: Uint8Array<ArrayBuffer>;
  weights: Uint8Array<ArrayBuffer>;
}
