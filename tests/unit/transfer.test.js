/** The exported file, as `docs/gallery-file.md` describes it. */

import assert from 'node:assert/strict';
import { createDecipheriv, createHash, pbkdf2Sync } from 'node:crypto';
import { before, describe, it } from 'node:test';
import { merge } from '../../www/package/gallery/gallery.js';
import { exportFile, importFile } from '../../www/package/gallery/transfer.js';
import { person, withCode } from './people.js';

const PASSPHRASE = 'correct horse battery';
const people = [person({ name: 'Zoë' }), person({ name: 'Alex', expiresAt: 9 })];

/** @type {Uint8Array<ArrayBuffer>} */
let file;

const receipt = { foreign: 0, since: new Date(7) };

before(async () => void (file = await exportFile(people, PASSPHRASE, receipt)));

/**
 * The file with other bytes and a matching checksum.
 * @param {(bytes: Uint8Array) => void} change
 */
function forged(change) {
  const copy = file.slice();
  change(copy);
  copy.set(createHash('sha256').update(copy.subarray(0, -32)).digest(), copy.length - 32);
  return copy;
}

describe('a gallery file', () => {
  it('is imported unchanged', async () => {
    assert.deepEqual(await importFile(file, PASSPHRASE), people);
  });

  it('reveals no name', () => {
    assert.ok(!Buffer.from(file).includes('Alex'));
  });

  it('can be read by its documentation alone', () => {
    const bytes = Buffer.from(file);
    assert.equal(bytes.toString('latin1', 0, 8), 'FKGALLRY');
    assert.equal(bytes.readUInt16BE(8), 1);
    const iterations = bytes.readUInt32BE(10);
    assert.equal(iterations, 600_000);
    const key = pbkdf2Sync(PASSPHRASE, bytes.subarray(14, 30), iterations, 32, 'sha256');
    const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(30, 42));
    decipher.setAAD(bytes.subarray(0, 42));
    decipher.setAuthTag(bytes.subarray(-48, -32));
    const content = Buffer.concat([decipher.update(bytes.subarray(42, -48)), decipher.final()]);
    const told = JSON.parse(content.toString());
    assert.deepEqual(told.people.map((/** @type {any} */ it) => it.name), ['Zoë', 'Alex']);
    assert.deepEqual(told.receipt, { foreign: 0, since: '1970-01-01T00:00:00.007Z' });
    assert.deepEqual(bytes.subarray(-32), createHash('sha256').update(bytes.subarray(0, -32)).digest());
  });

  it('distinguishes a wrong passphrase from damage', async () => {
    await assert.rejects(importFile(file, 'correct horse batterz'), withCode('wrong-passphrase'));
  });

  it('is refused if any byte after the first eight is changed', async () => {
    for (const at of [9, 12, 20, 35, 60, file.length - 40, file.length - 1]) {
      const changed = file.with(at, file[at] ^ 1);
      await assert.rejects(importFile(changed, PASSPHRASE), withCode('file-damaged'), `byte ${at}`);
    }
  });

  it('is refused if it is truncated, at any length', async () => {
    for (const length of [8, 9, 42, 89, 90, file.length - 1]) {
      await assert.rejects(importFile(file.slice(0, length), PASSPHRASE), withCode('file-damaged'), `${length} bytes`);
    }
  });

  it('is refused if it is another kind of file', async () => {
    for (const other of ['', 'FKGALL', '{"people": []}', 'x'.repeat(5000)]) {
      await assert.rejects(importFile(new TextEncoder().encode(other), PASSPHRASE), withCode('file-foreign'));
    }
  });

  it('needs a newer version of the page if it is newer', async () => {
    await assert.rejects(importFile(forged((it) => (it[9] = 2)), PASSPHRASE), withCode('file-newer'));
  });

  it('cannot demand a weak or an endless key derivation', async () => {
    for (const iterations of [1, 0xffffffff]) {
      const asking = forged((it) => new DataView(it.buffer).setUint32(10, iterations));
      await assert.rejects(importFile(asking, PASSPHRASE), withCode('file-damaged'));
    }
  });

  it('does not open with a forged header, even if the checksum matches', async () => {
    const moved = forged((it) => new DataView(it.buffer).setUint32(10, 600_001));
    await assert.rejects(importFile(moved, PASSPHRASE), withCode('wrong-passphrase'));
  });

  it('is refused completely if one entry is invalid', async () => {
    const bad = await exportFile([people[0], { ...people[1], samples: new Float32Array(7) }], PASSPHRASE);
    await assert.rejects(importFile(bad, PASSPHRASE), withCode('file-damaged'));
  });
});

describe('an import', () => {
  const [zoe] = people;

  it('adds new people', () => {
    assert.deepEqual(merge([], people), people);
  });

  it('keeps the newer of two templates', () => {
    assert.deepEqual(merge([zoe], [zoe]), []);
    const newer = { ...zoe, updatedAt: zoe.updatedAt + 1 };
    assert.deepEqual(merge([zoe], [newer]), [newer]);
    assert.deepEqual(merge([newer], [zoe]), []);
  });

  it('adds a number to a name that another person has', () => {
    const others = [person({ name: 'ZOË' }), person({ name: 'Zoë' })];
    assert.deepEqual(merge([zoe], others).map(({ name }) => name), ['ZOË (2)', 'Zoë (3)']);
    const long = 'n'.repeat(60);
    const [{ name }] = merge([person({ name: long })], [person({ name: long })]);
    assert.equal(name.length, 60);
  });
});
