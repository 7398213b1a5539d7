export { EventStream } from "./event_stream.js";
export { readToken } from "./flow_token.js";
export { now } from "./http.js";
export { Problem } from "./problem.js";
export type FlowView = import("./openapi.js").components["schemas"]["FlowView"];
export type CodeVerdict = import("./openapi.js").components["schemas"]["CodeVerdict"];
export type TokenClaims = import("./flow_token.js").TokenClaims;
export type Listeners = import("./event_stream.js").Listeners;
export { FlowClient, beginLogin, submissionId, whileRetryable } from "./flow_client.js";
