// Shows the section that the address names, and keeps it up to date.

import * as applications from "./applications.js";
import * as clock from "./clock.js";
import { attempt, find } from "./dom.js";
import * as faults from "./faults.js";
import * as logs from "./logs.js";
import * as requests from "./requests.js";
import * as settings from "./settings.js";
import * as users from "./users.js";

const EVERY_MS = 1000;
const SECTIONS = { users, settings, clock, faults, requests, applications, logs };

const wanted = () => (location.hash.slice(1) in SECTIONS ? location.hash.slice(1) : "users");

function show() {
  for (const link of find("sections").children) {
    const name = link.hash.slice(1);
    find(`${name}-section`).hidden = name !== wanted();
    if (name === wanted()) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  find("problem").hidden = true;
  scrollTo(0, 0);
}

async function refresh() {
  let state = "live";
  try {
    await SECTIONS[wanted()].refresh();
  } catch {
    state = "reconnecting";
  }
  if (find("state").dataset.state === state) return;
  find("state").dataset.state = state;
  find("state").textContent = state;
}

async function keepUp() {
  if (!document.hidden) await refresh();
  setTimeout(keepUp, EVERY_MS);
}

addEventListener("hashchange", () => {
  show();
  attempt(refresh);
  find(`${wanted()}-title`).focus();
});
show();
keepUp();
