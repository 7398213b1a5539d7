import { call, get } from "./api.js";
import { badge, button, draw, element, filled, find, onClick, onSubmit, say } from "./dom.js";

const SIZE = 50;
const TYPING_MS = 200;
let page = 0;

export async function refresh() {
  const text = find("search").value.trim();
  const found = await get(`users?per_page=${SIZE}&page=${page}&search=${encodeURIComponent(text)}`);
  if (find("search").value.trim() !== text) return; // typed on meanwhile
  if (page && !found.users.length) {
    page = 0;
    await refresh();
    return;
  }
  draw(find("user-list"), found.users, card);
  const end = found.start + found.users.length;
  find("user-range").textContent = found.total
    ? `${found.start + 1} to ${end} of ${found.total.toLocaleString("en")}`
    : text ? "No user matches." : "No users yet.";
  find("newer").disabled = page === 0;
  find("older").disabled = end >= found.total;
  find("newer").hidden = find("older").hidden = found.total <= SIZE;
}

function card(user) {
  const at = `users/${encodeURIComponent(user.user_id)}`;
  const blocked = user.blocked || user.locked_out;
  return element("li", { className: "card" },
    element("h3", {}, mailbox(user.email), " ",
      user.email_verified ? badge("verified", "good") : null,
      user.blocked ? badge("blocked", "bad") : null,
      user.locked_out ? badge("too many wrong passwords", "bad") : null),
    element("p", { className: "faint" }, `${user.user_id} · ${logins(user)}`),
    element("ul", { className: "parts" }, ...user.authenticators.map((one) => authenticator(one, user, at))),
    element("p", { className: "bar" },
      button(blocked ? "Unblock" : "Block", `${blocked ? "Unblock" : "Block"} ${user.email}`, async () => {
        await call("PATCH", at, { blocked: !blocked });
        await done(`${user.email} is ${blocked ? "not blocked any more" : "blocked"}`);
      }),
      button("Remove", `Remove ${user.email}`, async () => {
        await call("DELETE", at);
        await done(`${user.email} is removed`);
      }, "danger")));
}

const logins = ({ logins_count: count }) => (count ? `${count} ${count === 1 ? "login" : "logins"}` : "never logged in");

const mailbox = (to) => element("a", { href: `_phone?to=${encodeURIComponent(to)}` }, to);

function authenticator(one, user, at) {
  const name = { phone: "Phone", email: "E-mail", push: "Push", totp: "Authenticator app", "recovery-code": "Recovery code" }[one.type];
  const address = one.phone_number ?? one.email;
  const detail = address ? mailbox(address) : one.name ?? one.recovery_code ?? `code ${one.code}`;
  return element("li", {},
    element("span", {}, `${name} `, detail, " ",
      one.preferred ? `by ${one.preferred === "sms" ? "text" : "call"} ` : null,
      one.confirmed ? null : badge("pending", "warn")),
    button("Remove", `Remove ${name} ${one.id} of ${user.email}`, async () => {
      await call("DELETE", `${at}/authenticators/${one.id}`);
      await done(`${name} of ${user.email} is removed`);
    }, "small"));
}

async function done(text) {
  say(text);
  await refresh();
}

let typing;
find("search").addEventListener("input", () => {
  page = 0;
  clearTimeout(typing);
  typing = setTimeout(() => refresh().catch(() => {}), TYPING_MS);
});
onSubmit("user-search", refresh);
onSubmit("new-user", async (form) => {
  const { email } = await call("POST", "users", filled(form)).then(() => filled(form));
  form.reset();
  page = 0;
  await done(`${email} is added`);
});
onClick("newer", async () => { page -= 1; await refresh(); });
onClick("older", async () => { page += 1; await refresh(); });
onClick("clear-blocks", async () => {
  await call("DELETE", "blocks");
  await done("All wrong passwords are forgotten");
});
