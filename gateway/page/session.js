// What this browser remembers of a flow: its token until the flow is over, then that it is; and in this tab what was
// being typed. The token comes in by the address once, and is taken out of it at once.

const PREFIX = "phone-mfa.";
const KEPT_MS = 48 * 3600_000; // longer than any token lives, which is a day at most
const DRAFT_MS = 10 * 60_000; // no code lives longer

class Store {
  #memory = new Map(); // where the browser keeps nothing for us
  constructor(open) {
    try {
      this.real = open();
      this.real.getItem(PREFIX);
    } catch {
      this.real = null;
    }
  }

  get(name) {
    try {
      return JSON.parse((this.real ? this.real.getItem(name) : this.#memory.get(name)) ?? "null");
    } catch {
      return null;
    }
  }

  set(name, value) {
    const text = JSON.stringify(value);
    this.#memory.set(name, text);
    try {
      this.real?.setItem(name, text);
    } catch {
      this.real = null; // full, or forbidden: this tab goes on without
    }
  }

  remove(name) {
    this.#memory.delete(name);
    this.real?.removeItem(name);
  }

  get names() {
    const names = this.real ? Object.keys(this.real) : [...this.#memory.keys()];
    return names.filter((name) => name.startsWith(PREFIX));
  }

  // What was kept longer ago than this. A clock that was set back makes nothing old.
  forgetOlder(milliseconds) {
    for (const name of this.names) {
      if ((this.get(name)?.at ?? 0) + milliseconds < Date.now()) this.remove(name);
    }
  }
}

const browser = new Store(() => window.localStorage);
const tab = new Store(() => window.sessionStorage);

// What is in a token is read for its flow and its end only; whether it is genuine is the gateway's to say.
function claimsOf(token) {
  try {
    const [, body] = token.split(".");
    const bytes = Uint8Array.from(atob(body.replace(/-/g, "+").replace(/_/g, "/")), (char) => char.charCodeAt(0));
    const claims = JSON.parse(new TextDecoder().decode(bytes));
    return typeof claims.sub === "string" ? claims : null;
  } catch {
    return null;
  }
}

// The flow the address speaks of: {flow, token} or {flow, over} or null.
export function arrive() {
  sweep();
  const given = new URLSearchParams(location.hash.slice(1));
  const token = given.get("token");
  const claims = token && claimsOf(token);
  if (token) {
    const hash = claims ? `#flow=${encodeURIComponent(claims.sub)}` : "";
    history.replaceState(null, "", `${location.pathname}${location.search}${hash}`);
  }
  if (claims) {
    const known = recall(claims.sub);
    if (known?.over && known.run === claims.run) return known; // what was shown once is not shown again
    if (known?.over) forgetDraft(claims.sub); // the same person's next flow
    keep(claims.sub, { token });
    return { flow: claims.sub, token };
  }
  const flow = token ? null : given.get("flow");
  return flow ? recall(flow) : null;
}

const keep = (flow, entry) => browser.set(PREFIX + flow, { ...entry, at: Date.now() });

export function recall(flow) {
  const entry = browser.get(PREFIX + flow);
  return entry && { flow, ...entry };
}

// The flow is over and nothing more is to be fetched: the token goes, unless it is that of the person's next flow.
export function finish({ flow, token }, outcome) {
  if ((recall(flow)?.token ?? token) !== token) return;
  keep(flow, { over: outcome, run: claimsOf(token)?.run });
  forgetDraft(flow);
}

// Another tab took a fresh token, or ended the flow.
export function onElsewhere(listener) {
  window.addEventListener("storage", ({ key }) => {
    if (key?.startsWith(PREFIX)) listener(key.slice(PREFIX.length));
  });
}

export function sweep() {
  browser.forgetOlder(KEPT_MS);
  tab.forgetOlder(DRAFT_MS);
}

// What was typed and not judged yet, with the name of its submission: a reload neither loses it nor counts it twice.
export function draft(flow) {
  tab.forgetOlder(DRAFT_MS);
  return tab.get(PREFIX + flow);
}

export const keepDraft = (flow, kept) => tab.set(PREFIX + flow, { ...kept, at: Date.now() });
export const forgetDraft = (flow) => tab.remove(PREFIX + flow);
