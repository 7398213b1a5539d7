// The emulated tenant of a journey: `node FILE.mjs JOURNEY DOMAIN [PACKAGE]` prints the journey's JSON report.
// The SDKs speak HTTPS only; Node reads the trusted CA from NODE_EXTRA_CA_CERTS.
import { createHmac } from "node:crypto";

export const [journey, domain, sdk] = process.argv.slice(2);
export const [username, password, phoneNumber] = ["ada@example.com", "correct horse", "+15555550100"];

export const control = async (method, path, body) => {
  const answer = await fetch(`https://${domain}/_control/${path}`, { method, body: body && JSON.stringify(body) });
  if (!answer.ok) throw new Error(await answer.text());
  return answer.json();
};
export const messages = (to) => control("GET", `messages?to=${encodeURIComponent(to)}`);
export const newest = async (to) => (await messages(to)).at(-1);
export const advance = async (seconds) =>
  Date.parse((await control("POST", "clock", { advance_seconds: seconds })).now) / 1000;
export const otherThan = (code) => String((Number(code) + 1) % 1_000_000).padStart(6, "0");

/** A call of the Authentication API without an SDK. */
export const call = async (path, body, token) => {
  const headers = { "Content-Type": "application/json", ...(token && { Authorization: `Bearer ${token}` }) };
  const answer = await fetch(`https://${domain}${path}`, { method: "POST", headers, body: JSON.stringify(body) });
  return answer.json();
};
const application = { client_id: "emulator-client", client_secret: "emulator-secret" };
export const exchange = (parameters) => call("/oauth/token", { ...application, ...parameters });

/** Associates the phone with the mfa_token of a login. */
export const associatePhone = (mfaToken) => {
  const phone = { authenticator_types: ["oob"], oob_channels: ["sms"], phone_number: phoneNumber };
  return call("/mfa/associate", phone, mfaToken);
};
/** Associates the phone and confirms it. Returns the tokens. */
export const confirmPhone = async (mfaToken) => {
  const { oob_code: oobCode } = await associatePhone(mfaToken);
  return exchange({
    grant_type: "http://auth0.com/oauth/grant-type/mfa-oob",
    mfa_token: mfaToken,
    oob_code: oobCode,
    binding_code: (await newest(phoneNumber)).code,
  });
};

/** The mfa_token of a login by password. */
export const mfaTokenOf = async (name = username) =>
  (await exchange({ grant_type: "password", username: name, password })).mfa_token;

// RFC 6238, with Auth0's 30 seconds, SHA-1 and six digits.
export const oneTimePassword = (secret, seconds) => {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  const bits = [...secret].map((letter) => alphabet.indexOf(letter).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => Number.parseInt(byte, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(seconds / 30)));
  const digest = createHmac("sha1", key).update(step).digest();
  const number = digest.readUInt32BE(digest.at(-1) & 15) & 0x7fffffff;
  return String(number % 1_000_000).padStart(6, "0");
};

/** Creates the user `ada@example.com`, runs the journey that the command line names, and prints its report. */
export const run = async (journeys) => {
  const { user_id: userId } = await control("POST", "users", { email: username, password });
  process.stdout.write(JSON.stringify({ userId, ...(await journeys[journey](userId)) }));
};
