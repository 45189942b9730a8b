/** Encrypted records and their key, also after a change to them. */

import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { newKey, unwrap } from '../../www/package/gallery/keys.js';
import { isPlain, upgrade } from '../../www/package/gallery/migrations.js';
import { fromPlain, SCHEMA, templateStatus } from '../../www/package/gallery/records.js';
import { seal, unseal } from '../../www/package/gallery/vault.js';
import { drawn, person, withCode } from './people.js';

/** @type {CryptoKey} */
let key;

before(async () => void ({ key } = await newKey()));

describe('an encrypted record', () => {
  it('opens unchanged', async () => {
    const one = person();
    assert.deepEqual(await unseal(key, await seal(key, one)), one);
  });

  it('reveals neither the name nor the numbers', async () => {
    const { sealed } = await seal(key, person({ name: 'Featherstonehaugh' }));
    assert.ok(!Buffer.from(sealed).includes('Featherstonehaugh'));
    assert.ok(!Buffer.from(sealed).includes('samples'));
  });

  it('is never the same twice', async () => {
    const one = person();
    const [a, b] = [await seal(key, one), await seal(key, one)];
    assert.notDeepEqual(a.iv, b.iv);
    assert.notDeepEqual(a.sealed, b.sealed);
  });

  const TAMPERED = {
    'with one bit changed': (row) => ({ ...row, sealed: row.sealed.with(9, row.sealed[9] ^ 1) }),
    'when truncated': (row) => ({ ...row, sealed: row.sealed.slice(0, -1) }),
    'with empty content': (row) => ({ ...row, sealed: new Uint8Array() }),
    'without its content': ({ sealed: _, ...row }) => row,
    'with another initialisation vector': (row) => ({ ...row, iv: row.iv.with(0, row.iv[0] ^ 1) }),
    'under another id': (row) => ({ ...row, id: 'someone else' }),
    'for another model': (row) => ({ ...row, modelId: 'another model' }),
    'with another schema': (row) => ({ ...row, schema: 0 }),
  };
  for (const [how, tamper] of Object.entries(TAMPERED)) {
    it(`does not open ${how}`, async () => {
      const row = await seal(key, person());
      await unseal(key, row);
      await assert.rejects(unseal(key, /** @type {any} */ (tamper(row))), withCode('record-damaged'));
    });
  }

  it('does not open with the content of another record', async () => {
    const [a, b] = [await seal(key, person()), await seal(key, person())];
    await assert.rejects(unseal(key, { ...a, iv: b.iv, sealed: b.sealed }), withCode('record-damaged'));
  });

  it('does not open with another key', async () => {
    const row = await seal(key, person());
    await assert.rejects(unseal((await newKey()).key, row), withCode('record-damaged'));
  });

  it('needs a newer version of the page if it is newer', async () => {
    const row = await seal(key, person());
    await assert.rejects(unseal(key, { ...row, schema: 99 }), withCode('record-newer'));
  });
});

describe('the key', () => {
  it('cannot be read out, with or without a passphrase', async () => {
    for (const passphrase of [undefined, 'correct horse']) {
      const made = await newKey(passphrase);
      assert.equal(made.key.extractable, false);
      await assert.rejects(crypto.subtle.exportKey('raw', made.key));
    }
  });

  it('is stored only in wrapped form if there is a passphrase', async () => {
    const { row, key } = await newKey('correct horse');
    assert.equal(row.key, undefined);
    assert.ok(Number(row.wrapped?.iterations) >= 600_000);
    const sealed = await seal(key, person());
    await unseal(await unwrap(row, 'correct horse'), sealed);
  });

  it('refuses a wrong passphrase', async () => {
    const { row } = await newKey('correct horse');
    await assert.rejects(unwrap(row, 'correct horsf'), withCode('wrong-passphrase'));
  });

  it('accepts the same passphrase in another Unicode form', async () => {
    const { row } = await newKey('caf\u00e9 cr\u00e8me');
    await unwrap(row, 'cafe\u0301 cre\u0300me');
  });

  it('is refused as damaged if its iterations or other fields were changed', async () => {
    const { row } = await newKey('correct horse');
    const wrapped = /** @type {import('../../www/package/gallery/keys.js').Wrapped} */ (row.wrapped);
    const changes = [
      { iterations: 1 },
      { iterations: 1e12 },
      { data: wrapped.data.slice(1) },
      { iv: wrapped.iv.slice(1) },
      { salt: undefined },
      { salt: 'salt' },
    ];
    for (const change of changes) {
      const damaged = /** @type {any} */ ({ ...row, wrapped: { ...wrapped, ...change } });
      await assert.rejects(unwrap(damaged, 'correct horse'), withCode('key-damaged'));
    }
  });
});

describe('a decrypted record', () => {
  const whole = () => ({ ...person(), samples: [...drawn(2)] });

  it('is accepted if it is complete', () => {
    assert.equal(fromPlain(whole()).samples.length, 256);
  });

  const BROKEN = {
    'no samples': { samples: [] },
    'half a sample': { samples: new Array(64).fill(1) },
    'a value that is no number': { samples: [...drawn(1).slice(1), null] },
    'a sample of length zero': { samples: [...drawn(1), ...new Array(128).fill(0)] },
    'no name': { name: '' },
    'a name that is too long': { name: 'a'.repeat(61) },
    'no model': { modelId: undefined },
    'an expiry that is no time': { expiresAt: 'never' },
  };
  for (const [what, change] of Object.entries(BROKEN)) {
    it(`is refused with ${what}`, () => {
      assert.throws(() => fromPlain({ ...whole(), ...change }), withCode('record-damaged'));
    });
  }
  for (const value of [null, undefined, 7, 'text', []]) {
    it(`is refused if it is ${JSON.stringify(value)}`, () => {
      assert.throws(() => fromPlain(value), withCode('record-damaged'));
    });
  }
});

describe('the status of a template', () => {
  it('is ready until the template expires, and only for its own model', () => {
    const one = person({ expiresAt: 100 });
    assert.equal(templateStatus(one, 'model', 99), 'ready');
    assert.equal(templateStatus(one, 'model', 100), 'expired');
    assert.equal(templateStatus(one, 'other', 99), 'other-model');
    assert.equal(templateStatus(person(), 'model', 1e15), 'ready');
  });
});

describe('an older schema', () => {
  const first = { id: 'a', name: 'Alex', modelId: 'model', samples: drawn(2), createdAt: 1, updatedAt: 2 };

  /** For each earlier schema, a row and the person to which it is converted. */
  const ROWS = {
    1: [
      { ...first, schema: 1 },
      { ...first, consentedAt: null, expiresAt: null },
    ],
  };

  it('has a test, for each earlier version', () => {
    const earlier = Array.from({ length: SCHEMA - 1 }, (_, index) => String(index + 1));
    assert.deepEqual(Object.keys(ROWS), earlier);
  });

  for (const [schema, [row, expected]] of Object.entries(ROWS)) {
    it(`is converted to the current one, without an expiry: ${schema}`, () => {
      assert.ok(isPlain(/** @type {any} */ (row)));
      assert.deepEqual(upgrade(row), expected);
    });

    it(`is refused if a row is damaged: ${schema}`, () => {
      assert.throws(() => upgrade({ ...row, samples: new Array(5).fill(0) }), withCode('record-damaged'));
    });
  }

  it('is distinguished from an encrypted record', async () => {
    assert.ok(!isPlain(await seal(key, person())));
  });
});
