/** The network requests of a whole visit, from Chromium's own log. */

import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { keptForOffline, withBrowser, withPage } from './support/browser.js';
import { Studio } from './support/media.js';
import { netLogFlags, readNetLog } from './support/netlog.js';
import { alex } from './support/people.js';
import { listen, servePage, WWW } from './support/tools.js';

const PASSPHRASE = 'correct horse battery';

/** The headers that a browser adds to a plain request for a file. A page's code could add others. */
const PLAIN_HEADERS = new Set([
  'accept',
  'accept-encoding',
  'accept-language',
  'cache-control',
  'connection',
  'host',
  'if-modified-since',
  'if-none-match',
  'origin',
  'pragma',
  'purpose',
  'sec-ch-ua',
  'sec-ch-ua-mobile',
  'sec-ch-ua-platform',
  'sec-fetch-dest',
  'sec-fetch-mode',
  'sec-fetch-site',
  'sec-fetch-user',
  'sec-purpose',
  'service-worker',
  'upgrade-insecure-requests',
  'user-agent',
]);

/** @type {string} */
let folder;
/** @type {Studio} */
let studio;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'facekey-netlog-'));
  studio = await Studio.open();
});

after(async () => {
  await studio?.close();
  await rm(folder, { recursive: true, force: true });
});

/** The addresses of the build's files, and the address with which the tests open the page. @param {string} origin */
async function knownAddresses(origin) {
  const files = await readdir(join(WWW, 'dist'), { recursive: true });
  return new Set(['', '?backend=cpu', ...files].map((file) => new URL(file, origin).href));
}

/**
 * The properties of a request that could carry personal data.
 * @param {import('./support/netlog.js').Request} request
 * @param {Set<string>} known
 */
function suspicions({ method, url, hasBody, headers }, known) {
  const unusual = Object.keys(headers).filter((name) => !PLAIN_HEADERS.has(name));
  return [
    ...(method === 'GET' ? [] : [method]),
    ...(hasBody ? ['a body'] : []),
    ...(known.has(url) ? [] : ['no file of the build']),
    ...unusual.filter((name) => name !== 'referer' || !known.has(headers.referer)).map((name) => `header ${name}`),
  ].map((what) => `${url}: ${what}`);
}

/** @param {Awaited<ReturnType<typeof readNetLog>>} log */
function summary({ requests, sent, received }) {
  const own = requests.filter(({ initiator }) => initiator !== 'browser');
  const uses = own.map(({ headers }) => headers['sec-fetch-dest'] ?? 'from the cache');
  const counts = [...new Set(uses)].map((use) => `${uses.filter((it) => it === use).length} ${use}`);
  return [
    `${own.length} requests of the page, its worker and its service worker: ${counts.join(', ')}`,
    `origins: ${[...new Set(own.map(({ url }) => new URL(url).origin))].join(', ')}`,
    `methods: ${[...new Set(own.map(({ method }) => method))].join(', ')}; bodies: ${own.filter(({ hasBody }) => hasBody).length}`,
    `bytes: ${received} received, ${sent} sent, at most ${Math.max(...own.map(({ headBytes }) => headBytes))} in a request`,
    `${requests.length - own.length} requests of the browser itself, none of which left this machine`,
  ];
}

describe('a whole visit', () => {
  it('requests only files of the build, and sends no data', async (t) => {
    const video = await studio.video('visit', [alex.enrol]);
    const netLog = join(folder, 'visit.json');
    const site = await servePage();
    t.after(() => site.close());
    await withPage(site.address, { video, flags: netLogFlags(netLog) }, async (facekey) => {
      const { page } = facekey;
      await facekey.ready('cpu');
      assert.equal(await facekey.enrolFromCamera('Alex'), 'enrolled');
      const { verdict } = await facekey.verifyLive('Alex'); // the head in the video does not turn
      assert.equal(verdict, 'undecided');
      assert.equal((await facekey.verifyWithCamera('Alex')).verdict, 'accepted');
      await page.getByRole('button', { name: 'Rename Alex' }).click();
      await page.getByRole('dialog').getByLabel('Name').fill('Alexander');
      await page.getByRole('dialog').getByRole('button', { name: 'Rename' }).click();
      await page.locator('#people strong', { hasText: /^Alexander$/ }).waitFor();
      const downloading = page.waitForEvent('download');
      await facekey.answerSecret('Export to a file', [PASSPHRASE, PASSPHRASE]);
      await downloading;
      await keptForOffline(page);
      await facekey.reload();
      await facekey.ready('cpu');
      assert.equal((await facekey.verifyWithCamera('Alexander')).verdict, 'accepted');
      await facekey.openKeeping();
      await page.getByRole('button', { name: 'Delete everything' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Delete everything' }).click();
      await page.getByText('A second check found nothing left.').waitFor();
    });

    const log = await readNetLog(netLog);
    for (const line of summary(log)) t.diagnostic(line);
    const own = log.requests.filter(({ initiator }) => initiator !== 'browser');
    const known = await knownAddresses(site.address);
    assert.deepEqual(own.flatMap((request) => suspicions(request, known)), []);
    const heads = own.reduce((sum, { headBytes }) => sum + headBytes, 0);
    assert.equal(log.sent, heads, 'no bytes were sent except the heads of these requests');
    const destinations = new Set(own.map(({ headers }) => headers['sec-fetch-dest']));
    for (const seen of ['document', 'worker', 'serviceworker']) assert.ok(destinations.has(seen), `${seen} in the log`);
  });
});

describe('the log', () => {
  it('contains what a page, its worker and its service worker send to other origins', async (t) => {
    const elsewhere = createServer((request, response) => {
      response.setHeader('Access-Control-Allow-Origin', '*').end();
    });
    const leaky = createServer(({ url }, response) => {
      const send = `fetch('${foreign}' + NAME, { method: 'POST', body: new Uint8Array(512) })`;
      const script = (/** @type {string} */ name) => `const NAME = '${name}'; ${send}.finally(() => self.done?.());`;
      const [type, text] = /** @type {Record<string, [string, string]>} */ ({
        '/': ['text/html', '<!doctype html><script src="page.js"></script>'],
        '/page.js': ['text/javascript', `new Worker('worker.js'); navigator.serviceWorker.register('sw.js'); ${script('page')}`],
        '/worker.js': ['text/javascript', script('worker')],
        '/sw.js': ['text/javascript', `self.oninstall = (event) => event.waitUntil(new Promise((done) => { self.done = done; ${script('sw')} }));`],
      })[String(url)] ?? ['text/plain', ''];
      response.setHeader('Content-Type', type).end(text);
    });
    t.after(() => {
      elsewhere.close();
      leaky.close();
    });
    const foreign = await listen(elsewhere);
    const origin = await listen(leaky);
    const netLog = join(folder, 'leaky.json');
    await withBrowser({ flags: netLogFlags(netLog) }, async (context) => {
      const page = await context.newPage();
      await page.goto(origin);
      await keptForOffline(page);
    });

    const { requests } = await readNetLog(netLog);
    for (const name of ['page', 'worker', 'sw']) {
      const request = requests.find(({ url, method }) => url === foreign + name && method === 'POST');
      assert.ok(request, `${name} in the log`);
      assert.equal(request.initiator, new URL(origin).origin);
      assert.deepEqual(
        suspicions(request, new Set()).map((it) => it.replace(`${foreign}${name}: `, '')),
        ['POST', 'a body', 'no file of the build', 'header content-length', 'header referer'],
      );
    }
  });
});
