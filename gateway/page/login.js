// Login of an invited user at Auth0: begins it, and says what became of the last one. The token of a login never comes
// to this page.

import { beginLogin } from "./api.js";
import { notice, paint, state } from "./state.js";

// Results of a login after which there is nothing to begin again with this link.
const FINAL = ["unusable", "over"];

// Whether the page asks the user to log in: at first, and again once the login has expired in the flow.
export function asksForLogin({ api, config, invitation, login, over, stop, view }) {
  if (over) return false;
  if (!api || stop === "unauthorized") return Boolean(invitation || login);
  return view?.phase === "waiting_for_token" && view.invitation !== null && config.login;
}

export const mayLogIn = ({ invitation, login, view }) => Boolean(view || invitation) && !FINAL.includes(login);

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
