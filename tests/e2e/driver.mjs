// A small W3C WebDriver client: what our tests need, over fetch.
const ELEMENT = 'element-6066-11e4-a52e-4f735466cecf';

export class WebDriverError extends Error {
  constructor({ error, message }, command) {
    super(`${command}: ${error}: ${message}`);
    this.code = error;
  }
}

/** Calls `attempt` until it gives something true; its last error, or `what`, is told when time is up. */
export async function eventually(what, attempt, { within = 10_000, every = 50 } = {}) {
  const end = Date.now() + within;
  let last;
  for (;;) {
    try {
      const found = await attempt();
      if (found) return found;
      last = undefined;
    } catch (error) {
      last = error;
    }
    if (Date.now() > end) throw new Error(`not within ${within} ms: ${what}`, { cause: last });
    await new Promise((resolve) => setTimeout(resolve, every));
  }
}

async function send(url, method, body, timeout = 60_000) {
  const answer = await fetch(url, {
    method,
    headers: { 'content-type': 'application/json' },
    body: method === 'POST' ? JSON.stringify(body ?? {}) : undefined,
    signal: AbortSignal.timeout(timeout),
  });
  const { value } = await answer.json();
  if (!answer.ok) throw new WebDriverError(value, `${method} ${new URL(url).pathname}`);
  return value;
}

export class Session {
  #url;

  /** @param base where the driver listens; @param capabilities as in the WebDriver specification, always matched. */
  static async open(base, capabilities, timeout) {
    const value = await send(
      `${base}/session`,
      'POST',
      { capabilities: { alwaysMatch: capabilities } },
      timeout,
    );
    return new Session(`${base}/session/${value.sessionId}`, value.capabilities);
  }

  constructor(url, capabilities) {
    this.#url = url;
    this.capabilities = capabilities;
  }

  post = (path, body) => send(`${this.#url}/${path}`, 'POST', body);
  get = (path) => send(`${this.#url}/${path}`, 'GET');
  end = () => send(this.#url, 'DELETE', undefined, 5_000);

  /** Runs a function body in the page. Elements may go in and come out. */
  async run(script, ...args) {
    const value = await this.post('execute/sync', { script, args: args.map(packed) });
    return value?.[ELEMENT] ? new Element(this, value[ELEMENT]) : value;
  }

  /** How long a script in the page may run, in milliseconds; the driver's usual is 30 s. */
  allowScripts = (script) => this.post('timeouts', { script });

  /** Runs an async function body in the page and waits for its promise. */
  async runAsync(script, ...args) {
    const body = `const done = arguments[arguments.length - 1];
      (async (...args) => { ${script} })(...[...arguments].slice(0, -1))
        .then((value) => done({ value }), (error) => done({ error: error?.message ?? JSON.stringify(error) }));`;
    const { value, error } = await this.post('execute/async', { script: body, args: args.map(packed) });
    if (error !== undefined) throw new Error(`in the page: ${error}`);
    return value;
  }

  async all(css) {
    const found = await this.post('elements', { using: 'css selector', value: css });
    return found.map((reference) => new Element(this, reference[ELEMENT]));
  }

  /** The first element for the selector, waiting until there is one. */
  find = (css, options) => eventually(`an element ${css}`, async () => (await this.all(css))[0], options);
  /** The element with this data-testid. */
  byId = (id, options) => this.find(`[data-testid="${id}"]`, options);

  /** The innermost visible element whose own text contains `text`. */
  byText(text, { css = '*', ...options } = {}) {
    const script = `const [text, css] = arguments;
      const seen = (element) => element.getClientRects().length > 0;
      const own = (element) => [...element.childNodes].some((n) => n.nodeType === 3 && n.data.includes(text));
      return [...document.body.querySelectorAll(css)].find((e) => own(e) && seen(e)) ?? null;`;
    return eventually(`the text ${text}`, () => this.run(script, text, css), options);
  }

  /** Waits for the element with this data-testid that contains the text. */
  async withText(id, text, options) {
    const script = `const [id, text] = arguments;
      return [...document.querySelectorAll('[data-testid="' + id + '"]')]
        .find((element) => element.innerText.includes(text)) ?? null;`;
    return eventually(`${id} with ${text}`, () => this.run(script, id, text), options);
  }

  /** The number that the element with this data-testid shows, once it shows one. */
  number(id, options) {
    const script = `return document.querySelector('[data-testid="' + arguments[0] + '"]')?.innerText ?? '';`;
    return eventually(
      `a number in ${id}`,
      async () => {
        const digits = (await this.run(script, id)).replace(/[^\d.]/g, '');
        return digits === '' ? undefined : { value: Number(digits) };
      },
      options,
    ).then(({ value }) => value);
  }

  /** Waits until nothing matches the selector any more. */
  gone = (css, options) => eventually(`no ${css}`, async () => (await this.all(css)).length === 0, options);

  /** Presses keys one after the other: plain text, or a name of `Key`; `chord('ctrl', 'k')` holds the first ones. */
  async keys(...keys) {
    const actions = keys.flatMap((key) => [...key].flatMap((char) => [down(char), up(char)]));
    await this.#act({ type: 'key', id: 'keyboard', actions });
  }

  async chord(...keys) {
    const codes = keys.map((key) => Key[key] ?? key);
    await this.#act({
      type: 'key',
      id: 'keyboard',
      actions: [...codes.map(down), ...codes.reverse().map(up)],
    });
  }

  /** Drags with the mouse from one element's middle to another's, in steps, as a hand would. */
  async drag(from, to, steps = 8) {
    const [start, end] = [await from.middle(), await to.middle()];
    const move = (part, duration) => ({
      type: 'pointerMove',
      duration,
      x: Math.round(start.x + (end.x - start.x) * part),
      y: Math.round(start.y + (end.y - start.y) * part),
    });
    const path = Array.from({ length: steps }, (_, step) => move((step + 1) / steps, 30));
    const actions = [
      move(0, 0),
      { type: 'pointerDown', button: 0 },
      ...path,
      { type: 'pointerUp', button: 0 },
    ];
    await this.#act({ type: 'pointer', id: 'mouse', parameters: { pointerType: 'mouse' }, actions });
  }

  async doubleClick(element) {
    const { x, y } = await element.middle();
    const press = [
      { type: 'pointerDown', button: 0 },
      { type: 'pointerUp', button: 0 },
    ];
    const actions = [{ type: 'pointerMove', duration: 0, x, y }, ...press, ...press];
    await this.#act({ type: 'pointer', id: 'mouse', parameters: { pointerType: 'mouse' }, actions });
  }

  #act = (source) => this.post('actions', { actions: [source] });

  resize = (width, height) => this.post('window/rect', { x: 0, y: 0, width, height });
}

export class Element {
  constructor(session, id) {
    this.session = session;
    this.id = id;
  }

  #path = (rest) => `element/${this.id}/${rest}`;

  /** Clicks once the element has come to rest: what still moves into place is missed or not there yet. */
  async click() {
    const script = `const [element] = args;
      element.wasClicked = false;
      element.addEventListener('click', () => { element.wasClicked = true; }, { capture: true, once: true });
      const end = performance.now() + 5_000;
      const isMoving = () => document.getAnimations().some(({ playState, effect }) =>
        playState !== 'finished' && effect?.getTiming().iterations !== Infinity && effect.target?.contains(element));
      let before = '';
      // What opens stands still for some frames before it begins to move.
      for (let since = performance.now(); performance.now() < Math.min(since + 150, end); ) {
        element.scrollIntoView({ block: 'nearest', inline: 'nearest' });
        const { x, y, width, height } = element.getBoundingClientRect();
        const under = document.elementFromPoint(x + width / 2, y + height / 2);
        const isOpen = under && (element.contains(under) || under.contains(element));
        const now = [x, y, width, height].join();
        if (now !== before || !isOpen || isMoving()) since = performance.now();
        before = now;
        await new Promise((done) => requestAnimationFrame(done));
      }`;
    // What the page puts in its place between the look and the press gets the click; then it is pressed again.
    for (let presses = 0; presses < 3; presses += 1) {
      await this.session.runAsync(script, this);
      await this.session.post(this.#path('click'));
      if (await this.#heardClick()) return;
    }
    throw new Error('three clicks went elsewhere');
  }

  async #heardClick() {
    try {
      return await this.session.run('return arguments[0].wasClicked;', this);
    } catch (error) {
      // It is gone: what the click did took it away.
      if (error.code === 'stale element reference') return true;
      throw error;
    }
  }

  type = (text) => this.session.post(this.#path('value'), { text });
  clear = () => this.session.post(this.#path('clear'));
  text = () => this.session.get(this.#path('text'));
  attribute = (name) => this.session.get(this.#path(`attribute/${name}`));
  property = (name) => this.session.get(this.#path(`property/${name}`));

  /** Replaces what a field holds, by the keys a person would press. */
  async fill(text) {
    await this.click();
    await this.session.chord('ctrl', 'a');
    await this.type(text);
  }

  middle() {
    const script = `const box = arguments[0].getBoundingClientRect();
      return { x: Math.round(box.x + box.width / 2), y: Math.round(box.y + box.height / 2) };`;
    return this.session.run(script, this);
  }
}

export const Key = {
  enter: '\uE007',
  escape: '\uE00C',
  tab: '\uE004',
  space: ' ',
  backspace: '\uE003',
  delete: '\uE017',
  left: '\uE012',
  up: '\uE013',
  right: '\uE014',
  down: '\uE015',
  home: '\uE011',
  end: '\uE010',
  pageUp: '\uE00E',
  pageDown: '\uE00F',
  shift: '\uE008',
  ctrl: '\uE009',
  alt: '\uE00A',
  f2: '\uE032',
};

const down = (value) => ({ type: 'keyDown', value });
const up = (value) => ({ type: 'keyUp', value });
const packed = (value) => (value instanceof Element ? { [ELEMENT]: value.id } : value);
