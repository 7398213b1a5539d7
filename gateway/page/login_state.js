// When the page asks an invited user to log in. Knows only the state that it is given.

// Results of a login after which there is nothing to begin again with this link.
const FINAL = ["unusable", "over"];

// Whether the page asks the user to log in: at first, and again once the login has expired in the flow.
export function asksForLogin({ api, config, invitation, login, over, stop, view }) {
  if (over) return false;
  if (!api || stop === "unauthorized") return Boolean(invitation || login);
  return view?.phase === "waiting_for_token" && view.invitation !== null && config.login;
}

export const mayLogIn = ({ invitation, login, view }) => Boolean(view || invitation) && !FINAL.includes(login);
