"use strict";

const find = (id) => document.getElementById(id);

async function call(method, body) {
  const headers = body ? { "Content-Type": "application/json" } : {};
  const answer = await fetch("session", { method, headers, body: body && JSON.stringify(body) });
  return { status: answer.status, said: await answer.json() };
}

function show(signedIn, sentence, bad = false) {
  find("sign-in").hidden = signedIn;
  find("signed-in").hidden = !signedIn;
  find("state").textContent = sentence;
  find("state").classList.toggle("bad", bad);
  if (!signedIn) find("token").focus();
}

async function signIn(token) {
  const { status, said } = await call("POST", { token });
  if (status === 200) show(true, "This browser is signed in.");
  else show(false, status === 401 ? "Wrong token." : said.message, true);
}

function plain(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // not encoded: the percent sign is part of the token
  }
}

async function begin() {
  const token = /^#token=(.+)$/.exec(location.hash)?.[1];
  if (location.hash) history.replaceState(null, "", location.pathname);
  if (token) return signIn(plain(token));
  const { said } = await call("GET");
  return show(said.signed_in, said.signed_in ? "This browser is signed in." : "");
}

function unreachable() {
  show(false, "The codec server is not responding.", true);
}

function tell() {
  const ui = new URL(find("ui").href);
  find("endpoint").textContent = location.origin + location.pathname.replace(/\/$/, "");
  if (ui.hostname === location.hostname) return;
  const here = new URL(location.pathname, location.origin);
  here.hostname = ui.hostname;
  find("same-host").href = here.href;
  find("same-host").textContent = here.href;
  find("hosts").hidden = false;
}

find("sign-in").addEventListener("submit", (event) => {
  event.preventDefault();
  const token = find("token").value.trim();
  find("token").value = "";
  signIn(token).catch(unreachable);
});
find("sign-out").addEventListener("click", () => {
  call("DELETE").then(() => show(false, "This browser is signed out.")).catch(unreachable);
});
addEventListener("hashchange", () => begin().catch(unreachable));
tell();
begin().catch(unreachable);
