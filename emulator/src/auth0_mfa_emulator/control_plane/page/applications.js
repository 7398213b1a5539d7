import { call, get } from "./api.js";
import { draw, element, filled, find, onSubmit, say } from "./dom.js";

export async function refresh() {
  draw(find("application-list"), await get("clients"), card);
}

function card({ client_id: id, name, ...members }) {
  const known = Object.entries(members).filter(([, value]) => value !== null && value !== "" && String(value) !== "");
  return element("li", { className: "card" },
    element("h3", {}, id),
    element("p", {}, name === id ? "" : name),
    element("dl", {}, ...known.flatMap(([member, value]) => [
      element("dt", {}, member),
      element("dd", {}, Array.isArray(value) ? value.join(", ") : String(value)),
    ])));
}

onSubmit("new-application", async (form) => {
  const made = await call("POST", "clients", filled(form));
  form.reset();
  say(`${made.client_id} is added`);
  await refresh();
});
