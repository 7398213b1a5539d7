import { get } from "./api.js";
import { badge, draw, element, find } from "./dom.js";

const SHOWN = 100;

export async function refresh() {
  const lines = (await get(`logs?last=${SHOWN}`)).reverse();
  draw(find("log-list"), lines, card);
  find("log-none").hidden = lines.length > 0;
}

function card({ date, type, description, client_id: client, user_id: id, user_name: user, details }) {
  const more = Object.entries(details).map(([name, value]) => `${name}: ${value}`);
  return element("li", { className: "card" },
    element("h3", {}, description, " ", badge(type)),
    element("p", { className: "faint" },
      element("time", { dateTime: date }, date.slice(0, 19).replace("T", " ")), " ",
      [user ?? id, client, ...more].filter(Boolean).join(" · ")));
}
