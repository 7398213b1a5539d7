// Requests messages: another code, another channel, another number.

import { now } from "../client/index.js";
import { awaitNextCode, outdateCode } from "./codes.js";
import { chosenCountry } from "./countries.js";
import { refresh, refused, taken } from "./flow.js";
import { leaveForm } from "./forms.js";
import * as session from "./session.js";
import { find, resendAt, announce } from "./render.js";
import { notice, paint, state } from "./state.js";
import * as texts from "./i18n.js";

// Requests a message. Never retries: each request may send one.
async function ask(action, call) {
  if (state.busy) return null;
  const asked = state.api;
  const before = state.view.message;
  Object.assign(state, { busy: action, notice: null });
  outdateCode();
  paint();
  try {
    const view = await taken(call(asked));
    if (view && (view.message > before || view.phase === "sending_code")) awaitNextCode();
    return view;
  } catch (problem) {
    if (asked !== state.api || refused(problem) || state.view.phase === "done") return null;
    if (action === "number" && NUMBER_REFUSED[problem.code]) numberRefused(NUMBER_REFUSED[problem.code]);
    else notice(`problem.${problem.code}`, "bad");
    if (problem.code !== "network") {
      state.outdated = null;
      refresh();
    }
    return null;
  } finally {
    if (asked === state.api) state.busy = null;
    paint();
  }
}

const NUMBER_REFUSED = { "bad-input": "number.bad", "number-not-allowed": "number.not_allowed" };

function numberRefused(key) {
  state.errors.number = { key };
  find("number").focus();
}

function early(button) {
  if (button.getAttribute("aria-disabled") !== "true") return false;
  const at = resendAt(state.view);
  if (at === null) announce(texts.text("more.none"));
  else if (at > now()) announce(texts.text("more.wait.spoken", { time: texts.duration(at - now()) }));
  return true;
}

export async function resend() {
  if (!early(find("resend"))) await ask("resend", (api) => api.resend());
}

export async function switchChannel() {
  if (early(find("switch"))) return;
  const channel = state.view.channel === "voice" ? "sms" : "voice";
  await ask("switch", (api) => api.switchChannel(channel));
}

// Sends the number as typed: only the gateway parses it.
export async function changeNumber() {
  state.errors.number = null;
  const before = state.view.message;
  const view = await ask("number", (api) => api.changePhoneNumber(find("number").value, { region: chosenCountry() }));
  if (!view) return;
  if (view.message === before && view.phase !== "sending_code") notice("sent.later");
  numberTaken();
}

export function numberTaken() {
  if (state.form !== "number") return;
  find("code").value = "";
  session.forgetDraft(state.api.claims);
  leaveForm();
}
