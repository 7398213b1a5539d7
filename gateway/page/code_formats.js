// Reads codes as people type and paste them. Independent of the page and of flows. The rules for characters are those of
// the gateway (phone_mfa/contracts/typed_text.py).

const WRITTEN = /^(\d{6}|\d{3}[ -]\d{3}|\d\d \d\d \d\d|(\d{6}) ?\2)$/; // code formats in messages; excludes dates

export const isWhole = (digits) => /^\d{6}$/.test(digits);
export const isRecoveryCode = (code) => /^[A-Z0-9]{24}$/.test(code);

// Returns the six digits, even from a whole pasted message: its only standalone six-digit number that is not part of
// a phone number. Returns the text without spaces and dashes if there is none.
export function digitsOf(typed) {
  const text = folded(typed);
  const digits = once(compact(text.replace(/^\s*G-/i, "")));
  if (isWhole(digits)) return digits;
  const numbers = text.match(/\+?\d+(?:[ -]\d+)*/g) ?? [];
  const codes = new Set(numbers.filter((number) => WRITTEN.test(number)).map((number) => once(compact(number))));
  return codes.size === 1 ? [...codes][0] : digits;
}

export const recoveryCodeOf = (typed) => compact(folded(typed)).toUpperCase();

const compact = (text) => text.replace(/[\s-]/g, "");
const once = (digits) => digits.replace(/^(\d{6})\1$/, "$1"); // a phone may fill in a code twice

// Turns compatibility forms into plain characters, digits of other scripts into ASCII digits and dashes into hyphens,
// and drops invisible format characters.
function folded(typed) {
  const plain = [...typed].map((char) => char.normalize("NFKC")).join("");
  return plain.replace(/\p{Cf}/gu, "").replace(/[\p{Pd}\u2212]/gu, "-").replace(/\p{Nd}/gu, asciiDigit);
}

// Unicode encodes the decimal digits of each script as a run of ten, in order.
function asciiDigit(digit) {
  const point = digit.codePointAt(0);
  let before = 0;
  while (/^\p{Nd}$/u.test(String.fromCodePoint(point - before - 1))) before += 1;
  return String(before % 10);
}
