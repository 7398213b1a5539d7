// Reads codes from SMS with WebOTP, where supported.

import { typed } from "./codes.js";
import { find } from "./render.js";
import { state } from "./state.js";

let smsEnds = null;
let smsFor = 0;

// The browser returns the code of a message that names this origin.
export async function listenForSms() {
  const { message, channel } = state.view;
  if (!("OTPCredential" in window) || channel === "voice" || smsFor === message + 1) return;
  stopListeningForSms();
  smsEnds = new AbortController();
  smsFor = message + 1;
  try {
    /** @type {any} */ // browsers know WebOTP, TypeScript's declarations do not
    const wanted = { otp: { transport: ["sms"] }, signal: smsEnds.signal };
    /** @type {any} */
    const credential = await navigator.credentials.get(wanted);
    if (!credential?.code || state.view.phase === "done" || find("code").value) return;
    find("code").value = credential.code;
    typed();
  } catch {
    // Denied or aborted: the user can type the code.
  }
}

export function stopListeningForSms() {
  smsEnds?.abort();
  smsFor = 0;
}
