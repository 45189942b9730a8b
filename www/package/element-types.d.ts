/** The types of `facekey/element`: the element of the tag, and the details of its events. */

import type { Decision, FacekeyError, Template } from './facekey.js';
import type { FaceVerifier } from './element.js';

export * from './element.js';

/** The events of `<face-verifier>`, by name. */
export interface FaceVerifierEventMap extends HTMLElementEventMap {
  verify: CustomEvent<Decision>;
  enrol: CustomEvent<Template>;
  trouble: CustomEvent<FacekeyError>;
}

declare module './element.js' {
  interface FaceVerifier {
    addEventListener<K extends keyof FaceVerifierEventMap>(
      type: K,
      listener: (this: FaceVerifier, event: FaceVerifierEventMap[K]) => unknown,
      options?: boolean | AddEventListenerOptions,
    ): void;
    addEventListener(type: string, listener: EventListenerOrEventListenerObject, options?: boolean | AddEventListenerOptions): void;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'face-verifier': FaceVerifier;
  }
}
