import { get } from "./api.js";
import { draw, element, find } from "./dom.js";

const SHOWN = 100;

export async function refresh() {
  const calls = (await get(`requests?last=${SHOWN}`)).reverse();
  draw(find("request-list"), calls, line);
  find("request-none").hidden = calls.length > 0;
}

function line({ method, path, status }) {
  return element("tr", {},
    element("td", {}, method),
    element("td", {}, path),
    element("td", { className: status < 400 ? "good" : "bad" }, status ?? "–"));
}
