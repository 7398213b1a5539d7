// Separate forms (phone number, recovery code), which the back button closes.

import { find } from "./render.js";
import * as session from "./session.js";
import { paint, state } from "./state.js";

export function openForm(form) {
  history.pushState({ form }, "");
  Object.assign(state, { form, notice: null });
  paint();
}

export function leaveForm() {
  if (!state.form) return; // history.back() is asynchronous: call it once
  if (history.state?.form) history.back();
  showForm(null);
}

// Shows a form, or none. A number that was typed into a form and not sent is forgotten.
export function showForm(form) {
  if (state.form === "number" && form !== "number") {
    find("number").value = "";
    session.forgetNumber(state.api.claims);
  }
  state.form = form;
  paint();
}
