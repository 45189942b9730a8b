import { Human } from '/tests/bench/node_modules/@vladmandic/human/dist/human.esm.js';

export async function run(photos, probe) {
  const off = { enabled: false };
  const human = new Human({
    backend: 'wasm',
    wasmPath: '/tests/bench/node_modules/@tensorflow/tfjs-backend-wasm/dist/',
    modelBasePath: '/tests/bench/node_modules/@vladmandic/human/models/',
    cacheSensitivity: 0,
    filter: off,
    gesture: off,
    face: { detector: { rotation: true }, mesh: off, iris: off, emotion: off, description: { enabled: true } },
    body: off,
    hand: off,
  });
  await human.load();
  const describe = async (address) => {
    const image = new Image();
    image.src = address;
    await image.decode();
    const { face } = await human.detect(image);
    if (!face[0]?.embedding) throw new Error('no face');
    return face[0].embedding;
  };
  const known = [];
  for (const photo of photos) known.push(await describe(photo));
  return human.match.find(await describe(probe), known, { threshold: 0.5 }).index >= 0;
}
