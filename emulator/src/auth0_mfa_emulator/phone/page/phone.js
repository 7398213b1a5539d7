"use strict";

const KINDS = { sms: "SMS", voice: "Call", email: "E-mail", push: "Push" };
const SHOWN = 500; // maximum messages on the page; the oldest are removed
const TYPING_MS = 300;
const AGAIN_MS = 2000;

const find = (id) => document.getElementById(id);
const phones = new Map(); // "holder recipient" -> card
const messages = new Map(); // id -> {item, message}

function cardOf(message) {
  const name = message.to.includes("@") ? message.to.toLowerCase() : message.to;
  const key = `${message.holder} ${name}`;
  if (!phones.has(key)) {
    const card = find("phone").content.firstElementChild.cloneNode(true);
    const strange = message.holder === "stranger";
    card.dataset.to = name;
    card.dataset.holder = message.holder;
    card.setAttribute("aria-label", strange ? `${name}, held by a stranger` : name);
    card.classList.toggle("strange", strange);
    card.querySelector("h2").textContent = name;
    card.querySelector(".stranger").hidden = !strange;
    phones.set(key, card);
  }
  return phones.get(key);
}

function show(message, fresh) {
  const known = messages.get(message.id);
  if (known) {
    known.message = message;
    fillChoice(known.item, message);
    return;
  }
  const item = find("message").content.firstElementChild.cloneNode(true);
  fill(item, message);
  item.classList.toggle("fresh", fresh);
  messages.set(message.id, { item, message });
  const card = cardOf(message);
  const older = [...card.querySelectorAll("li")].find((other) => other.dataset.at <= message.delivered_at);
  card.querySelector("ol").insertBefore(item, older ?? null);
  // Moving a card would drop the focus inside it.
  if (!card.isConnected || (fresh && !card.contains(document.activeElement))) find("phones").prepend(card);
  forgetOldest();
  filter();
  if (fresh && !card.hidden) say(`${KINDS[message.channel] ?? message.channel} to ${message.to}: ${message.text}`);
}

function fill(item, message) {
  const part = (name) => item.querySelector(name);
  item.dataset.at = message.delivered_at;
  item.dataset.channel = message.channel;
  part("use").setAttribute("href", `#${message.channel}`);
  part(".kind").textContent = KINDS[message.channel] ?? message.channel;
  part("time").dateTime = message.delivered_at;
  part("time").title = message.delivered_at;
  part("time").textContent = new Date(message.delivered_at).toLocaleTimeString();
  part(".text").append(...(message.channel === "voice" ? [`“${message.text}”`] : linked(message)));
  part(".sender").hidden = !message.from;
  part(".sender").textContent = message.from ? `From ${message.from}` : "";
  part(".subject").hidden = !message.subject;
  part(".subject").textContent = message.subject ?? "";
  part(".code").hidden = !message.code;
  part("output").textContent = message.code ?? "";
  part(".copy").setAttribute("aria-label", `Copy the code ${message.code}`);
  part(".copy").addEventListener("click", (click) => copy(click.currentTarget, message.code));
  part(".approve").addEventListener("click", () => decide(item, message.id, "approve"));
  part(".deny").addEventListener("click", () => decide(item, message.id, "deny"));
  fillChoice(item, message);
}

// The text, with its links as links. A text node is never parsed, so nothing in it can be anything else.
function linked({ text, links }) {
  const parts = [];
  let rest = text;
  for (const link of links) {
    const start = rest.indexOf(link);
    if (start < 0 || !/^https?:\/\//i.test(link)) continue;
    const anchor = document.createElement("a");
    anchor.href = link;
    anchor.rel = "noopener noreferrer";
    anchor.target = "_blank";
    anchor.textContent = link;
    parts.push(rest.slice(0, start), anchor);
    rest = rest.slice(start + link.length);
  }
  return [...parts, rest];
}

function fillChoice(item, message) {
  if (!message.decision) return;
  const pending = message.decision === "pending";
  item.querySelector(".choice").hidden = !pending;
  if (!pending) conclude(item, message.decision, message.decision === "approved" ? "Approved" : "Denied");
}

function conclude(item, kind, text) {
  const result = item.querySelector(".result");
  result.className = `result ${kind}`;
  result.hidden = false;
  result.textContent = text;
}

async function decide(item, id, verb) {
  const buttons = item.querySelectorAll(".choice button");
  buttons.forEach((button) => { button.disabled = true; });
  try {
    const answer = await fetch(`_control/messages/${encodeURIComponent(id)}/${verb}`, { method: "POST" });
    const body = await answer.json();
    if (!answer.ok) throw new Error(body.error);
    show(body, false);
  } catch (problem) {
    conclude(item, "failed", problem.message);
  } finally {
    buttons.forEach((button) => { button.disabled = false; });
  }
}

async function copy(button, text) {
  const done = (await copied(text)) ? "Copied" : "Copy failed";
  button.textContent = done;
  say(done);
  setTimeout(() => { button.textContent = "Copy"; }, 2000);
}

async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copiedByHand(text);
  }
}

// Browsers expose the clipboard API only to pages on https and localhost.
function copiedByHand(text) {
  const field = document.createElement("textarea");
  const focused = document.activeElement;
  field.value = text;
  field.className = "unseen";
  document.body.append(field);
  field.select();
  const done = document.execCommand("copy");
  field.remove();
  focused?.focus();
  return done;
}

function forgetOldest() {
  while (messages.size > SHOWN) {
    const [id, { item }] = messages.entries().next().value;
    const card = item.closest(".phone");
    item.remove();
    messages.delete(id);
    if (!card.querySelector("li")) {
      card.remove();
      phones.delete(`${card.dataset.holder} ${card.dataset.to}`);
    }
  }
}

function forgetAll() {
  phones.clear();
  messages.clear();
  find("phones").replaceChildren();
  filter();
}

const wanted = () => find("to").value.trim().toLowerCase();

function filter() {
  const text = wanted();
  let shown = 0;
  for (const card of phones.values()) {
    card.hidden = !card.dataset.to.includes(text);
    shown += card.hidden ? 0 : 1;
  }
  find("empty").hidden = shown > 0;
}

// The stream starts with the newest messages overall; a recipient's older ones are fetched separately.
async function fetchWanted() {
  const text = wanted();
  if (!/^\+?[0-9]{7,15}$|^[^@\s]+@[^@\s]+$/.test(text)) return;
  const answer = await fetch(`_control/messages?holder=any&to=${encodeURIComponent(text)}`);
  if (!answer.ok) return;
  for (const message of (await answer.json()).slice(-SHOWN)) show(message, false);
}

let typing;
function typed() {
  filter();
  clearTimeout(typing);
  typing = setTimeout(() => {
    const text = find("to").value.trim();
    history.replaceState(null, "", text ? `?to=${encodeURIComponent(text)}` : location.pathname);
    fetchWanted().catch(() => {});
  }, TYPING_MS);
}

function say(text) {
  find("spoken").textContent = text;
}

function connection(state) {
  find("state").dataset.state = state;
  find("state").textContent = state;
}

function listen() {
  let ready = false;
  const stream = new EventSource("_control/messages/stream");
  stream.addEventListener("message", (event) => show(JSON.parse(event.data), ready));
  stream.addEventListener("ready", () => {
    ready = true;
    connection("live");
  });
  stream.addEventListener("reset", () => {
    ready = false;
    forgetAll();
  });
  stream.addEventListener("error", () => {
    connection("reconnecting");
    // Browsers stop reconnecting for good when the response is not a stream.
    if (stream.readyState === EventSource.CLOSED) setTimeout(startAgain, AGAIN_MS);
  });
}

function startAgain() {
  forgetAll();
  listen();
}

function example() {
  const here = new URL(".", location.href).href.replace(/\/$/, "");
  return [
    `curl ${here}/_control/users -d '{"email":"ada@example.com","password":"pw"}'`,
    `curl ${here}/oauth/token -d grant_type=password -d username=ada@example.com -d password=pw \\`,
    "  -d client_id=emulator-client -d client_secret=emulator-secret",
    "MFA_TOKEN='Fe26.2*...'   # the mfa_token from the last response",
    `curl ${here}/mfa/associate -H "Authorization: Bearer $MFA_TOKEN" -H 'Content-Type: application/json' \\`,
    `  -d '{"authenticator_types":["oob"],"oob_channels":["sms"],"phone_number":"+15555550100"}'`,
  ].join("\n");
}

find("example").textContent = example();
find("to").value = (new URLSearchParams(location.search).get("to") ?? "").trim().replace(/^(?=[0-9]+$)/, "+");
find("to").addEventListener("input", typed);
find("filter").addEventListener("submit", (event) => event.preventDefault());
filter();
fetchWanted().catch(() => {});
listen();
