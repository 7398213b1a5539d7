// Forms of their own (another number, the recovery code), which the back button leaves.

import { paint, state } from "./state.js";

export function openForm(form) {
  history.pushState({ form }, "");
  Object.assign(state, { form, notice: null });
  paint();
}

export function leaveForm() {
  if (!state.form) return; // going back takes a moment: not twice
  if (history.state?.form) history.back();
  state.form = null;
  paint();
}
