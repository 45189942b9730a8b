/** The vault of the private note: how it opens, and what is stored. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Vault } from '../../www/src/vault/vault.js';
import { withCode } from './people.js';

const PASSPHRASE = 'correct horse battery';
const CONTENT = { note: 'the code is 4711', files: [{ name: 'plan.txt', type: 'text/plain', data: 'aGVsbG8=' }] };

/** A database of one store, in memory. */
function memory() {
  const rows = new Map();
  const store = {
    put: async (/** @type {{name: string}} */ row) => rows.set(row.name, row),
    delete: async (/** @type {string} */ name) => void rows.delete(name),
  };
  return {
    rows,
    readAll: async () => [[...rows.values()]],
    write: async (/** @type {any} */ _, /** @type {Function} */ act) => act({ objectStore: () => store }),
  };
}

/** A closed vault with content. */
async function filled() {
  const db = memory();
  const vault = new Vault(/** @type {any} */ (db));
  await vault.createWithPassphrase(PASSPHRASE);
  await vault.write(CONTENT);
  vault.close();
  return { db, vault };
}

describe('the private note', () => {
  it('opens with its passphrase and returns its content', async () => {
    const { vault } = await filled();
    assert.equal(await vault.method(), 'passphrase');
    assert.deepEqual(await vault.open(PASSPHRASE), CONTENT);
  });

  it('cannot be read with another passphrase, or while it is closed', async () => {
    const { vault } = await filled();
    await assert.rejects(vault.open('another horse battery'), withCode('wrong-passphrase'));
    assert.equal(vault.isOpen, false);
    await assert.rejects(vault.read(), withCode('vault-closed'));
    await assert.rejects(vault.write(CONTENT), withCode('vault-closed'));
  });

  it('reveals nothing in storage', async () => {
    const { db } = await filled();
    const stored = [...db.rows.values()].map(({ sealed, wrapped }) => Buffer.from(sealed ?? wrapped).toString('latin1')).join();
    for (const word of ['4711', 'plan.txt', 'aGVsbG8']) assert.ok(!stored.includes(word));
  });

  it('does not open if a byte was changed', async () => {
    const { db, vault } = await filled();
    const content = db.rows.get('vault content');
    db.rows.set('vault content', { ...content, sealed: content.sealed.with(3, content.sealed[3] ^ 1) });
    await assert.rejects(vault.open(PASSPHRASE), withCode('record-damaged'));
  });

  it('opens with the key of a passkey', async () => {
    const db = memory();
    const vault = new Vault(/** @type {any} */ (db));
    const key = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['wrapKey', 'unwrapKey']);
    const passkey = { credentialId: new Uint8Array(4), salt: new Uint8Array(32) };
    await vault.createWithPasskey({ passkey, key });
    assert.equal(await vault.method(), 'passkey');
    assert.equal(vault.isOpen, true);
  });

  it('is gone after its deletion', async () => {
    const { db, vault } = await filled();
    await vault.remove();
    assert.equal(db.rows.size, 0);
    assert.equal(await vault.method(), undefined);
  });
});
