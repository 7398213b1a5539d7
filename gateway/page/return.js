// Where the user goes at the end: to the address that came with an accepted token, else to the gateway's own.

const SOON_MS = 5000;

let leaving = null;

// Returns the address for an outcome, or null if there is none. `back`: {to, state} of the token.
export function returnUrl({ config, over, stop, back }) {
  if (stop || !over || !back) return config.return_url;
  const address = new URL(back.to);
  address.searchParams.set("outcome", over);
  if (back.state) address.searchParams.set("state", back.state);
  return address.href;
}

// Returns what users know an address by: the app of the settings, else its host. A link reads any address that is set.
export const placeOf = (address, { config }) => config.app ?? Object.assign(document.createElement("a"), { href: address }).host;

// Leaves by itself after success, so that nobody is left on a page with nothing to do. The link is there before.
export function leaveSoon(address) {
  clearTimeout(leaving);
  leaving = setTimeout(() => location.assign(address), SOON_MS);
}

export const stay = () => clearTimeout(leaving);
