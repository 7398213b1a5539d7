// A client of the gateway for web pages: follows one flow, and takes part in it, with the flow token that the page was given.
// Without dependencies; see docs/front-ends.md.

export { FlowClient, beginLogin, submissionId, whileRetryable } from "./flow_client.js";
export { EventStream } from "./event_stream.js";
export { readToken } from "./flow_token.js";
export { now } from "./http.js";
export { Problem } from "./problem.js";

/** @typedef {import("./openapi.js").components["schemas"]["FlowView"]} FlowView */
/** @typedef {import("./openapi.js").components["schemas"]["CodeVerdict"]} CodeVerdict */
/** @typedef {import("./flow_token.js").TokenClaims} TokenClaims */
/** @typedef {import("./event_stream.js").Listeners} Listeners */
