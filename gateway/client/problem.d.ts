/**
 * The problem of a document.
 * @param {ProblemDocument} document
 * @param {number} [retryAfter] seconds
 */
export function problemIn(document: ProblemDocument, retryAfter?: number): Problem;
/**
 * The problem of a response that is not ok.
 * @param {Response} answer
 */
export function problemOf(answer: Response): Promise<Problem>;
/** A call that failed. Its message is the problem's detail, a sentence for developers in English. */
export class Problem extends Error {
    /**
     * @param {string} code
     * @param {ProblemDocument} [document]
     * @param {number} [retryAfter] seconds
     */
    constructor(code: string, document?: ProblemDocument, retryAfter?: number);
    /**
     * What happened, in short: the type without its prefix, such as `too-early`. Without a problem document: `network`
     * if no answer arrived; `busy` or `other` if a server between failed or refused.
     */
    code: string;
    /** The type of the problem document, such as `urn:phone-mfa:problem:too-early`. */
    type: string;
    title: string;
    detail: string;
    /** The HTTP status; 0 if no answer arrived. */
    status: number;
    /** The member of the request that is invalid, or null. */
    field: string | null;
    /** How many seconds to wait before the call is repeated. */
    retryAfter: number;
    /** Whether the same call may succeed later. */
    get retryable(): boolean;
    /** Whether this client can do nothing more: its token is refused, or the flow has failed. */
    get final(): boolean;
}
export type ProblemDocument = Partial<import("./openapi.js").components["schemas"]["ProblemDocument"]>;
