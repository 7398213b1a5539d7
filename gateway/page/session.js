// What this browser remembers of each run of a flow: its token until the run is over, then that it is; and what this tab
// came with and what is being typed in it. A token comes in by the address once, and is taken out of it at once.

const KEPT_MS = 48 * 3600_000; // longer than any token lives, which is a day at most
const DRAFT_MS = 10 * 60_000; // no code lives longer

class Store {
  #memory = new Map(); // where the browser keeps nothing for us

  constructor(open, prefix, lifetime) {
    Object.assign(this, { prefix, lifetime });
    try {
      this.real = open();
      this.real.getItem(prefix);
    } catch {
      this.real = null;
    }
  }

  get(name) {
    return this.#read(this.prefix + name);
  }

  set(name, value) {
    const text = JSON.stringify({ ...value, at: Date.now() });
    this.#memory.set(this.prefix + name, text);
    try {
      this.real?.setItem(this.prefix + name, text);
    } catch {
      this.real = null; // full, or forbidden: this tab goes on without
    }
  }

  remove(name) {
    this.#drop(this.prefix + name);
  }

  get all() {
    return this.#keys.map((key) => this.#read(key)).filter(Boolean);
  }

  // What was kept too long ago goes. A clock that was set back makes nothing old.
  sweep() {
    for (const key of this.#keys) {
      if ((this.#read(key)?.at ?? 0) + this.lifetime < Date.now()) this.#drop(key);
    }
  }

  get #keys() {
    const keys = this.real ? Object.keys(this.real) : [...this.#memory.keys()];
    return keys.filter((key) => key.startsWith(this.prefix));
  }

  #read(key) {
    try {
      return JSON.parse((this.real ? this.real.getItem(key) : this.#memory.get(key)) ?? "null");
    } catch {
      return null;
    }
  }

  #drop(key) {
    this.#memory.delete(key);
    this.real?.removeItem(key);
  }
}

const runs = new Store(() => window.localStorage, "phone-mfa.run.", KEPT_MS); // by run: a pass, or how it ended
const brought = new Store(() => window.sessionStorage, "phone-mfa.pass.", KEPT_MS); // by flow: what this tab came with
const drafts = new Store(() => window.sessionStorage, "phone-mfa.draft.", DRAFT_MS); // by run

// A token as a pass: {flow, run, iat, exp, token}. Whether it is genuine is the gateway's to say.
function passOf(token) {
  try {
    const [, body] = token.split(".");
    const bytes = Uint8Array.from(atob(body.replace(/-/g, "+").replace(/_/g, "/")), (char) => char.charCodeAt(0));
    const { sub: flow, run, iat, exp } = JSON.parse(new TextDecoder().decode(bytes));
    return typeof flow === "string" && typeof run === "string" ? { flow, run, iat, exp, token } : null;
  } catch {
    return null;
  }
}

// What the address speaks of: a pass, or a run that is over, or null. `now`: the flow that is shown, which a token that
// is none does not end.
export function arrive(now) {
  sweep();
  const given = new URLSearchParams(location.hash.slice(1));
  const token = given.get("token");
  const pass = token && passOf(token);
  const flow = pass ? pass.flow : token ? now : given.get("flow");
  if (token) {
    const hash = flow ? `#flow=${encodeURIComponent(flow)}` : "";
    history.replaceState(null, "", `${location.pathname}${location.search}${hash}`);
  }
  const found = pass ?? (flow ? (brought.get(flow) ?? newest(flow)) : null);
  const known = found && ended(found);
  if (known) brought.remove(known.flow);
  else if (pass) brought.set(pass.flow, pass); // a reload finds it here; other tabs, once it is known to be good
  return known ?? found; // what was shown once is not shown again
}

// How a run ended, as far as this browser knows: {flow, run, over} or null.
export function ended({ run }) {
  const kept = runs.get(run);
  return kept?.over ? kept : null;
}

const byAge = (one, other) => other.iat - one.iat || Boolean(one.over) - Boolean(other.over);
const newest = (flow) => runs.all.filter((one) => one.flow === flow).sort(byAge)[0] ?? null;

// The gateway took this pass: now it is one for the whole browser, if there is no later one of that run.
export function accepted(pass) {
  const kept = runs.get(pass.run);
  if (!kept || (kept.token && kept.token !== pass.token && kept.iat <= pass.iat)) runs.set(pass.run, pass);
  if (newest(pass.flow)?.token === pass.token) brought.remove(pass.flow); // a reload finds it all the same
}

// This tab leaves its pass. Says whether the browser knows another that it can go on with.
export function leave({ flow, token }) {
  brought.remove(flow);
  return ![undefined, token].includes(newest(flow)?.token);
}

// The run is over and nothing more is to be fetched: its token goes. Written once, as each writing wakes the other tabs.
export function finish({ flow, run, iat }, outcome) {
  if (!ended({ run })) runs.set(run, { flow, run, iat, over: outcome });
  brought.remove(flow);
}

// Another tab got a pass that is good, or ended a run.
export function onElsewhere(listener) {
  window.addEventListener("storage", ({ key }) => {
    const entry = key?.startsWith(runs.prefix) && runs.get(key.slice(runs.prefix.length));
    if (entry) listener(entry);
  });
}

export function sweep() {
  for (const store of [runs, brought, drafts]) store.sweep();
}

// What was typed and not judged yet, with the name of its submission: a reload neither loses it nor counts it twice.
export function draft({ run }) {
  drafts.sweep();
  return drafts.get(run);
}

// What is typed in another form, unless a code was submitted and has no verdict yet: that is worth more.
export function keepTyped(pass, typed) {
  if (!draft(pass)?.id) keepDraft(pass, typed);
}

export const keepDraft = ({ run }, kept) => drafts.set(run, kept);
export const forgetDraft = ({ run }) => drafts.remove(run);
