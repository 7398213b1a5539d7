// The page's texts in the user's language; formats numbers and times with Intl.

const OURS = "en";

let texts = {};
let language = OURS;
let plurals = new Intl.PluralRules(OURS);

// The first wanted language that is available: "pt-BR" also matches "pt".
export function choose(wanted, available) {
  for (const name of wanted) {
    const parts = name.toLowerCase().split("-");
    for (; parts.length; parts.pop()) {
      const found = available.find((one) => one.toLowerCase() === parts.join("-"));
      if (found) return found;
    }
  }
  return available.includes(OURS) ? OURS : (available[0] ?? OURS);
}

export const wanted = () => [new URLSearchParams(location.search).get("lang"), ...navigator.languages].filter(Boolean);

export async function load(name) {
  const [english, theirs] = await Promise.all([OURS, name].map(fetched)); // untranslated texts are English
  texts = { ...english, ...theirs };
  language = canonical(name);
  plurals = new Intl.PluralRules(language);
  document.documentElement.lang = language;
  document.documentElement.dir = texts.dir;
}

async function fetched(name) {
  const answer = await fetch(`/assets/texts/${encodeURIComponent(name)}.json`);
  if (!answer.ok) throw new Error(`no texts in ${name}`);
  return answer.json();
}

function canonical(name) {
  try {
    return Intl.getCanonicalLocales(name)[0];
  } catch {
    return OURS; // a custom name of a theme
  }
}

export const has = (key) => key in texts;

// Returns a text with "{name}" replaced by values.name. `values.count` selects the plural form.
export function text(key, values = {}) {
  return parts(key, values).join("");
}

// Fills an element with a text; values may be elements.
export function fill(element, key, values = {}) {
  element.replaceChildren(...parts(key, values));
}

function parts(key, values) {
  let found = texts[key] ?? "";
  if (typeof found === "object") found = found[plurals.select(values.count)] ?? found.other ?? "";
  return found
    .split(/(\{[a-z]+\})/)
    .map((part) => (/^\{[a-z]+\}$/.test(part) ? shown(values[part.slice(1, -1)]) : part))
    .filter((part) => part !== "");
}

const shown = (value) => (typeof value === "number" ? number(value) : (value ?? ""));
const number = (value, options) => new Intl.NumberFormat(language, options).format(value);

// "4:05"; hours only if not zero.
export function clock(milliseconds) {
  const seconds = Math.max(0, Math.ceil(milliseconds / 1000));
  const two = (value) => number(value, { minimumIntegerDigits: 2 });
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return `${hours ? `${number(hours)}:${two(minutes)}` : number(minutes)}:${two(seconds % 60)}`;
}

// "30 seconds", "5 minutes": for screen readers.
export function duration(milliseconds) {
  const seconds = Math.max(0, Math.ceil(milliseconds / 1000));
  const [value, unit] = seconds < 90 ? [seconds, "second"] : [Math.ceil(seconds / 60), "minute"];
  return number(value, { style: "unit", unit, unitDisplay: "long" });
}

export const time = (date) => new Intl.DateTimeFormat(language, { timeStyle: "short" }).format(date);

// Names of ISO 3166-1 codes in the page's language and its order: [{code, name}].
export function regions(codes) {
  const names = new Intl.DisplayNames([language, OURS], { type: "region" });
  const { compare } = new Intl.Collator([language, OURS]);
  return codes.map((code) => ({ code, name: names.of(code) })).sort((one, other) => compare(one.name, other.name));
}

export const nameOf = (name) => {
  const tag = canonical(name);
  const own = new Intl.DisplayNames([tag], { type: "language" }).of(tag);
  return own.charAt(0).toLocaleUpperCase(tag) + own.slice(1);
};
