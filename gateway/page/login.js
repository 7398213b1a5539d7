// Begins the login of an invited user at Auth0. The token of a login never comes to this page.

import { beginLogin } from "../client/index.js";
import { notice, paint, state } from "./state.js";

export async function logIn(otherUser) {
  if (state.busy === "login") return;
  Object.assign(state, { busy: "login", notice: null });
  paint();
  try {
    const { invitation } = state;
    const goesOn = state.view && !state.stop;
    location.assign(await (goesOn ? state.api.beginLogin() : beginLogin(location.origin, invitation.token, { otherUser })));
  } catch (problem) {
    if (problem.code === "flow-over") state.login = "over";
    else if (problem.code === "invitation-unusable") state.login = "unusable";
    else if (problem.code === "unauthorized" && state.invitation) state.stop = "unauthorized"; // begin with the link
    else notice(problem.code === "login-unavailable" ? "login.unavailable.text" : `problem.${problem.code}`, "bad");
    state.busy = null;
    paint();
  }
}
