/** What the browser refuses to do for a script that was injected into the page. */

import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { createServer } from 'node:http';
import { after, before, describe, it } from 'node:test';
import { HEADERS, OWN } from '../../www/config/policy.js';
import { fileURLToPath } from 'node:url';
import { keptForOffline, withBrowser } from './support/browser.js';
import { listen, servePage } from './support/tools.js';

/** The script that the tests inject into a page, as an attacker would. */
const INTRUDER = fileURLToPath(new URL('support/intruder.js', import.meta.url));

/** What the script tries: to send data while the page stays, to send data by leaving it, to run text as script. */
const SENDS = ['beacon', 'events', 'fetch', 'frame', 'image', 'module', 'ping', 'prefetch', 'script', 'socket', 'stylesheet'];
const LEAVES = ['form', 'navigation', 'window'];
const RUNS = ['inline script', 'handler', 'markup', 'eval', 'Function', 'timer', 'address', 'worker'];

/** The first version of Chromium that supports `Connection-Allowlist`. */
const KNOWS_ALLOWLIST = 152;

/** A server of another origin, which records what it receives. */
class Elsewhere {
  /** @type {Set<string>} */
  arrived = new Set();
  address = '';
  #http = createServer(({ url }, response) => {
    this.#note(url);
    response.writeHead(200, { 'Access-Control-Allow-Origin': '*', 'Content-Type': 'text/javascript' }).end();
  });
  #udp = createSocket('udp4', () => this.arrived.add('WebRTC'));

  async open() {
    this.#http.on('upgrade', ({ url }, socket) => {
      this.#note(url);
      socket.destroy();
    });
    this.address = await listen(this.#http);
    await new Promise((resolve) => this.#udp.bind(0, '127.0.0.1', () => resolve(undefined)));
  }

  get stunServer() {
    return `stun:127.0.0.1:${this.#udp.address().port}`;
  }

  close() {
    this.#http.closeAllConnections();
    this.#http.close();
    this.#udp.close();
  }

  /** @param {string | undefined} url */
  #note(url) {
    this.arrived.add(String(url).slice(1).split('?')[0]);
  }
}

const elsewhere = new Elsewhere();
/** @type {Awaited<ReturnType<typeof servePage>>} */
let site;
/** The page from a host that sends no headers. @type {Awaited<ReturnType<typeof servePage>>} */
let bareSite;

before(async () => {
  await elsewhere.open();
  site = await servePage();
  bareSite = await servePage({ headers: false });
});

after(async () => {
  elsewhere.close();
  await site?.close();
  await bareSite?.close();
});

/** @typedef {import('playwright-core').Page} Page */
/** @typedef {import('playwright-core').BrowserContext} Context */

/**
 * Opens a page with the injected script, and passes it to `use`.
 * @param {string} address
 * @param {(page: Page, context: Context) => Promise<void>} use
 */
function intrude(address, use) {
  elsewhere.arrived.clear();
  return withBrowser({}, async (context) => {
    await context.addInitScript({ path: INTRUDER });
    const page = await context.newPage();
    await page.goto(address);
    await use(page, context);
  });
}

/**
 * Calls the injected script from a timer of the page: code that the debugger runs may use `eval`.
 * @param {Page} page
 * @param {'send' | 'connect' | 'run' | 'leave'} method
 * @param {string[]} args
 */
function call(page, method, ...args) {
  return page.evaluate(
    ([method, args]) =>
      new Promise((resolve) => {
        // @ts-expect-error the intruder has no types
        setTimeout(async () => resolve(await globalThis.intruder[method](...args)));
      }),
    /** @type {const} */ ([method, args]),
  );
}

/**
 * Tries each way to leave the page, each in a new tab.
 * @param {Page} page
 * @param {string[]} ways
 */
async function leave(page, ways) {
  for (const way of ways) {
    const tab = await page.context().newPage();
    await tab.goto(page.url());
    const gone = tab.waitForEvent('framenavigated', { timeout: 2000 }).catch(() => {});
    await call(tab, 'leave', way, elsewhere.address).catch(() => {}); // the tab may be gone
    await gone;
  }
}

/** The version number of Chromium. @param {Context} context */
const version = (context) => Number(context.browser()?.version().split('.')[0]);

describe('a page without a policy', () => {
  it('lets the injected script do everything that it tries', async (t) => {
    const server = createServer((_, response) => response.setHeader('Content-Type', 'text/html').end('<p>'));
    t.after(() => server.close());
    await intrude(await listen(server), async (page) => {
      await call(page, 'send', elsewhere.address);
      await call(page, 'connect', elsewhere.stunServer);
      assert.deepEqual(await call(page, 'run'), RUNS);
      await leave(page, LEAVES);
      elsewhere.arrived.delete('favicon.ico');
      assert.deepEqual([...elsewhere.arrived].sort(), [...SENDS, 'WebRTC', ...LEAVES].sort());
    });
  });
});

describe('the page', () => {
  it('sends nothing to other origins and runs no text as script', async () => {
    await intrude(site.address, async (page, context) => {
      await call(page, 'send', elsewhere.address);
      assert.deepEqual(await call(page, 'run'), []);
      await leave(page, ['form']);
      if (version(context) >= KNOWS_ALLOWLIST) {
        await call(page, 'connect', elsewhere.stunServer);
        await leave(page, ['navigation', 'window']);
      }
      assert.deepEqual([...elsewhere.arrived], []);
    });
  });

  it('has the same protection without the host’s headers, except against navigation', async () => {
    await intrude(bareSite.address, async (page) => {
      await call(page, 'send', elsewhere.address);
      assert.deepEqual(await call(page, 'run'), []);
      await leave(page, ['form']);
      assert.deepEqual([...elsewhere.arrived], []);
    });
  });

  it('uses no text as markup, and loads no script from another origin', async () => {
    await intrude(site.address, async (page) => {
      const refused = await page.evaluate(() => {
        const attempts = {
          markup: () => (document.createElement('p').innerHTML = '<b>bold</b>'),
          script: () => (document.createElement('script').src = 'https://elsewhere.example/x.js'),
          policy: () => window.trustedTypes?.createPolicy('another', {}),
          ownScript: () => (document.createElement('script').src = './own.js'),
        };
        return Object.entries(attempts).flatMap(([name, attempt]) => {
          try {
            attempt();
            return [];
          } catch (reason) {
            return [`${name}: ${/** @type {Error} */ (reason).name}`];
          }
        });
      });
      assert.deepEqual(refused, ['markup: TypeError', 'script: TypeError', 'policy: TypeError']);
    });
  });

  it('has workers with the same limits', async () => {
    await intrude(site.address, async (page, context) => {
      await keptForOffline(page);
      const workers = { worker: page.workers()[0], 'service worker': context.serviceWorkers()[0] };
      for (const [name, worker] of Object.entries(workers)) {
        assert.ok(worker, `the page has a ${name}`);
        assert.deepEqual(await worker.evaluate(tryInWorker, elsewhere.address), [], name);
      }
      assert.deepEqual([...elsewhere.arrived], []);
    });
  });

  it('may use the camera and passkeys, and nothing else that needs a permission', async () => {
    await withBrowser({}, async (context) => {
      const page = await context.newPage();
      await page.goto(site.address);
      // @ts-expect-error Chromium's name for it
      const allowed = await page.evaluate(() => document.featurePolicy.allowedFeatures());
      const named = HEADERS['Permissions-Policy'].match(/[a-z-]+(?==)/g) ?? [];
      assert.deepEqual(allowed.filter((/** @type {string} */ it) => named.includes(it)).sort(), OWN);
      for (const usual of ['geolocation', 'microphone', 'usb', 'display-capture']) assert.ok(named.includes(usual), usual);
    });
  });
});

/**
 * Runs in a worker.
 * @param {string} foreign
 * @returns {Promise<string[]>} what worked
 */
async function tryInWorker(foreign) {
  await new Promise((resolve) => setTimeout(resolve)); // so that the debugger's permissions do not apply
  const ways = {
    fetch: () => fetch(`${foreign}worker`, { method: 'POST', body: 'data' }),
    socket: () =>
      new Promise((resolve, reject) => {
        const socket = new WebSocket(`${foreign.replace('http', 'ws')}worker`);
        Object.assign(socket, { onopen: resolve, onerror: reject });
      }),
    eval: () => (0, eval)('1'),
    Function: () => new Function('return 1')(),
  };
  const worked = [];
  for (const [name, act] of Object.entries(ways)) {
    await Promise.resolve()
      .then(act)
      .then(() => worked.push(name))
      .catch(() => {});
  }
  return worked;
}
