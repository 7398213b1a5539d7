// Every setting with its value, default and meaning, from the JSON Schema of the settings.

import { call, get } from "./api.js";
import { attempt, button, element, find, onClick, onSubmit, prose, say } from "./dom.js";

const rows = []; // one per setting: {name, text, item, write, standard}
let schema;

export async function refresh() {
  if (!schema) {
    schema = await get("tenant/schema");
    rows.push(...Object.entries(schema.properties).flatMap(([name, property]) => rowsOf([name], property)));
    find("setting-list").replaceChildren(...rows.map((row) => row.item));
  }
  show(await get("tenant"));
}

function show(values) {
  for (const row of rows) {
    const value = row.path.reduce((inner, name) => inner[name], values);
    row.changed = canonical(value) !== canonical(row.standard);
    row.item.classList.toggle("changed", row.changed);
    row.reset.hidden = !row.changed;
    if (document.activeElement !== row.field) row.write(value);
  }
  filter();
}

// JSON with members in alphabetical order.
function canonical(value) {
  return JSON.stringify(value, (_, inner) => {
    const object = inner !== null && typeof inner === "object" && !Array.isArray(inner);
    return object ? Object.fromEntries(Object.entries(inner).sort()) : inner;
  });
}

const resolved = (property) => (property.$ref ? schema.$defs[property.$ref.split("/").pop()] : property);

// Objects whose members are objects with defaults of their own, such as the refusals, become one row per member.
function rowsOf(path, property) {
  const members = Object.entries(resolved(property).properties ?? {});
  if (members.length && members.every(([, member]) => member.$ref && member.default)) {
    return members.flatMap(([name, member]) => rowsOf([...path, name], member));
  }
  return [row(path, property)];
}

function row(path, property) {
  const name = path.join(".");
  const meaning = property.description ?? "";
  const [field, write, read] = control(property, `setting-${name}`);
  const change = (value) => attempt(async () => {
    show(await call("PATCH", "tenant", path.reduceRight((inner, part) => ({ [part]: inner }), value)));
    say(`${name} is changed`);
  });
  field.addEventListener("change", () => attempt(async () => { await change(read()); }));
  const reset = button("Reset", `Reset ${name} to its default`, async () => {
    await change(property.default);
    find("settings-title").focus();
  }, "small");
  const item = element("li", { className: "card setting" },
    element("div", {},
      element("label", { for: field.id }, element("code", {}, name)),
      meaning ? element("p", {}, ...prose(meaning)) : null,
      element("p", { className: "faint" }, "Default: ", element("code", {}, JSON.stringify(property.default)))),
    element("p", { className: "bar" }, field, reset));
  return { path, item, field, reset, write, standard: property.default, text: `${name} ${meaning}`.toLowerCase() };
}

// Returns the field, how to show a value in it, and how to read it.
function control(property, id) {
  const kinds = property.anyOf ?? [resolved(property)];
  const nullable = kinds.some((kind) => kind.type === "null");
  const kind = kinds.find((one) => one.type !== "null");
  if (kind.type === "boolean") return checkbox(id);
  if (kind.enum) return choice(id, kind.enum, nullable);
  if (kind.type === "string") return textField(id, nullable);
  if (kind.type === "number" || kind.type === "integer") return numberField(id, kind, nullable);
  return jsonField(id);
}

function checkbox(id) {
  const field = element("input", { id, type: "checkbox" });
  return [field, (value) => { field.checked = value; }, () => field.checked];
}

function choice(id, values, nullable) {
  const options = (nullable ? ["null", ...values] : values).map((value) => element("option", {}, value));
  const field = element("select", { id }, ...options);
  return [field, (value) => { field.value = String(value); }, () => (nullable && field.value === "null" ? null : field.value)];
}

function textField(id, nullable) {
  const field = element("input", { id, autocomplete: "off", spellcheck: false, placeholder: nullable ? "null" : "" });
  return [field, (value) => { field.value = value ?? ""; }, () => (nullable && field.value === "" ? null : field.value)];
}

function numberField(id, kind, nullable) {
  const step = kind.type === "integer" ? 1 : "any";
  const field = element("input", { id, type: "number", step, placeholder: nullable ? "null" : "" });
  return [field, (value) => { field.value = value ?? ""; }, () => (field.value === "" ? null : Number(field.value))];
}

function jsonField(id) {
  const field = element("textarea", { id, rows: 1, spellcheck: false });
  const write = (value) => { field.value = JSON.stringify(value); };
  return [field, write, () => {
    try {
      return JSON.parse(field.value);
    } catch {
      throw new Error(`${id.replace("setting-", "")}: Input should be JSON.`);
    }
  }];
}

function filter() {
  const text = find("setting-text").value.trim().toLowerCase();
  const changedOnly = find("setting-changed").checked;
  for (const row of rows) row.item.hidden = !row.text.includes(text) || (changedOnly && !row.changed);
  find("setting-none").hidden = rows.some((row) => !row.item.hidden);
}

find("setting-text").addEventListener("input", filter);
find("setting-changed").addEventListener("change", filter);
onSubmit("setting-search", filter);
onClick("reset", async () => {
  if (!confirm("Remove all users, messages and faults, and restore all settings?")) return;
  await call("POST", "reset");
  await refresh();
  say("The tenant is reset");
});
