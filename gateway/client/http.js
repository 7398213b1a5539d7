// Calls to the gateway, and its clock.

import { Problem, problemOf } from "./problem.js";

const PATIENCE_MS = 60_000; // a verdict may take two calls to Auth0; the gateway times out after 50 seconds
const QUICK_MS = 1500;

let ahead = 0; // milliseconds by which the gateway's clock is ahead

/**
 * The time by the gateway's clock, in milliseconds since 1970, so that countdowns are right on devices whose clock is not.
 */
export const now = () => Date.now() + ahead;

/**
 * Uses fast responses only, as the Date header is the time at which a response began.
 * @param {Response} answer
 * @param {number} askedAt
 */
function learnClock(answer, askedAt) {
  if (Date.now() - askedAt > QUICK_MS) return;
  const theirs = Date.parse(answer.headers.get("date") ?? "");
  if (Number.isNaN(theirs)) return;
  const difference = theirs + 500 - Date.now(); // the header has whole seconds
  ahead = Math.abs(difference) < 2000 ? 0 : difference;
}

/**
 * Returns a successful response, or throws a Problem; throws the reason of a signal that was aborted.
 * @param {URL} address
 * @param {RequestInit} options
 */
export async function request(address, options) {
  const askedAt = Date.now();
  const { signal } = options;
  let answer;
  try {
    answer = await fetch(address, { cache: "no-store", credentials: "omit", referrerPolicy: "no-referrer", ...options });
  } catch (reason) {
    if (signal?.aborted && signal.reason?.name !== "TimeoutError") throw reason;
    throw new Problem("network");
  }
  learnClock(answer, askedAt);
  if (!answer.ok) throw await problemOf(answer);
  return answer;
}

/**
 * Returns the JSON of a successful response, or throws a Problem.
 * @param {URL} address
 * @param {RequestInit} [options]
 * @param {object} [body] sent as JSON
 */
export async function requestJson(address, { headers, ...options } = {}, body) {
  const answer = await request(address, {
    ...options,
    headers: body ? { "Content-Type": "application/json", ...headers } : headers,
    body: body && JSON.stringify(body),
    signal: AbortSignal.timeout(PATIENCE_MS),
  });
  try {
    return await answer.json();
  } catch {
    throw new Problem("network"); // the response was cut off
  }
}
