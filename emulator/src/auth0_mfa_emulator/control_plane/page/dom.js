// Elements of the page. Nothing is parsed as HTML: what users and applications are named is only ever text.

export const find = (id) => document.getElementById(id);

export function element(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.startsWith("aria-") || name === "for") made.setAttribute(name, value);
    else made[name] = value;
  }
  made.append(...children.filter((child) => child !== null));
  return made;
}

export function button(label, described, act, className = "") {
  const made = element("button", { type: "button", className, "aria-label": described, id: described }, label);
  made.addEventListener("click", () => attempt(act));
  return made;
}

// Text with `code` in it.
export const prose = (text) => text.split("`").map((part, index) => (index % 2 ? element("code", {}, part) : part));

export const badge = (text, kind = "") => element("span", { className: `badge ${kind}` }, text);

const drawn = new WeakMap();

// Draws only what changed, and gives the focus back to the element with the same id.
export function draw(container, entries, drawOne) {
  const told = JSON.stringify(entries);
  if (drawn.get(container) === told) return;
  const focused = container.contains(document.activeElement) ? document.activeElement.id : "";
  drawn.set(container, told);
  container.replaceChildren(...entries.map(drawOne));
  if (focused) (find(focused) ?? container.closest("section").querySelector("h2")).focus();
}

export function say(text) {
  find("spoken").textContent = text;
}

export async function attempt(act) {
  find("problem").hidden = true;
  try {
    await act();
  } catch (problem) {
    find("problem").textContent = problem.message;
    find("problem").hidden = false;
  }
}

export function onSubmit(id, act) {
  find(id).addEventListener("submit", (event) => {
    event.preventDefault();
    attempt(() => act(event.currentTarget ?? find(id)));
  });
}

export function onClick(id, act) {
  find(id).addEventListener("click", () => attempt(act));
}

// The fields that have a value; numbers as numbers.
export function filled(form) {
  const fields = [...form.elements].filter((field) => field.name && !field.disabled && field.value !== "");
  return Object.fromEntries(fields.map((field) => [field.name, valueOf(field)]));
}

function valueOf(field) {
  if (field.type === "checkbox") return field.checked;
  return field.type === "number" ? Number(field.value) : field.value;
}
