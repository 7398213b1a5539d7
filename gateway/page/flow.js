// The flow as the gateway tells it: views come in, and whoever listens is told. Refuses to know who that is.

import { Problem } from "./api.js";
import * as session from "./session.js";
import { leadText, say, screenOf } from "./render.js";
import { notice, paint, state } from "./state.js";

const LOST_MS = 2500; // a connection that is back before is not worth a word
const BACK_MS = 4000;

let lostTimer = null;
// Told of each view that is taken, with the one before; and of a token that was refused: then they say whether the page
// goes on with another.
const listeners = { view() {}, refused: () => false };

export const listen = (given) => Object.assign(listeners, given);

function take(view) {
  const old = state.view;
  if (old?.phase === "done") return;
  if (view.phase === "failed") {
    refused(new Problem("flow-failed"));
    return;
  }
  if (old?.run_id === view.run_id && view.message < old?.message) return; // an older answer, come late
  state.view = view;
  state.views += 1;
  const another = old?.message > 0 && view.message > old.message;
  if (another) {
    state.errors.code = null;
    notice(view.channel === "voice" ? "sent.voice" : "sent.sms", "good");
  }
  listeners.view(view, old);
  paint();
  // The first view is read as the page is, and of another message the notice tells; other changes are announced.
  if (!old || another || !(screenOf(state) === "code" || view.phase === "waiting_for_token")) return;
  if (leadText(old, state.api) !== leadText(view, state.api)) say(leadText(view, state.api));
}

// The view that an answer brings is taken, unless the stream told something meanwhile: which of the two is older nobody
// knows, so it is asked for anew. Null when the page has gone on to another flow.
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
    await taken(asked.get());
  } catch (problem) {
    if (asked === state.api) refused(problem);
  }
}

// What no further try can mend ends the page; anything else the stream mends.
export function refused(problem) {
  const ends = { unauthorized: "unauthorized", "unknown-flow": "unauthorized", "not-allowed": "unauthorized", "flow-failed": "failed", "flow-unreadable": "failed" };
  const stop = problem instanceof Problem && ends[problem.name];
  if (!stop) return false;
  if (state.over || state.recovery) return true; // how it ended is known, and stays in sight
  if (stop === "unauthorized" && listeners.refused()) return true;
  state.stream?.stop();
  if (stop === "failed") session.forgetDraft(state.api);
  Object.assign(state, { stop, checking: false, waiting: null, notice: null });
  paint();
  return true;
}

export function heard({ type, data }) {
  if (type === "view") take(JSON.parse(data));
  else if (type === "failed") refused(new Problem("flow-failed"));
  else if (type === "end") state.stream.stop();
}

export function connection(net) {
  clearTimeout(lostTimer);
  if (net === "live") {
    if (state.net === "live") return;
    state.net = "back";
    lostTimer = setTimeout(() => { state.net = "live"; paint(); }, BACK_MS);
    state.waiting?.hurry();
  } else if (!navigator.onLine) {
    state.net = "offline";
  } else if (state.net !== "lost") {
    lostTimer = setTimeout(() => { state.net = navigator.onLine ? "lost" : "offline"; paint(); }, LOST_MS);
  }
  paint();
}
