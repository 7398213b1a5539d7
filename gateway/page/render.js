// Renders the state of `state.js` to the document. Contains no flow logic.

import { now } from "../client/index.js";
import { clock, fill, has, text, time } from "./i18n.js";
import { asksForLogin, mayLogIn } from "./login_state.js";
import { placeOf, returnUrl } from "./return.js";

/** @type {(id: string) => any} an element, of whatever kind it is */
export const find = (id) => document.getElementById(id);
const SCREENS = ["loading", "login", "code", "number", "recovery", "saved", "end"];
const KIND = location.pathname.startsWith("/verify") ? "challenge" : "enrollment"; // until the first view is known
const SPOKEN_MS = 10_000; // then the live region is cleared, so that it shows nothing outdated
const SOON_MS = 60_000; // a code that expires this soon is highlighted

export const lives = (view) => Boolean(view.code_expires_at) && Date.parse(view.code_expires_at) > now();
export const reached = (outcome) => outcome === "enrolled" || outcome === "verified";

// Whether the flow has a message left, if only once the user's own budget allows one again.
const mayHaveMore = (view) => view.sends_left > 0 || Boolean(view.resend_allowed_at);

// When a message can be requested: a time (0 for now), or null if none is left.
export function resendAt(view) {
  if (view.allowed_actions.includes("resend_code")) return 0; // regardless of the local clock
  return view.resend_allowed_at ? Date.parse(view.resend_allowed_at) : null;
}

export function screenOf(state) {
  const { view } = state;
  if (asksForLogin(state)) return "login";
  if (state.stop || state.over) return "end";
  if (!view) return "loading";
  if (view.phase === "done") return state.recovery ? "saved" : "loading"; // until the recovery code is known
  if (view.phase === "waiting_for_token") return "end";
  if (state.form === "number" && view.kind === "enrollment" && mayHaveMore(view)) return "number";
  if (state.form === "recovery" && view.kind === "challenge") return "recovery";
  return "code";
}

export function translate() {
  /** @type {NodeListOf<HTMLElement>} */
  const elements = document.querySelectorAll("[data-text]");
  for (const element of elements) element.textContent = text(element.dataset.text);
  find("loading-title").textContent = text(`title.${KIND}`);
}

let before = "loading";

// Renders the state, and moves the focus when the screen changes.
export function show(state) {
  const screen = screenOf(state);
  for (const name of SCREENS) find(`screen-${name}`).hidden = name !== screen;
  find("card").setAttribute("aria-busy", String(screen === "loading"));
  const painters = { login: showLogin, code: showCode, number: showNumber, recovery: showRecovery, saved: showSaved, end: showEnd };
  painters[screen]?.(state);
  showNotice(state);
  showNet(state);
  showLink("help", state.config.help_url, "link.help");
  showLink("privacy", state.config.privacy_url, "link.privacy");
  find("brand").textContent = brandOf(state);
  document.title = titleOf(screen, state);
  if (screen !== before) {
    before = screen;
    focusOn(screen);
  }
}

function focusOn(screen) {
  const section = find(`screen-${screen}`);
  (section.querySelector("form input:not([type=checkbox])") ?? section.querySelector("h1")).focus();
}

// Who asks, by the settings or the texts.
export const brandOf = ({ config }) => config.company ?? text("brand");

function titleOf(screen, state) {
  const { view } = state;
  const heading = find(`screen-${screen}`).querySelector("h1").textContent;
  return [heading || text(`title.${view?.kind ?? KIND}`), brandOf(state)].filter(Boolean).join(" · ");
}

// "•••• 0123" on screen, "the number ending in 0123" for screen readers.
function numberElement(number) {
  const digits = number.slice(-4);
  const [whole, eye, ear] = ["strong", "bdi", "span"].map((name) => document.createElement(name));
  eye.dir = "ltr";
  eye.textContent = `•••• ${digits}`;
  eye.setAttribute("aria-hidden", "true");
  ear.className = "unseen";
  ear.textContent = text("number.ending", { digits });
  whole.append(eye, ear);
  return whole;
}

// Why a flow waits: a reason's sentence precedes the text of the phase, a reason's own text replaces it.
// A reason with neither, such as one from a newer server, leaves the text of the phase.
function whyOf({ wait }) {
  const why = text(`wait.${wait?.reason}`);
  return why && `${why} `;
}

function ownOr({ wait }, part, otherwise) {
  const own = `wait.${wait?.reason}.${part}`;
  return has(own) ? own : otherwise;
}

const leadOf = (view, pass) => ownOr(view, "text", phaseOf(view, pass));

// Returns the text key of the phase. The page cannot continue by itself once its flow token has expired.
function phaseOf(view, { exp }) {
  if (view.phase === "waiting_for_token") return "phase.waiting_for_token.text";
  if (view.phase === "cooling_down") return Date.parse(view.retry_at) < exp * 1000 ? "phase.cooling_down" : "phase.cooling_down.closed";
  if (view.phase === "waiting_for_code" && !lives(view)) return mayHaveMore(view) ? "phase.waiting_for_code.ended" : "phase.waiting_for_code.last";
  const way = view.phone_number && view.channel ? view.channel : "none";
  return view.phase === "sending_code" ? `phase.sending_code.${way}` : `phase.waiting_for_code.${way}`;
}

const retryTime = ({ retry_at: at }) => (at ? time(Date.parse(at)) : "");

export function leadText(view, pass) {
  const number = text("number.ending", { digits: view.phone_number.slice(-4) });
  return whyOf(view) + text(leadOf(view, pass), { number, time: retryTime(view) });
}

function showCode(state) {
  const { api, view } = state;
  find("code-title").textContent = text(view.proving_current_phone ? "title.proving" : `title.${view.kind}`);
  const lead = find("code-lead");
  const said = leadText(view, api.claims);
  if (lead.dataset.said !== said) {
    lead.dataset.said = said;
    fill(lead, leadOf(view, api.claims), { number: numberElement(view.phone_number), time: retryTime(view) });
    lead.prepend(whyOf(view));
  }
  lead.classList.toggle("working", view.phase === "sending_code");
  showLink("code-link", phaseOf(view, api.claims) === "phase.cooling_down.closed" && state.config.return_url, "link.back");
  showError("code", state.errors.code);
  showWorking(find("code-submit"), state.checking, text(state.checking ? "code.checking" : "code.submit"));
  find("code-tries").textContent = text("code.tries", { count: view.tries_left });
  find("to-number-item").hidden = view.kind !== "enrollment" || !mayHaveMore(view) || view.proving_current_phone;
  find("to-recovery-item").hidden = view.kind !== "challenge";
  const voice = view.channel === "voice";
  find("switch-text").textContent = text(voice ? "more.text" : "more.call");
  find("switch-icon").setAttribute("href", voice ? "#icon-message" : "#icon-call");
  // Without a valid code there is nothing to type, and the only useful action is to request another one.
  const idle = ["waiting_for_code", "cooling_down"].includes(view.phase) && !lives(view) && !state.checking;
  const ended = idle && view.phase === "waiting_for_code";
  const form = find("code-form");
  const focused = document.activeElement;
  const away = idle && !find("code").value; // keep typed text visible
  const moved = form.hidden !== away && (form.contains(focused) || [find("resend"), find("code-title"), document.body].includes(focused));
  form.hidden = away;
  find("code-submit").hidden = idle;
  find("screen-code").classList.toggle("ended", away);
  if (moved) find(!away ? "code" : ended ? "resend" : "code-title").focus();
  find("more-title").hidden = idle;
  const none = !mayHaveMore(view) || view.phase === "cooling_down"; // the pending message is sent automatically
  for (const id of ["resend", "switch"]) find(id).parentElement.hidden = none;
  if (none && ["resend", "switch"].includes(focused?.id)) find(away ? "code-title" : "code").focus();
  find("resend").classList.toggle("primary", ended);
  for (const id of ["resend", "switch"]) find(id).setAttribute("aria-busy", String(state.busy === id));
  showClocks(state);
}

// Updates the countdowns. None of them is in a live region: `countdown.js` makes the announcements.
export function showClocks(state) {
  const { view } = state;
  if (screenOf(state) === "code") {
    const left = lives(view) ? Date.parse(view.code_expires_at) - now() : 0;
    const ended = view.message > 0 && view.phase === "waiting_for_code" && !left;
    find("code-clock").textContent = left ? text("code.clock", { time: clock(left) }) : ended ? text("code.ended") : "";
    find("code-clock").classList.toggle("soon", ended || (left > 0 && left < SOON_MS));
    const at = resendAt(view);
    const wait = view.phase === "cooling_down" ? "" : at === null ? text("more.none") : at > now() ? text("more.wait", { time: clock(at - now()) }) : "";
    find("more-wait").textContent = wait;
    const idle = view.phase === "waiting_for_code" && at !== null && at <= now() && !state.busy;
    for (const id of ["resend", "switch"]) find(id).setAttribute("aria-disabled", String(!idle));
  }
}

function showNumber(state) {
  showError("number", state.errors.number);
  const button = find("number-form").querySelector("[type=submit]");
  showWorking(button, state.busy === "number", text("number.submit"));
}

function showRecovery(state) {
  showError("recovery", state.errors.recovery);
  showWorking(find("recovery-submit"), state.checking, text(state.checking ? "code.checking" : "code.submit"));
}

function showSaved(state) {
  find("saved-lead").textContent = text(state.view.kind === "challenge" ? "saved.replaced" : "saved.text");
  const groups = state.recovery.match(/.{1,4}/g) ?? []; // `begin` removes the previous code before a new one
  const place = find("saved-code");
  if (place.childElementCount !== groups.length) {
    const spans = groups.map((group) => Object.assign(document.createElement("span"), { textContent: group }));
    place.replaceChildren(...spans.flatMap((span) => [span, " "]));
  }
  showError("saved", state.errors.saved, find("saved-check"));
}

function endOf({ stop, over, view }, part) {
  if (stop) return `stop.${stop}.${part}`;
  if (over) return `outcome.${over}.${part}`;
  return ownOr(view, part, `phase.waiting_for_token.${part}`);
}

// A name in a text, whose writing direction does not depend on the text around it.
const named = (words) => Object.assign(document.createElement("bdi"), { textContent: words });

// Why somebody asks for the phone, if the settings say who does.
function showWhy(company, app) {
  const place = find("login-why");
  if (!company) place.replaceChildren();
  else if (app) fill(place, "login.why.app", { company: named(company), app: named(app) });
  else fill(place, "login.why", { company: named(company) });
}

function showLogin(state) {
  const { busy, config, login, view } = state;
  const own = login && `login.${login}`;
  const again = view ? ownOr(view, "title", "phase.waiting_for_token.title") : "login.title";
  const why = view ? ownOr(view, "text", "phase.waiting_for_token.text") : "login.text";
  find("login-title").textContent = text(own && has(`${own}.title`) ? `${own}.title` : again);
  find("login-text").textContent = own ? "" : text(why);
  showWhy(!view && !own && config.company, config.app);
  const failed = own ? text(has(`${own}.text`) ? `${own}.text` : "login.failed.text") : "";
  if (find("login-error").textContent !== failed) find("login-error").textContent = failed;
  find("login-start").hidden = !mayLogIn(state);
  const label = login === "other-user" ? "login.other" : view || login ? "link.login" : "login.start";
  showWorking(find("login-start"), busy === "login", text(label));
  showLink("login-link", !mayLogIn(state) && state.config.return_url, "link.back");
}

function showEnd(state) {
  const good = !state.stop && reached(state.over);
  const tone = good ? "good" : state.stop === "failed" || ["locked_out", "undeliverable"].includes(state.over) ? "bad" : "info";
  find("screen-end").dataset.tone = tone;
  find("end-icon").setAttribute("href", `#icon-${tone}`);
  find("end-title").textContent = text(endOf(state, "title"));
  showEndText(state);
  const address = returnUrl(state);
  const place = address && placeOf(address, state);
  showLink("end-link", address, `link.${linkOf(state)}`, { place: named(place) });
  find("end-close").hidden = Boolean(address) || !good;
  if (state.config.app) fill(find("end-close"), "close.app", { app: named(state.config.app) });
  find("end-return").hidden = !(good && state.back && state.api);
  fill(find("end-return"), "return.soon", { place: named(place) });
}

// The phone that the end is about, and the part of the outcome's text that tells it. Unknown after a reload, as no number
// stays in the browser.
function phoneAtEnd({ over, view }) {
  if (over === "already_enrolled") return { number: view?.enrolled_phone, part: "known" };
  return reached(over) ? { number: view?.phone_number, part: view?.channel } : {};
}

// What was enrolled or used, as far as it is known, and what became of a recovery code that was used.
function showEndText(state) {
  const { over, stop, spent } = state;
  const { number, part } = phoneAtEnd(state);
  const place = find("end-text");
  if (!stop && over === "verified" && spent) place.textContent = text("outcome.verified.spent");
  else if (!stop && number && part) fill(place, `outcome.${over}.${part}`, { number: numberElement(number) });
  else place.textContent = text(endOf(state, "text"));
}

// Shows a link, or hides it if there is nowhere to go.
function showLink(id, address, label, values) {
  const link = find(id);
  link.hidden = !address;
  if (address) link.href = address;
  else link.removeAttribute("href");
  const words = document.createElement("span"); // of one piece, as the parts of a flex container are laid out apart
  fill(words, label, values);
  link.replaceChildren(words);
}

function linkOf({ stop, over }) {
  if (stop || over === "superseded") return "back";
  if (!over) return "login";
  if (over === "already_enrolled") return "login";
  return reached(over) ? "continue" : "again";
}

function showError(id, message, field = find(id)) {
  const place = find(`${id}-error`);
  const said = message ? text(message.key, message.values) : "";
  if (place.textContent !== said) place.textContent = said;
  if (said) field.setAttribute("aria-invalid", "true");
  else field.removeAttribute("aria-invalid");
}

function showWorking(button, working, label) {
  button.setAttribute("aria-busy", String(working));
  button.setAttribute("aria-disabled", String(working));
  if (button.textContent !== label) button.textContent = label;
}

// A wait takes precedence over the last notice; while offline, the connection status already covers it.
function noticeOf(state) {
  if (state.net !== "offline" && state.waiting) return { key: "problem.waiting", tone: "bad" };
  if (state.net !== "offline" && state.slow) return { key: "problem.slow", tone: "info" };
  return state.notice;
}

function showNotice(state) {
  const place = find("notice");
  const notice = noticeOf(state);
  const said = notice ? `${notice.key} ${notice.serial} ${document.documentElement.lang}` : "";
  place.dataset.tone = notice?.tone ?? "info";
  if ((place.dataset.said ?? "") === said) return;
  place.dataset.said = said;
  place.replaceChildren();
  if (!notice) return;
  const words = text(has(notice.key) ? notice.key : "problem.other", notice.values);
  place.append(Object.assign(document.createElement("span"), { textContent: words }));
  if (notice.key === "problem.waiting") place.append(" ", retryButton(state, () => state.waiting?.retryNow()));
}

function retryButton(state, retry) {
  const button = Object.assign(document.createElement("button"), { type: "button", textContent: text("retry.now") });
  button.addEventListener("click", () => {
    focusOn(screenOf(state)); // the button disappears
    retry();
  });
  return button;
}

function showNet(state) {
  const { net, stop, over, recovery } = state;
  const said = stop || over || recovery || net === "live" ? "" : text(`net.${net}`); // final screens need no network
  const place = find("net");
  place.dataset.tone = net === "back" ? "good" : "warn";
  if ((place.dataset.said ?? "") === said) return;
  place.dataset.said = place.textContent = said;
  if (said && net === "lost") place.append(" ", retryButton(state, () => state.stream?.retryNow()));
}

let hush = null;

export function announce(words) {
  const place = find("spoken");
  place.textContent = place.textContent === words ? `${words} ` : words; // so that repeated text is announced again
  clearTimeout(hush);
  hush = setTimeout(() => place.replaceChildren(), SPOKEN_MS);
}
