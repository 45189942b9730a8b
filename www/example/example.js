import { Facekey } from 'facekey';
import 'facekey/element';
import { movement } from 'facekey-movement';

const FMR = 1e-3; // at most 1 in 1,000 strangers may pass
const SAMPLES = 3; // taken from the camera for a template
const [video, verifier, camera, photo, enrol, verify, skip, answer] =
  ['video', 'verifier', 'camera', 'photo', 'enrol', 'verify', 'skip', 'answer'].map((id) => document.getElementById(id));
const oneIn = (rate) => `1 in ${Math.round(1 / rate).toLocaleString('en')}`;
const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

const facekey = await Facekey.load({
  movement: movement(),
  onProgress: ({ received }) => (answer.value = `Loading: ${(received / 1e6).toFixed(1)} MB`),
});
Object.assign(verifier, { facekey, maxFmr: FMR }); // leads through the movement check, full screen
let source; // what shows the face: the video, or a photo file
let template; // in memory only: encrypt it before you store it
camera.disabled = photo.disabled = false;
answer.value = 'Ready. Choose the camera or a photo.';

camera.onclick = () =>
  attempt(async () => {
    video.srcObject = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'user' } });
    await video.play();
    return choose(video);
  });

photo.onchange = () => attempt(async () => choose(photo.files[0]));

enrol.onclick = () =>
  attempt(async () => {
    const embeddings = [];
    do {
      embeddings.push((await facekey.embed(source)).embedding);
      answer.value = `Sample ${embeddings.length}: move your head a little`;
      if (source === video) await pause(700);
    } while (source === video && embeddings.length < SAMPLES);
    template = await facekey.enrol(embeddings);
    return 'Enrolled. Now verify.';
  });

verify.onclick = () =>
  attempt(async () => {
    const live = source === video && !skip.checked;
    const decision = live ? verifier.verify(template) : facekey.verify(template, source, { maxFmr: FMR });
    const { accepted, estimatedFmr, estimatedFmrUpper } = await decision;
    const verdict = `${accepted ? 'Accepted' : 'Refused'}${live ? '' : ' (it may have been a photo)'}`;
    const chance = estimatedFmr ? `about ${oneIn(estimatedFmr)}` : `fewer than ${oneIn(estimatedFmrUpper)}`;
    return `${verdict}: ${chance} strangers come this close, the limit is ${oneIn(FMR)}.`;
  });

function choose(chosen) {
  source = chosen;
  return 'Ready. Enrol, then verify.';
}

/** Shows the result or the error. Errors also have a stable `code`, for translations. */
async function attempt(act) {
  enrol.disabled = verify.disabled = true;
  try {
    answer.value = await act();
  } catch (error) {
    answer.value = `Not possible: ${error.message}`;
  }
  enrol.disabled = !source;
  verify.disabled = !source || !template;
}
