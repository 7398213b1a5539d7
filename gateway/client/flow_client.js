// What a web page can do with a flow token.

import { EventStream } from "./event_stream.js";
import { readToken } from "./flow_token.js";
import { request, requestJson } from "./http.js";
import { Problem } from "./problem.js";

/** @typedef {import("./openapi.js").components["schemas"]["FlowView"]} FlowView */
/** @typedef {import("./openapi.js").components["schemas"]["CodeVerdict"]} CodeVerdict */

/**
 * How a call that may be repeated is repeated.
 * @typedef {object} Repeating
 * @property {(problem: Problem) => boolean | Promise<boolean>} [repeat] asked after each attempt that failed: waits, and
 *   returns whether to repeat the call. By default `whileRetryable`.
 */

/** One flow, for the page that has its flow token. Its methods throw a `Problem` if the gateway refuses or is not reached. */
export class FlowClient {
  /** What the flow token says: the flow, and when the token ends. */
  claims;
  #flow;

  /**
   * @param {string} gateway the gateway's origin, such as `https://gateway.example.com`
   * @param {string} token the flow token, as the service got it. Throws a TypeError if it is none
   */
  constructor(gateway, token) {
    const claims = readToken(token);
    if (!claims) throw new TypeError("This is not a flow token.");
    this.claims = claims;
    this.#flow = new URL(`/v1/flows/${encodeURIComponent(claims.flow)}`, gateway).href;
  }

  /**
   * Returns the flow's view: what it waits for, until when, and what is allowed now.
   * @returns {Promise<FlowView>}
   */
  view() {
    return this.#get("");
  }

  /**
   * Follows the flow until it is over: calls `onView` now and after each change, and reconnects by itself.
   * @param {import("./event_stream.js").Listeners} listeners
   */
  follow(listeners) {
    const open = (/** @type {RequestInit} */ options) => this.#request("/events", options);
    const stream = new EventStream(open, listeners);
    stream.start();
    return stream;
  }

  /**
   * Submits a code, and returns its verdict. An answer that was lost is asked for again with the same `submissionId`, so
   * that the code counts once.
   * @param {string} code as the user typed it
   * @param {{message?: number, submissionId?: string} & Repeating} [options] `message`: the number of the message
   *   that the code is from (`view.message` when the user read it); by default the newest one. `submissionId`: to continue
   *   after a reload with a code that may have been submitted before
   * @returns {Promise<CodeVerdict>}
   */
  checkBindingCode(code, { message, submissionId: id = submissionId(), repeat } = {}) {
    return repeated(() => this.#post("/binding-code", { code, message, submission_id: id }), repeat);
  }

  /**
   * Submits a recovery code instead, in a challenge, and returns its verdict.
   * @param {string} code as the user typed it
   * @param {{submissionId?: string} & Repeating} [options]
   * @returns {Promise<CodeVerdict>}
   */
  checkRecoveryCode(code, { submissionId: id = submissionId(), repeat } = {}) {
    return repeated(() => this.#post("/recovery-code-check", { recovery_code: code, submission_id: id }), repeat);
  }

  /**
   * Requests another message. Returns the view, once it is sent or it is known that it will be. This is never repeated, as
   * each request may send a message.
   * @returns {Promise<FlowView>}
   */
  resend() {
    return this.#post("/resend");
  }

  /**
   * Requests another message, as an SMS or a call; otherwise like `resend`.
   * @param {"sms" | "voice"} channel
   * @returns {Promise<FlowView>}
   */
  switchChannel(channel) {
    return this.#post("/channel", { channel });
  }

  /**
   * Sends the code to another number, in an enrollment; otherwise like `resend`.
   * @param {string} number as the user typed it
   * @param {{region?: string}} [options] `region`: where it is dialed without country code, such as `DE`
   * @returns {Promise<FlowView>}
   */
  changePhoneNumber(number, { region } = {}) {
    return this.#post("/phone-number", { phone_number: number, region });
  }

  /**
   * Returns the recovery code that the user has to save, or null if there is none. Call it after `onEnd`.
   * @param {Repeating} [options]
   * @returns {Promise<string | null>}
   */
  async recoveryCode({ repeat } = {}) {
    const shown = () => this.#get("/recovery-code").catch(noneIssued);
    return (await repeated(shown, repeat)).recovery_code;
  }

  /** Cancels the flow. */
  async cancel() {
    await this.#json("", { method: "DELETE" });
  }

  /**
   * Begins another login of an invited user, whose login has expired in the flow; see `beginLogin`.
   * @returns {Promise<string>}
   */
  async beginLogin() {
    return (await this.#json("/login", { method: "POST", credentials: sameOrigin(this.#flow) }, {})).url;
  }

  /** @param {string} path */
  #get(path) {
    return this.#json(path);
  }

  /**
   * @param {string} path
   * @param {object} body
   */
  #post(path, body = {}) {
    return this.#json(path, { method: "POST" }, body);
  }

  /**
   * @param {string} path
   * @param {RequestInit} [options]
   * @param {object} [body]
   */
  #json(path, options, body) {
    return requestJson(new URL(this.#flow + path), this.#authorized(options), body);
  }

  /**
   * @param {string} path
   * @param {RequestInit} options
   */
  #request(path, options) {
    return request(new URL(this.#flow + path), this.#authorized(options));
  }

  /**
   * The token is in a header, and never in a URL.
   * @param {RequestInit} options
   */
  #authorized({ headers, ...options } = {}) {
    return { ...options, headers: { Authorization: `Bearer ${this.claims.token}`, ...headers } };
  }
}

/**
 * Begins the login of an invited user: returns the address to send the browser to. Only for pages of the gateway's own
 * origin, since a cookie belongs to the login, which ends at the gateway's page. Other pages send the browser to the link.
 * @param {string} gateway the gateway's origin
 * @param {string} invitation what comes after `invitation=` in the link
 * @param {{otherUser?: boolean}} [options] `otherUser`: ask for a login even if somebody is logged in at Auth0
 * @returns {Promise<string>}
 */
export async function beginLogin(gateway, invitation, { otherUser = false } = {}) {
  const address = new URL("/v1/logins", gateway);
  const options = { method: "POST", credentials: sameOrigin(address) };
  return (await requestJson(address, options, { invitation, other_user: otherUser })).url;
}

/**
 * How cookies are taken. Throws a TypeError if the page is of another origin, where browsers would drop them.
 * @param {string | URL} address
 * @returns {"same-origin"}
 */
function sameOrigin(address) {
  if (new URL(address).origin === globalThis.location?.origin) return "same-origin";
  throw new TypeError("A login is begun by a page of the gateway's own origin. Send the browser to the link.");
}

/** @param {unknown} problem */
function noneIssued(problem) {
  if (problem instanceof Problem && problem.code === "no-recovery-code") return { recovery_code: null };
  throw problem;
}

/** Returns a submission id: submissions with the same id count once. */
export function submissionId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16)); // plain http pages have no randomUUID
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * Waits as long as a problem says. Returns whether the call may succeed then.
 * @param {Problem} problem
 */
export async function whileRetryable(problem) {
  if (problem.retryable) await new Promise((resolve) => setTimeout(resolve, problem.retryAfter * 1000));
  return problem.retryable;
}

/**
 * @template Answer
 * @param {() => Promise<Answer>} call
 * @param {Repeating["repeat"]} [repeat]
 * @returns {Promise<Answer>}
 */
async function repeated(call, repeat = whileRetryable) {
  for (;;) {
    try {
      return await call();
    } catch (problem) {
      if (!(problem instanceof Problem && (await repeat(problem)))) throw problem;
    }
  }
}
