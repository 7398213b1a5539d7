// The page of an app: starts a flow through its own backend, then talks to the gateway.

import { FlowClient, Problem } from "phone-mfa-gateway-client";

/** @typedef {import("phone-mfa-gateway-client").FlowView} FlowView */

const VERDICTS = {
  wrong: "That code is wrong. Please check it.",
  expired: "That code has expired. Please request another one.",
  locked_out: "Too many wrong codes.",
  superseded: "That code is of an earlier message. Please type the newest one.",
};
const OUTCOMES = { enrolled: "Your phone now protects your account.", already_enrolled: "You have a phone already." };

/** @type {FlowClient} */
let flow;
/** @type {FlowView | undefined} */
let view;

const start = form("start");
const check = form("check");
const resend = button("resend");
const call = button("call");

start.addEventListener("submit", async (event) => {
  event.preventDefault();
  const body = JSON.stringify(Object.fromEntries(new FormData(start)));
  const answer = await fetch("/enroll", { method: "POST", body, headers: { "Content-Type": "application/json" } });
  const { flow_token: token, detail } = await answer.json();
  if (!answer.ok) {
    say(detail);
    return;
  }
  start.hidden = true;
  flow = new FlowClient(gateway(), token);
  flow.follow({ onView: show, onEnd: end, onProblem: (problem) => say(problem.detail) });
});

/** @param {FlowView} newest */
function show(newest) {
  if (newest.message > (view?.message ?? 0)) say(`We sent a code to the number ending in ${newest.phone_number.slice(-4)}.`);
  if (newest.phase === "waiting_for_token") say("Your sign-in has expired. Please reload the page, and sign in again.");
  view = newest;
  check.hidden = view.phase === "done" || view.message === 0;
  for (const each of [resend, call]) each.disabled = !view.allowed_actions.includes("resend_code");
}

check.addEventListener("submit", (event) => {
  event.preventDefault();
  const code = String(new FormData(check).get("code"));
  check.reset();
  asking(async () => {
    const { verdict } = await flow.checkBindingCode(code, { message: view?.message });
    if (verdict !== "accepted") say(VERDICTS[verdict]); // what comes of an accepted one, `end` says
  });
});
resend.addEventListener("click", () => asking(async () => show(await flow.resend())));
call.addEventListener("click", () => asking(async () => show(await flow.switchChannel("voice"))));

/** @param {NonNullable<FlowView["outcome"]>} outcome */
async function end(outcome) {
  const sentences = /** @type {Record<string, string>} */ (OUTCOMES);
  say(sentences[outcome] ?? "That did not work. Please sign in again.");
  const code = outcome === "enrolled" ? await flow.recoveryCode() : null;
  element("recovery").textContent = code;
  element("saved").hidden = code === null;
}

/**
 * Says why a call failed.
 * @param {() => Promise<void>} call
 */
async function asking(call) {
  try {
    await call();
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    say(problem.detail);
  }
}

/** @param {string} sentence */
function say(sentence) {
  element("status").textContent = sentence;
}

function gateway() {
  const meta = /** @type {HTMLMetaElement} */ (document.querySelector("meta[name=gateway]"));
  return meta.content;
}

/** @param {string} id */
function element(id) {
  return /** @type {HTMLElement} */ (document.getElementById(id));
}

/** @param {string} id */
function form(id) {
  return /** @type {HTMLFormElement} */ (element(id));
}

/** @param {string} id */
function button(id) {
  return /** @type {HTMLButtonElement} */ (element(id));
}
