// What time brings by itself: countdowns, and a word when one matters.

import { now } from "./api.js";
import { refresh } from "./flow.js";
import { lives, resendAt, say, screenOf, showClocks } from "./show.js";
import { paint, state } from "./state.js";
import * as texts from "./texts.js";

const ENDS_SOON_MS = 60_000;

const said = { ends: "", soon: "", ready: "" };

export function tick() {
  const { view } = state;
  if (!view || document.hidden) return;
  showClocks(state);
  if (screenOf(state) !== "code") return;
  const ends = view.code_expires_at;
  const left = ends ? Date.parse(ends) - now() : 0;
  if (ends && left <= 0 && said.ends !== ends) {
    said.ends = ends;
    paint();
    say(texts.text("code.ended"));
    refresh();
  } else if (left > 0 && left <= ENDS_SOON_MS && said.soon !== ends) {
    said.soon = ends;
    say(texts.text("code.ending", { time: texts.duration(left) }));
  }
  const at = resendAt(view);
  const key = `${view.message} ${view.sends_left}`;
  if (at === null || view.phase !== "waiting_for_code") return;
  if (at > now()) said.ready = key;
  else if (said.ready === key) {
    said.ready = "";
    say(texts.text("more.ready"));
  }
}
