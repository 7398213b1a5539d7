// The state of the page. `render.js` renders it; the other modules change it and call `paint`.

import { show } from "./render.js";

export const fresh = () => ({
  view: null, views: 0, form: null, stop: null, over: null, recovery: null, net: "live",
  login: null, back: null,
  spent: false, checking: false, slow: false, busy: null, waiting: null, notice: null, outdated: null, errors: {},
});

const config = { return_url: null, help_url: null, privacy_url: null, company: null, app: null, logo: false, login: false, languages: ["en"], countries: {} };

/** @typedef {import("../client/index.js").FlowClient} FlowClient */
/** @typedef {import("../client/index.js").EventStream} EventStream */
/** @typedef {import("../client/index.js").FlowView} FlowView */

export const state = {
  ...fresh(),
  config,
  invitation: null,
  /** @type {FlowClient} */ api: null,
  /** @type {EventStream} */ stream: null,
  /** @type {FlowView} */ view: null,
};

export const paint = () => show(state);

let serial = 0;

// Shows a sentence at the top, until the next action.
export function notice(key, tone = "info", values = {}) {
  serial += 1;
  state.notice = { key, tone, values, serial };
}
