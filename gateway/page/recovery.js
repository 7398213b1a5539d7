// The end of a flow, and the recovery code, which is shown once for the user to save.

import { Problem } from "../client/index.js";
import { refused } from "./flow.js";
import * as session from "./session.js";
import { announce, brandOf, find, reached } from "./render.js";
import { leaveSoon, returnUrl } from "./return.js";
import { notice, paint, state } from "./state.js";
import * as texts from "./i18n.js";

export async function finish(outcome) {
  Object.assign(state, { waiting: null, notice: null, checking: false });
  const asked = state.api;
  session.forgetDraft(asked.claims);
  const code = outcome === "enrolled" || outcome === "verified" ? await recoveryCode(asked) : null;
  if (asked !== state.api || code === undefined) return;
  if (code && state.view.kind === "challenge") state.spent = true; // only a used code is replaced
  state.stream.stop();
  const savedBefore = session.ended(asked.claims); // in another tab
  if (code && !savedBefore) state.recovery = code;
  else over(outcome);
  paint();
}

// Returns the recovery code, or null if there is none to show. Undefined if this page cannot fetch it: the token is
// kept, and the user can still get the code by returning with a new token.
async function recoveryCode(asked) {
  let tries = 0;
  const repeat = async (problem) => {
    if (asked !== state.api || refused(problem)) return false;
    tries += 1;
    const closing = problem.code === "flow-running" && tries < 20; // the result follows the last view
    await new Promise((resolve) => setTimeout(resolve, closing ? 500 : problem.retryAfter * 1000));
    return asked === state.api;
  };
  try {
    return await asked.recoveryCode({ repeat });
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem; // a bug
    return undefined;
  }
}

// Ends the run: nothing is left to fetch or save, in this tab or according to another one. `spent`: a recovery code was
// used.
export function over(outcome, spent = state.spent) {
  session.finish(state.api.claims, outcome, spent);
  Object.assign(state, { over: outcome, recovery: null, spent, back: state.api.claims.back });
  if (state.back && reached(outcome)) leaveSoon(returnUrl(state));
  find("saved-code").replaceChildren();
}

export function saved() {
  state.errors.saved = find("saved-check").checked ? null : { key: "saved.first" };
  if (!state.errors.saved) over(state.view.outcome);
  paint();
  if (state.errors.saved) find("saved-check").focus();
}

export async function copy() {
  const button = find("saved-copy");
  let key = "saved.copied";
  try {
    await navigator.clipboard.writeText(state.recovery);
  } catch {
    getSelection().selectAllChildren(find("saved-code")); // plain http pages have no clipboard API
    key = document.execCommand("copy") ? "saved.copied" : "saved.uncopied";
  }
  if (key === "saved.copied") button.textContent = texts.text(key);
  else notice(key, "bad");
  announce(texts.text(key));
  paint();
}

export function download() {
  const words = `${brandOf(state)}\n${texts.text("saved.label")}: ${state.recovery.match(/.{1,4}/g).join(" ")}\n`;
  const address = URL.createObjectURL(new Blob([words], { type: "text/plain" }));
  Object.assign(document.createElement("a"), { href: address, download: texts.text("saved.file") }).click();
  setTimeout(() => URL.revokeObjectURL(address), 1000);
  find("saved-download").textContent = texts.text("saved.downloaded");
  announce(texts.text("saved.downloaded"));
}
