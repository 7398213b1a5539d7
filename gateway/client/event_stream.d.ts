/** Parses text into events; ignores comments. */
export class EventParser {
    /**
     * @param {string} text
     * @returns {Generator<{type: string, data: string, id: string | null}>}
     */
    read(text: string): Generator<{
        type: string;
        data: string;
        id: string | null;
    }>;
    #private;
}
/** The events of a flow until it is over, over as many connections as it takes. */
export class EventStream {
    /**
     * @param {(options: RequestInit) => Promise<Response>} open opens a connection
     * @param {Listeners} listeners
     */
    constructor(open: (options: RequestInit) => Promise<Response>, listeners: Listeners);
    /** Whether the flow is being followed: not after its end, a final problem, or `stop()`. */
    get running(): boolean;
    /** Starts, or drops the connection and opens another one: it may be dead, as after the device was offline. */
    start(): void;
    /** Stops following. */
    stop(): void;
    /** The network is back, or the page is visible again: ends any wait, and replaces a silent connection. */
    retryNow(): void;
    #private;
}
export type FlowView = import("./openapi.js").components["schemas"]["FlowView"];
/**
 * What is called while a flow is followed.
 */
export type Listeners = {
    /**
     * the flow's view: at first, and after each change
     */
    onView?: ((view: FlowView) => void) | undefined;
    /**
     * the flow is over. Its last view came before
     */
    onEnd?: ((outcome: NonNullable<FlowView["outcome"]>) => void) | undefined;
    /**
     * following has ended, since the token is refused or the flow failed
     */
    onProblem?: ((problem: Problem) => void) | undefined;
    /**
     * the connection is there, or is tried again
     */
    onConnection?: ((connection: "live" | "lost") => void) | undefined;
};
import { Problem } from "./problem.js";
