// What time brings by itself: countdowns, and a word when one matters.

import { now } from "./api.js";
import { refresh } from "./flow.js";
import { resendAt, say, screenOf, showClocks } from "./render.js";
import { paint, state } from "./state.js";
import * as texts from "./i18n.js";

const ENDS_SOON_MS = 60_000;
const SLOW_MS = 8_000; // longer than a code's check takes when all is well

// What was announced, each thing once: the end of which code, and for which message it was too early for another.
const said = { ended: "", ending: "", early: "" };

let awaitedSince = 0;

// A wait is named before it seems endless, and until it is over.
function nameWait() {
  const awaited = state.api && (state.checking || screenOf(state) === "loading");
  awaitedSince = awaited ? awaitedSince || Date.now() : 0;
  const slow = Boolean(awaited) && Date.now() - awaitedSince > SLOW_MS;
  if (slow === state.slow) return;
  state.slow = slow;
  paint();
}

export function tick() {
  const { view } = state;
  nameWait();
  if (!view || document.hidden) return;
  showClocks(state);
  if (screenOf(state) !== "code") return;
  announceResend(view);
  announceEnd(view); // after the other, as of two announcements at once the last is heard
}

function announceResend(view) {
  const at = resendAt(view);
  if (at === null || view.phase !== "waiting_for_code") return;
  const message = `${view.run_id} ${view.message}`;
  if (at > now()) said.early = message;
  else if (said.early === message) {
    said.early = "";
    say(texts.text("more.ready"));
  }
}

function announceEnd({ code_expires_at: ends }) {
  if (!ends) return;
  const left = Date.parse(ends) - now();
  if (left <= 0 && said.ended !== ends) {
    said.ended = ends;
    paint();
    say(texts.text("code.ended"));
    refresh();
  } else if (left > 0 && left <= ENDS_SOON_MS && said.ending !== ends) {
    said.ending = ends;
    say(texts.text("code.ending", { time: texts.duration(left) }));
  }
}
