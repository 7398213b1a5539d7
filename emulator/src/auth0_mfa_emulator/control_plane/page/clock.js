import { call, get } from "./api.js";
import { attempt, filled, find, onClick, onSubmit, say } from "./dom.js";

let frozen = false;

export async function refresh() {
  show(await get("clock"));
}

function show(clock) {
  frozen = clock.frozen;
  find("now").dateTime = clock.now;
  find("now").textContent = clock.now.slice(0, 19).replace("T", " ") + " UTC";
  find("pace").textContent = frozen ? "frozen" : pace(Math.round(clock.epoch_seconds - Date.now() / 1000));
  find("freeze").setAttribute("aria-pressed", frozen);
}

function pace(ahead) {
  if (Math.abs(ahead) <= 1) return "real time";
  const size = Math.abs(ahead);
  const [unit, seconds] = [["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]].find(([, one]) => size >= one);
  const count = Math.round((size / seconds) * 10) / 10;
  return `${count.toLocaleString("en")} ${unit}${count === 1 ? "" : "s"} ${ahead > 0 ? "ahead of" : "behind"} real time`;
}

async function change(body) {
  show(await call("POST", "clock", body));
  say(`It is ${find("now").textContent}, ${find("pace").textContent}`);
}

for (const button of document.querySelectorAll("[data-advance]")) {
  button.addEventListener("click", () => attempt(() => change({ advance_seconds: Number(button.dataset.advance) })));
}
onClick("freeze", () => change({ frozen: !frozen }));
onClick("real-time", () => change({ set: Date.now() / 1000, frozen: false }));
onSubmit("set-clock", (form) => change(filled(form)));
