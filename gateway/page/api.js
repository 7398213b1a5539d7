// HTTP client for one flow: tokens, problems and the server's clock. Independent of the UI.

const PATIENCE_MS = 60_000; // a verdict may take two calls to Auth0; the gateway times out after 50 seconds
const QUICK_MS = 1500;
const SOON_S = 3; // default without Retry-After

// Why a call failed. `again`: a retry may succeed after `wait` seconds.
export class Problem extends Error {
  constructor(name, status = 0, wait = null) {
    super(name);
    this.name = name;
    this.status = status;
    this.again = ["network", "no-worker", "step-fails", "engine-limit", "engine-unreachable", "no-answer-yet", "too-many-requests", "login-unavailable", "busy"].includes(name);
    this.wait = wait ?? SOON_S;
  }
}

let ahead = 0; // milliseconds by which the server's clock is ahead

export const now = () => Date.now() + ahead;

// Uses fast responses only, as the Date header is the time at which a response began.
function learnClock(answer, askedAt) {
  if (Date.now() - askedAt > QUICK_MS) return;
  const theirs = Date.parse(answer.headers.get("date") ?? "");
  if (Number.isNaN(theirs)) return;
  const difference = theirs + 500 - Date.now(); // the header has whole seconds
  ahead = Math.abs(difference) < 2000 ? 0 : difference;
}

export async function problemOf(answer) {
  const body = await answer.json().catch(() => ({}));
  const wait = Number.parseInt(answer.headers.get("retry-after") ?? "", 10);
  const name = /^urn:phone-mfa:problem:([a-z-]+)$/.exec(body.type ?? "")?.[1] ?? nameOf(answer.status);
  return new Problem(name, answer.status, Number.isNaN(wait) ? null : wait);
}

// A proxy's error has no problem type, only a status.
function nameOf(status) {
  if (status === 401) return "unauthorized";
  if (status === 404) return "unknown-flow";
  if (status === 429) return "too-many-requests";
  return status >= 500 ? "busy" : "other";
}

async function asked(path, options) {
  const askedAt = Date.now();
  const { signal } = options;
  let answer;
  try {
    answer = await fetch(path, { cache: "no-store", credentials: "omit", referrerPolicy: "no-referrer", ...options });
  } catch (reason) {
    if (signal?.aborted && signal.reason?.name !== "TimeoutError") throw reason;
    throw new Problem("network");
  }
  learnClock(answer, askedAt);
  if (!answer.ok) throw await problemOf(answer);
  return answer;
}

export class Api {
  // `pass`: {flow, run, iat, exp, token}.
  constructor(pass) {
    Object.assign(this, pass);
  }

  // Returns a successful response, or throws a Problem. Sends the token in a header, never in a URL.
  async request(path, { headers, signal, ...options } = {}) {
    const known = { Authorization: `Bearer ${this.token}`, ...headers };
    return asked(`/v1/flows/${encodeURIComponent(this.flow)}${path}`, { headers: known, signal, ...options });
  }

  async get(path = "") {
    return this.#json(await this.request(path, { signal: AbortSignal.timeout(PATIENCE_MS) }));
  }

  async post(path, body = {}) {
    const options = { method: "POST", body: JSON.stringify(body), headers: { "Content-Type": "application/json" } };
    return this.#json(await this.request(path, { ...options, signal: AbortSignal.timeout(PATIENCE_MS) }));
  }

  async #json(answer) {
    try {
      return await answer.json();
    } catch {
      throw new Problem("network"); // the response was cut off
    }
  }
}

// Begins a login: returns the address to go to, and sets a cookie that belongs to it. `api`: of a flow that goes on.
export async function beginLogin(api, body = {}) {
  const options = {
    method: "POST",
    body: JSON.stringify(body),
    credentials: "same-origin",
    headers: { "Content-Type": "application/json" },
    signal: AbortSignal.timeout(PATIENCE_MS),
  };
  const answer = api ? await api.request("/login", options) : await asked("/v1/logins", options);
  return (await answer.json()).url;
}

// Creates a submission id. Repeated submissions with the same id count once.
export function submissionId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16)); // plain http pages have no randomUUID
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
