// Starts the page and wires its controls.

import { FlowClient } from "../client/index.js";
import { awaitNextCode, checkCode, checkRecovery, submitCode, submitRecovery, typed } from "./codes.js";
import { countryChosen, showCountries } from "./countries.js";
import { connection, listen, refused, take } from "./flow.js";
import { leaveForm, openForm, showForm } from "./forms.js";
import { logIn } from "./login.js";
import { copy, download, finish, over, saved } from "./recovery.js";
import { changeNumber, numberTaken, resend, switchChannel } from "./resend.js";
import { stay } from "./return.js";
import * as session from "./session.js";
import { find, translate } from "./render.js";
import { listenForSms, stopListeningForSms } from "./webotp.js";
import { fresh, paint, state } from "./state.js";
import * as texts from "./i18n.js";
import { tick } from "./countdown.js";

function begin() {
  stopListeningForSms();
  state.stream?.stop();
  stay();
  const login = session.loginResult();
  const found = session.readUrl(state.api?.claims.flow);
  const flow = found?.flow ?? session.flowInUrl();
  const again = found?.token && state.api?.claims.run === found.run && !state.over; // new token for the same run: keep the screen
  if (!again) {
    Object.assign(state, fresh());
    for (const id of ["code", "number", "recovery"]) find(id).value = "";
    find("saved-code").replaceChildren();
    find("saved-check").checked = false;
    translate(); // resets button labels left from the previous code
  }
  state.waiting?.retryNow(); // pending retries see the new token and stop
  if (state.view?.phase === "done" && !state.recovery) state.view = null;
  Object.assign(state, { stop: null, form: history.state?.form ?? null, checking: false, busy: null });
  Object.assign(state, { login, invitation: session.linkOf(flow) });
  if (!found && !state.invitation && !login) state.stop = session.atUnknownPath() ? "nowhere" : "missing";
  else if (found?.over) Object.assign(state, { over: found.over, spent: found.spent, back: found.back });
  if (!found?.token) {
    state.api = null;
    paint();
    return;
  }
  const onConnection = (now) => {
    if (now === "live") session.accepted(found);
    connection(now);
  };
  state.api = new FlowClient(location.origin, found.token);
  state.stream = state.api.follow({ onView: take, onProblem: refused, onConnection });
  paint();
  restore();
}

// After a reload: restores what was typed, and resubmits a code that has no verdict yet.
async function restore() {
  const kept = session.draft(state.api.claims);
  if (!kept?.code) return;
  find(kept.kind).value = kept.code;
  if (!kept.id) return;
  if (kept.kind === "code") await checkCode(kept);
  else await checkRecovery(kept);
}

function onView(view, old) {
  if (old && view.phone_number !== old.phone_number) numberTaken(); // even if the response to the form was lost
  if (old?.message > 0 && view.message > old.message) awaitNextCode();
  if (view.phase === "done") {
    stopListeningForSms();
    finish(view.outcome);
  } else listenForSms();
}

// Continues with another token of this flow, if the browser has one.
function useOtherToken() {
  const known = session.dropToken(state.api.claims);
  if (known) begin();
  return known;
}

// Handles updates from other tabs. A token is used if it is newer than this tab's, or this tab's was refused, but
// never while an unsaved recovery code is shown.
function otherTabChanged(entry) {
  const { api, recovery, stop, view } = state;
  if (entry.flow !== api?.claims.flow) return;
  if (entry.over && entry.run === api.claims.run && view?.phase === "done") over(entry.over, entry.spent);
  else if (entry.token && !recovery && (stop || entry.iat > api.claims.iat)) useOtherToken();
  paint();
}

async function speak(language) {
  await texts.load(language);
  translate();
  showCountries();
  find("language").value = language;
}

async function chooseLanguage() {
  const address = new URL(location.href);
  address.searchParams.set("lang", find("language").value);
  await speak(find("language").value);
  history.replaceState(history.state, "", address);
  paint();
}

function submitOn(id, act) {
  find(id).addEventListener("submit", (event) => {
    event.preventDefault();
    act();
  });
}

function wire() {
  submitOn("code-form", submitCode);
  submitOn("number-form", changeNumber);
  submitOn("recovery-form", submitRecovery);
  submitOn("saved-form", saved);
  find("code").addEventListener("input", typed);
  for (const id of ["number", "recovery"]) {
    find(id).addEventListener("input", () => {
      state.errors[id] = null;
      session.keepTyped(state.api.claims, { kind: id, code: find(id).value });
      paint();
    });
  }
  find("country").addEventListener("change", () => {
    state.errors.number = null;
    countryChosen();
    paint();
  });
  find("resend").addEventListener("click", resend);
  find("switch").addEventListener("click", switchChannel);
  find("to-number").addEventListener("click", () => openForm("number"));
  find("to-recovery").addEventListener("click", () => openForm("recovery"));
  find("login-start").addEventListener("click", () => logIn(state.login === "other-user"));
  for (const button of document.querySelectorAll(".back")) button.addEventListener("click", leaveForm);
  find("saved-copy").addEventListener("click", copy);
  find("saved-download").addEventListener("click", download);
  find("language").addEventListener("change", chooseLanguage);
  window.addEventListener("popstate", () => showForm(history.state?.form ?? null));
  window.addEventListener("hashchange", () => {
    if (/token=|invitation=|login=/.test(location.hash) || new URLSearchParams(location.hash.slice(1)).get("flow") !== state.api?.claims.flow) begin();
  });
  window.addEventListener("online", () => {
    if (state.stream?.running) state.stream.retryNow();
    else connection("live");
  });
  window.addEventListener("offline", () => {
    if (state.stream?.running) state.stream.start(); // open connections are dead: do not wait for them
    connection("lost");
  });
  window.addEventListener("pageshow", ({ persisted }) => persisted && begin());
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) state.stream?.retryNow();
    tick();
  });
  listen({ view: onView, refused: useOtherToken });
  session.onOtherTab(otherTabChanged);
  setInterval(tick, 1000);
  setInterval(session.sweep, 60_000); // removes codes once they are of no use
}

function showLogo() {
  find("logo").src = "/assets/logo";
  find("logo").hidden = false;
  find("brand-icon").toggleAttribute("hidden", true);
}

async function start() {
  wire();
  try {
    const answer = await fetch("/assets/config.json");
    Object.assign(state.config, await answer.json());
    const { languages } = state.config;
    const options = languages.map((name) => new Option(texts.nameOf(name), name));
    for (const option of options) option.lang = option.value;
    find("language").replaceChildren(...options);
    await speak(texts.choose(texts.wanted(), languages));
    for (const name of ["language", "language-label"]) find(name).hidden = languages.length < 2;
    if (state.config.logo) showLogo();
  } catch {
    find("unloaded").hidden = false;
    find("loading").hidden = true;
    return;
  }
  begin();
}

start();
