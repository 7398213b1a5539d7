// Browser storage: for each run of a flow its token, or its outcome once it is over; for each tab the token or the link
// it was opened with, and what is being typed; the country chosen for numbers. A token is taken from the URL once and removed
// from it immediately. No number stays here once its form is closed or the flow is over.

import { readToken } from "../client/index.js";

const KEPT_MS = 48 * 3600_000; // longer than any token is valid, which is at most a day
const KEPT_LINK_MS = 7 * 24 * 3600_000; // a link is valid as long as its flow, at most
const DRAFT_MS = 10 * 60_000; // no code is valid longer

class Store {
  #memory = new Map(); // fallback when browser storage is unavailable

  constructor(open, prefix, lifetime) {
    this.prefix = prefix;
    this.lifetime = lifetime;
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
      this.real = null; // full or blocked: this tab continues without it
    }
  }

  remove(name) {
    this.#drop(this.prefix + name);
  }

  get all() {
    return this.#keys.map((key) => this.#read(key)).filter(Boolean);
  }

  // Removes expired entries. A clock that was set back expires nothing.
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

const runs = new Store(() => window.localStorage, "phone-mfa.run.", KEPT_MS); // by run: a pass, or the outcome
const tabTokens = new Store(() => window.sessionStorage, "phone-mfa.pass.", KEPT_MS); // by flow: this tab's pass
const links = new Store(() => window.sessionStorage, "phone-mfa.link.", KEPT_LINK_MS); // by flow: this tab's link
const drafts = new Store(() => window.sessionStorage, "phone-mfa.draft.", DRAFT_MS); // by run
const choices = new Store(() => window.localStorage, "phone-mfa.choice.", Infinity); // of this browser's user

const PAGES = ["/enroll", "/verify"];

// Whether the page was opened at a path that does not exist.
export const atUnknownPath = () => !PAGES.includes(location.pathname.replace(/\/$/, ""));

// The part of the path from an encoded "#" on: some mail programs encode it, and the token with it.
function encodedHash() {
  const [, encoded] = /%23(.*)$/s.exec(location.pathname) ?? [];
  try {
    return decodeURIComponent(encoded ?? "");
  } catch {
    return ""; // a broken encoding
  }
}

// Returns what the URL refers to: a pass, a run that is over, or null. `now`: the flow being shown, which stays if
// the token is malformed.
export function readUrl(now) {
  sweep();
  const encoded = /%23/.test(location.pathname);
  const given = new URLSearchParams(location.hash.slice(1) || encodedHash());
  const token = given.get("token");
  const pass = token && readToken(token);
  const link = readToken(given.get("invitation") ?? "");
  if (link) links.set(link.flow, link);
  const flow = pass?.flow ?? link?.flow ?? (token ? now : given.get("flow"));
  if (token || link || encoded || given.has("login")) {
    const hash = flow ? `#flow=${encodeURIComponent(flow)}` : "";
    history.replaceState(null, "", `${pageOf(flow)}${location.search}${hash}`);
  }
  const found = pass ?? (link ? ofRun(link) : flow ? (tabTokens.get(flow) ?? newest(flow)) : given.has("login") ? running() : null);
  const known = found && ended(found);
  if (known) {
    tabTokens.remove(known.flow);
    drafts.remove(known.run);
  } else if (pass) tabTokens.set(pass.flow, pass); // for reloads; other tabs see it once the gateway accepts it
  return known ?? found; // a finished run is not shown again
}

// Returns what became of the login that brought the browser here, and null if it worked or there was none.
export const loginResult = () => new URLSearchParams(location.hash.slice(1)).get("login");

// Returns the flow that the URL names.
export const flowInUrl = () => new URLSearchParams(location.hash.slice(1)).get("flow");

// Returns the link that this tab was opened with.
export const linkOf = (flow) => (flow ? links.get(flow) : null);

const ofRun = ({ flow, run }) => [tabTokens.get(flow), runs.get(run)].find((one) => one?.run === run) ?? null;

// Returns the newest run that this browser has a token for.
const running = () => runs.all.filter((one) => one.token).sort(byAge)[0] ?? null;

// The path without what was encoded into it; the page of the flow if there is no page at that path.
function pageOf(flow) {
  const path = location.pathname.replace(/\/?%23.*$/s, "");
  if (PAGES.includes(path) || !flow) return path || "/";
  return flow.startsWith("challenge-") ? "/verify" : "/enroll";
}

// Returns the outcome of a run, if this browser knows it: {flow, run, over, spent} or null.
export function ended({ run }) {
  const kept = runs.get(run);
  return kept?.over ? kept : null;
}

const byAge = (one, other) => other.iat - one.iat || Number(Boolean(one.over)) - Number(Boolean(other.over));
const newest = (flow) => runs.all.filter((one) => one.flow === flow).sort(byAge)[0] ?? null;

// The gateway accepted this pass: share it with all tabs, unless there is a newer one for that run.
export function accepted(pass) {
  const kept = runs.get(pass.run);
  if (!kept || (kept.token && kept.token !== pass.token && kept.iat <= pass.iat)) runs.set(pass.run, pass);
  if (newest(pass.flow)?.token === pass.token) tabTokens.remove(pass.flow); // a reload finds it anyway
}

// Drops this tab's pass. Returns whether the browser has another one to continue with.
export function dropToken({ flow, token }) {
  tabTokens.remove(flow);
  return ![undefined, token].includes(newest(flow)?.token);
}

// The run is over with nothing left to fetch: removes its token, and what was typed. `spent`: a recovery code was used.
// Writes only once, as each write notifies the other tabs.
export function finish({ flow, run, iat, back }, outcome, spent) {
  if (!ended({ run })) runs.set(run, { flow, run, iat, back, over: outcome, spent });
  tabTokens.remove(flow);
  links.remove(flow);
  drafts.remove(run);
}

// Calls the listener when another tab stores an accepted pass or ends a run.
export function onOtherTab(listener) {
  window.addEventListener("storage", ({ key }) => {
    const entry = key?.startsWith(runs.prefix) && runs.get(key.slice(runs.prefix.length));
    if (entry) listener(entry);
  });
}

export function sweep() {
  for (const store of [runs, tabTokens, links, drafts]) store.sweep();
}

// Returns what was typed and has no verdict yet, with its submission id: a reload neither loses it nor counts it twice.
export function draft({ run }) {
  drafts.sweep();
  return drafts.get(run);
}

// Stores what is typed in another form, unless a submitted code has no verdict yet, which takes precedence.
export function keepTyped(pass, typed) {
  if (!draft(pass)?.id) keepDraft(pass, typed);
}

// Drops a number that was typed and not sent.
export function forgetNumber(pass) {
  if (draft(pass)?.kind === "number") forgetDraft(pass);
}

export const keepDraft = ({ run }, kept) => drafts.set(run, kept);
export const forgetDraft = ({ run }) => drafts.remove(run);

// The country chosen for phone numbers: an ISO 3166-1 code, or undefined.
export const country = () => choices.get("country")?.code;
export const keepCountry = (code) => (code ? choices.set("country", { code }) : choices.remove("country"));
