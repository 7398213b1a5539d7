// Receives views from the gateway and notifies listeners. Independent of the listeners.

import { Problem } from "../client/index.js";
import * as session from "./session.js";
import { leadText, announce, screenOf } from "./render.js";
import { notice, paint, state } from "./state.js";

const LOST_MS = 2500; // shorter interruptions are not shown
const BACK_MS = 4000;

let lostTimer = null;
// `view(view, old)`: called for each accepted view. `refused()`: called when the token is refused; returns whether
// the page continues with another one.
const listeners = { view(_view, _old) {}, refused: () => false };

export const listen = (given) => Object.assign(listeners, given);

export function take(view) {
  const old = state.view;
  if (old?.phase === "done") return;
  if (view.phase === "failed") {
    refused(new Problem("flow-failed"));
    return;
  }
  if (old?.run_id === view.run_id && view.message < old?.message) return; // a stale response
  state.view = view;
  state.views += 1;
  const another = old?.message > 0 && view.message > old.message;
  if (another) {
    state.errors.code = null;
    notice(view.channel === "voice" ? "sent.voice" : "sent.sms", "good");
  }
  if (view.malformed_code_at && view.malformed_code_at !== old?.malformed_code_at) notice("code.malformed", "bad");
  listeners.view(view, old);
  paint();
  // The first view is read with the page, and a notice covers a new message; other changes are announced.
  if (!old || another || !(screenOf(state) === "code" || view.phase === "waiting_for_token")) return;
  if (leadText(old, state.api.claims) !== leadText(view, state.api.claims)) announce(leadText(view, state.api.claims));
}

// Accepts the view from a response, unless the stream sent a view meanwhile: it is unclear which is newer, so it is
// fetched again. Returns null if the page has switched to another flow.
export async function taken(asking) {
  const { api, views } = state;
  const view = await asking;
  if (api !== state.api) return null;
  if (views === state.views) take(view);
  else refresh();
  return view;
}

export async function refresh() {
  const asked = state.api;
  try {
    await taken(asked.view());
  } catch (problem) {
    if (asked === state.api) refused(problem);
  }
}

// Final problems end the page; the stream recovers from all others.
export function refused(problem) {
  const ends = { unauthorized: "unauthorized", "unknown-flow": "unauthorized", "not-allowed": "unauthorized", "flow-failed": "failed", "flow-unreadable": "failed" };
  const stop = problem instanceof Problem && ends[problem.code];
  if (!stop) return false;
  if (state.over || state.recovery) return true; // keep showing the known outcome
  if (stop === "unauthorized" && listeners.refused()) return true;
  state.stream?.stop();
  if (stop === "failed") session.forgetDraft(state.api.claims);
  else session.forgetNumber(state.api.claims);
  Object.assign(state, { stop, checking: false, waiting: null, notice: null });
  paint();
  return true;
}

export function connection(net) {
  clearTimeout(lostTimer);
  if (net === "live") {
    if (state.net === "live") return;
    state.net = "back";
    lostTimer = setTimeout(() => { state.net = "live"; paint(); }, BACK_MS);
    state.waiting?.retryNow();
  } else if (!navigator.onLine) {
    state.net = "offline";
  } else if (state.net !== "lost") {
    lostTimer = setTimeout(() => { state.net = navigator.onLine ? "lost" : "offline"; paint(); }, LOST_MS);
  }
  paint();
}
