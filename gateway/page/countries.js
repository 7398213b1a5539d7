// The country of a number that is typed without country code. The choice is remembered in the browser, without a number.
// Nothing is chosen at first: a guess would send the code to somebody else's phone.

import * as session from "./session.js";
import { find } from "./render.js";
import { state } from "./state.js";
import * as texts from "./i18n.js";

// Returns an ISO 3166-1 code; undefined if none is chosen.
export const chosenCountry = () => find("country").value || undefined;

// Fills the list in the page's language, and keeps the choice.
export function showCountries() {
  const chosen = chosenCountry() ?? session.country();
  const { countries } = state.config;
  const options = texts
    .regions(Object.keys(countries))
    .map(({ code, name }) => new Option(`${name} (\u2066+${countries[code]}\u2069)`, code, false, code === chosen));
  find("country").replaceChildren(new Option(texts.text("number.country.none"), ""), ...options);
}

export const countryChosen = () => session.keepCountry(chosenCountry());
