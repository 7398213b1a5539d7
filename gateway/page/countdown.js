// Countdowns and their announcements.

import { now } from "../client/index.js";
import { refresh } from "./flow.js";
import { resendAt, announce, screenOf, showClocks } from "./render.js";
import { paint, state } from "./state.js";
import * as texts from "./i18n.js";

const ENDS_SOON_MS = 60_000;
const SLOW_MS = 8_000; // longer than a normal check of a code

// What was announced, to announce it once: the expiry of a code, and the message after which a resend was too early.
const said = { ended: "", ending: "", early: "" };

let awaitedSince = 0;

// Shows a hint during long waits.
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
  announceEnd(view); // last, as screen readers read only the last of two announcements
}

function announceResend(view) {
  const at = resendAt(view);
  if (at === null || view.phase !== "waiting_for_code") return;
  const message = `${view.run_id} ${view.message}`;
  if (at > now()) said.early = message;
  else if (said.early === message) {
    said.early = "";
    announce(texts.text("more.ready"));
  }
}

function announceEnd(view) {
  const { code_expires_at: ends } = view;
  if (!ends) return;
  const left = Date.parse(ends) - now();
  if (left <= 0 && said.ended !== ends) {
    said.ended = ends;
    paint();
    announce(texts.text("code.ended"));
    refresh();
  } else if (left > 0 && left <= ENDS_SOON_MS && said.ending !== ends) {
    said.ending = ends;
    announce(texts.text("code.ending", { time: texts.duration(left) }));
  }
}
