// Separate forms (phone number, recovery code), which the back button closes.

import { paint, state } from "./state.js";

export function openForm(form) {
  history.pushState({ form }, "");
  Object.assign(state, { form, notice: null });
  paint();
}

export function leaveForm() {
  if (!state.form) return; // history.back() is asynchronous: call it once
  if (history.state?.form) history.back();
  state.form = null;
  paint();
}
