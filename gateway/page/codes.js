// Code entry: submits each code once, and retries until there is a verdict.

import { Problem, submissionId } from "../client/index.js";
import { digitsOf, isRecoveryCode, isWhole, recoveryCodeOf } from "./code_formats.js";
import { refresh, refused } from "./flow.js";
import { leaveForm } from "./forms.js";
import * as session from "./session.js";
import { find, announce, screenOf } from "./render.js";
import { notice, paint, state } from "./state.js";
import * as texts from "./i18n.js";

const USELESS = ["superseded", "expired"]; // verdicts on a code that cannot become right by correction

let judged = ""; // the last code with a verdict, which is not submitted automatically again

// Stores the draft and returns it with its submission id. Until there is a verdict, the same code keeps its id.
function named(kind, code, message) {
  const { claims } = state.api;
  const kept = session.draft(claims);
  const same = kept?.id && kept.kind === kind && kept.code === code && kept.message === message;
  const draft = same ? kept : { kind, code, message, id: submissionId() };
  session.keepDraft(claims, draft);
  return draft;
}

export function submitCode() {
  const code = digitsOf(find("code").value);
  if (state.checking) return;
  if (!isWhole(code)) {
    state.errors.code = { key: "code.short" };
    paint();
    find("code").focus();
    return;
  }
  const { phase, message: shown } = state.view;
  const message = phase === "sending_code" ? undefined : shown || undefined; // omitted: the message being sent
  checkCode(named("code", code, message));
}

export function submitRecovery() {
  const code = recoveryCodeOf(find("recovery").value);
  if (state.checking) return;
  if (!isRecoveryCode(code)) {
    state.errors.recovery = { key: "recovery.bad" };
    paint();
    find("recovery").focus();
    return;
  }
  checkRecovery(named("recovery", code));
}

export const checkCode = ({ code, message, id: submissionId }) =>
  check("code", code, (api, repeat) => api.checkBindingCode(code, { message, submissionId, repeat }));

export const checkRecovery = ({ code, id: submissionId }) =>
  check("recovery", undefined, (api, repeat) => api.checkRecoveryCode(code, { submissionId, repeat }));

// Submits until there is a verdict or the flow is done. All attempts share one submission id, so that they count once.
async function check(field, code, submit) {
  const asked = state.api;
  Object.assign(state, { checking: true, notice: null });
  state.errors[field] = null;
  paint();
  const wanted = () => asked === state.api && state.checking;
  const repeat = async (problem) => {
    if (wanted() && problem.retryable) await waitToRetry(problem.retryAfter * 1000);
    return wanted() && problem.retryable;
  };
  try {
    const verdict = await submit(asked, repeat);
    if (asked === state.api) showVerdict(field, code, verdict);
  } catch (problem) {
    if (!wanted()) return;
    if (!(problem instanceof Problem)) throw problem; // a bug
    failed(field, problem);
  }
}

function failed(field, problem) {
  Object.assign(state, { checking: false, waiting: null });
  if (refused(problem)) return;
  if (problem.code === "flow-over") refresh();
  else if (problem.code === "bad-input") state.errors[field] = { key: field === "code" ? "code.short" : "recovery.bad" };
  else notice(`problem.${problem.code}`, "bad");
  paint();
}

function waitToRetry(milliseconds) {
  return new Promise((resolve) => {
    const retryNow = () => {
      clearTimeout(timer);
      if (state.waiting?.retryNow === retryNow) state.waiting = null;
      paint();
      resolve();
    };
    const timer = setTimeout(retryNow, milliseconds);
    state.waiting = { retryNow };
    paint();
  });
}

function showVerdict(field, code, { verdict, tries_left: then, retry_at: until }) {
  const count = Math.min(then, state.view?.tries_left ?? then); // a repeated verdict has its original count
  Object.assign(state, { checking: false, waiting: null });
  judged = code ?? "";
  session.forgetDraft(state.api.claims);
  if (verdict === "accepted") {
    state.spent = field === "recovery";
    announce(texts.text("verdict.accepted"));
    if (field === "code") find("code").value = "";
    else leaveForm();
  } else {
    const special = field === "recovery" && texts.has(`recovery.${verdict}`);
    const key = special ? `recovery.${verdict}` : until ? `verdict.${verdict}.until` : `verdict.${verdict}`;
    state.errors[field] = { key: texts.has(key) ? key : `verdict.${verdict}`, values: { count, time: until && texts.time(Date.parse(until)) } };
  }
  if (verdict !== "wrong") refresh();
  paint();
  if (verdict === "accepted" || screenOf(state) !== field) return;
  const typedSince = digitsOf(find("code").value);
  if (field === "code" && isWhole(typedSince) && typedSince !== judged) submitCode();
  else if (field === "code" && USELESS.includes(verdict)) forgetUselessCode();
  else find(field).select(); // for correction
}

// The code cannot become right by correction. If it leaves nothing to type, the form is hidden, and what is wrong with it
// is told by a notice.
function forgetUselessCode() {
  emptyCode();
  if (find("code-form").hidden) {
    notice(state.errors.code.key, "bad", state.errors.code.values);
    state.errors.code = null;
    paint();
  } else find("code").focus();
}

function emptyCode() {
  find("code").value = "";
  session.forgetDraft(state.api.claims);
  paint();
}

// A message is asked for: what is in the field now is of an earlier one.
export const outdateCode = () => { state.outdated = find("code").value; };

// Another message is on its way: the field is ready for its code. What was typed since it was asked for is kept, as it
// may be that code; and so is what is being typed when a message comes by itself.
export function awaitNextCode() {
  const { value } = find("code");
  const asked = state.outdated === value;
  if (state.checking || !(asked || (value && digitsOf(value) === judged))) return;
  state.outdated = null;
  emptyCode();
  if (asked && screenOf(state) === "code") find("code").focus();
}

export function typed() {
  const field = find("code");
  const code = digitsOf(field.value);
  if (isWhole(code) && field.value !== code) field.value = code; // drops the pasted text around it
  if (state.errors.code && code !== judged) state.errors.code = null;
  if (code) session.keepDraft(state.api.claims, { ...keptIf(code), kind: "code", code });
  else session.forgetDraft(state.api.claims);
  paint();
  if (isWhole(code) && code !== judged) submitCode();
}

function keptIf(code) {
  const kept = session.draft(state.api.claims);
  return kept?.code === code ? kept : {};
}
