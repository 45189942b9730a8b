/** The camera is off after it was closed, whenever the visitor allowed it. */

import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { Camera } from '../../www/package/camera-step/camera.js';

/** A stream with one track, which records whether it was stopped. */
class Stream {
  track = { isOn: true, stop: () => void (this.track.isOn = false), addEventListener() {}, getSettings: () => ({ deviceId: 'one' }) };
  getTracks = () => [this.track];
  getVideoTracks = this.getTracks;
}

/** The functions that answer the requests for the camera, in their order. @type {((stream: Stream) => void)[]} */
let answers;
/** @type {Camera} */
let camera;

beforeEach(() => {
  answers = [];
  const getUserMedia = () => new Promise((resolve) => void answers.push(resolve));
  Object.defineProperty(globalThis, 'navigator', { value: { mediaDevices: { getUserMedia } }, configurable: true });
  camera = new Camera(/** @type {any} */ ({ srcObject: null, play: async () => {} }));
});

afterEach(() => Reflect.deleteProperty(globalThis, 'navigator'));

describe('the camera', () => {
  it('is on until it is closed', async () => {
    const stream = new Stream();
    const opening = camera.open();
    answers[0](stream);
    await opening;
    assert.deepEqual([camera.isOpen, camera.deviceId, camera.video.srcObject], [true, 'one', stream]);
    camera.close();
    assert.deepEqual([camera.isOpen, stream.track.isOn, camera.video.srcObject], [false, false, null]);
  });

  it('stays off if permission comes after it was closed', async () => {
    const stream = new Stream();
    const opening = camera.open();
    camera.close();
    answers[0](stream);
    await assert.rejects(opening, { name: 'AbortError' });
    assert.deepEqual([camera.isOpen, stream.track.isOn, camera.video.srcObject], [false, false, null]);
  });

  it('is the one that was requested last', async () => {
    const [first, second] = [new Stream(), new Stream()];
    const openings = [camera.open('first'), camera.open('second')];
    answers[1](second);
    answers[0](first);
    await assert.rejects(openings[0], { name: 'AbortError' });
    await openings[1];
    assert.deepEqual([first.track.isOn, second.track.isOn, camera.video.srcObject], [false, true, second]);
  });
});
