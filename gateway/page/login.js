// Begins the login of an invited user at Auth0. The token of a login never comes to this page.

import { beginLogin } from "./api.js";
import { notice, paint, state } from "./state.js";

export async function logIn(otherUser) {
  if (state.busy === "login") return;
  Object.assign(state, { busy: "login", notice: null });
  paint();
  try {
    const { invitation } = state;
    const goesOn = state.view && !state.stop;
    location.assign(goesOn ? await beginLogin(state.api) : await beginLogin(null, { invitation: invitation.token, other_user: otherUser }));
  } catch (problem) {
    if (problem.name === "flow-over") state.login = "over";
    else if (problem.name === "invitation-unusable") state.login = "unusable";
    else if (problem.name === "unauthorized" && state.invitation) state.stop = "unauthorized"; // begin with the link
    else notice(problem.name === "login-unavailable" ? "login.unavailable.text" : `problem.${problem.name}`, "bad");
    state.busy = null;
    paint();
  }
}
