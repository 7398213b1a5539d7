import { call, get } from "./api.js";
import { badge, draw, element, filled, find, onClick, onSubmit, say } from "./dom.js";

export async function refresh() {
  draw(find("fault-list"), await get("faults"), (order) => card(order, `${order.method} ${order.path}`, order.left));
  draw(find("message-fault-list"), await get("message-faults"), (order) =>
    card(order, `${order.channel ?? "any channel"} to ${order.to ?? "anybody"}`, order.times));
}

function card(order, target, left) {
  const { method, path, kind, channel, to, times, struck, left: _, ...details } = order;
  const given = Object.entries(details).filter(([name, value]) => applies(name, kind) && worthShowing(name, value));
  return element("li", { className: "card" },
    element("h4", {}, kind, " ", badge(left === null ? "until cleared" : `${left} left`)),
    element("p", {}, target),
    given.length ? element("p", { className: "faint" }, given.map(([name, value]) => `${name}: ${text(value)}`).join(" · ")) : null);
}

const OF = { status: ["status"], body: ["status"], headers: ["status"], seconds: ["delay", "slow_body"], code: ["fail"] };
const QUIET = { probability: 1, seed: 0 };

const applies = (name, kind) => !OF[name] || OF[name].includes(kind);
const worthShowing = (name, value) => value !== null && value !== QUIET[name] && text(value) !== "{}";
const text = (value) => (typeof value === "string" ? value : JSON.stringify(value));

function fit(form) {
  for (const label of form.querySelectorAll("[data-of]")) {
    label.hidden = !label.dataset.of.split(" ").includes(form.elements.kind.value);
    label.querySelector("input").disabled = label.hidden;
  }
}

function ordered(form) {
  const order = filled(form);
  return "times" in order ? order : { ...order, times: null };
}

function parsed(body) {
  try {
    return JSON.parse(body);
  } catch {
    return body;
  }
}

async function done(sentence) {
  say(sentence);
  await refresh();
}

for (const id of ["new-fault", "new-message-fault"]) {
  find(id).addEventListener("change", () => fit(find(id)));
  fit(find(id));
}
onSubmit("new-fault", async (form) => {
  const order = ordered(form);
  await call("POST", "faults", "body" in order ? { ...order, body: parsed(order.body) } : order);
  await done("The fault is ordered");
});
onSubmit("new-message-fault", async (form) => {
  await call("POST", "message-faults", ordered(form));
  await done("The fault is ordered");
});
onClick("clear-faults", async () => {
  await call("DELETE", "faults");
  await done("Faults of calls are cleared");
});
onClick("clear-message-faults", async () => {
  await call("DELETE", "message-faults");
  await done("Faults of messages are cleared");
});
