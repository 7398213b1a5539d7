/**
 * Begins the login of an invited user: returns the address to send the browser to. Only for pages of the gateway's own
 * origin, since a cookie belongs to the login, which ends at the gateway's page. Other pages send the browser to the link.
 * @param {string} gateway the gateway's origin
 * @param {string} invitation what comes after `invitation=` in the link
 * @param {{otherUser?: boolean}} [options] `otherUser`: ask for a login even if somebody is logged in at Auth0
 * @returns {Promise<string>}
 */
export function beginLogin(gateway: string, invitation: string, { otherUser }?: {
    otherUser?: boolean;
}): Promise<string>;
/** Returns a submission id: submissions with the same id count once. */
export function submissionId(): string;
/**
 * Waits as long as a problem says. Returns whether the call may succeed then.
 * @param {Problem} problem
 */
export function whileRetryable(problem: Problem): Promise<boolean>;
/** @typedef {import("./openapi.js").components["schemas"]["FlowView"]} FlowView */
/** @typedef {import("./openapi.js").components["schemas"]["CodeVerdict"]} CodeVerdict */
/**
 * How a call that may be repeated is repeated.
 * @typedef {object} Repeating
 * @property {(problem: Problem) => boolean | Promise<boolean>} [repeat] asked after each attempt that failed: waits, and
 *   returns whether to repeat the call. By default `whileRetryable`.
 */
/** One flow, for the page that has its flow token. Its methods throw a `Problem` if the gateway refuses or is not reached. */
export class FlowClient {
    /**
     * @param {string} gateway the gateway's origin, such as `https://gateway.example.com`
     * @param {string} token the flow token, as the service got it. Throws a TypeError if it is none
     */
    constructor(gateway: string, token: string);
    /** What the flow token says: the flow, and when the token ends. */
    claims: import("./flow_token.js").TokenClaims;
    /**
     * Returns the flow's view: what it waits for, until when, and what is allowed now.
     * @returns {Promise<FlowView>}
     */
    view(): Promise<FlowView>;
    /**
     * Follows the flow until it is over: calls `onView` now and after each change, and reconnects by itself.
     * @param {import("./event_stream.js").Listeners} listeners
     */
    follow(listeners: import("./event_stream.js").Listeners): EventStream;
    /**
     * Submits a code, and returns its verdict. An answer that was lost is asked for again with the same `submissionId`, so
     * that the code counts once.
     * @param {string} code as the user typed it
     * @param {{message?: number, submissionId?: string} & Repeating} [options] `message`: the number of the message
     *   that the code is from (`view.message` when the user read it); by default the newest one. `submissionId`: to continue
     *   after a reload with a code that may have been submitted before
     * @returns {Promise<CodeVerdict>}
     */
    checkBindingCode(code: string, { message, submissionId: id, repeat }?: {
        message?: number;
        submissionId?: string;
    } & Repeating): Promise<CodeVerdict>;
    /**
     * Submits a recovery code instead, in a challenge, and returns its verdict.
     * @param {string} code as the user typed it
     * @param {{submissionId?: string} & Repeating} [options]
     * @returns {Promise<CodeVerdict>}
     */
    checkRecoveryCode(code: string, { submissionId: id, repeat }?: {
        submissionId?: string;
    } & Repeating): Promise<CodeVerdict>;
    /**
     * Requests another message. Returns the view, once it is sent or it is known that it will be. This is never repeated, as
     * each request may send a message.
     * @returns {Promise<FlowView>}
     */
    resend(): Promise<FlowView>;
    /**
     * Requests another message, as an SMS or a call; otherwise like `resend`.
     * @param {"sms" | "voice"} channel
     * @returns {Promise<FlowView>}
     */
    switchChannel(channel: "sms" | "voice"): Promise<FlowView>;
    /**
     * Sends the code to another number, in an enrollment; otherwise like `resend`.
     * @param {string} number as the user typed it
     * @param {{region?: string}} [options] `region`: where it is dialed without country code, such as `DE`
     * @returns {Promise<FlowView>}
     */
    changePhoneNumber(number: string, { region }?: {
        region?: string;
    }): Promise<FlowView>;
    /**
     * Returns the recovery code that the user has to save, or null if there is none. Call it after `onEnd`.
     * @param {Repeating} [options]
     * @returns {Promise<string | null>}
     */
    recoveryCode({ repeat }?: Repeating): Promise<string | null>;
    /** Cancels the flow. */
    cancel(): Promise<void>;
    /**
     * Begins another login of an invited user, whose login has expired in the flow; see `beginLogin`.
     * @returns {Promise<string>}
     */
    beginLogin(): Promise<string>;
    #private;
}
export type FlowView = import("./openapi.js").components["schemas"]["FlowView"];
export type CodeVerdict = import("./openapi.js").components["schemas"]["CodeVerdict"];
/**
 * How a call that may be repeated is repeated.
 */
export type Repeating = {
    /**
     * asked after each attempt that failed: waits, and
     * returns whether to repeat the call. By default `whileRetryable`.
     */
    repeat?: ((problem: Problem) => boolean | Promise<boolean>) | undefined;
};
import { Problem } from "./problem.js";
import { EventStream } from "./event_stream.js";
