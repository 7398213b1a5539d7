// Why a call failed: the gateway's problem documents (RFC 9457), and what stands for them where none arrives.

/** @typedef {Partial<import("./openapi.js").components["schemas"]["ProblemDocument"]>} ProblemDocument */

const URN = "urn:phone-mfa:problem:";
const DEFAULT_WAIT_SECONDS = 3;

const RETRYABLE = [
  ...["network", "busy", "no-worker", "step-fails", "engine-limit", "engine-unreachable", "no-answer-yet"],
  ...["too-many-requests", "login-unavailable"],
];
const FINAL = ["unauthorized", "unknown-flow", "not-allowed", "flow-failed", "flow-unreadable"];

/** A call that failed. Its message is the problem's detail, a sentence for developers in English. */
export class Problem extends Error {
  /**
   * @param {string} code
   * @param {ProblemDocument} [document]
   * @param {number} [retryAfter] seconds
   */
  constructor(code, document = {}, retryAfter = DEFAULT_WAIT_SECONDS) {
    const { type = "about:blank", title = code, detail = title, status = 0, field = null } = document;
    super(detail);
    this.name = "Problem";
    /**
     * What happened, in short: the type without its prefix, such as `too-early`. Without a problem document: `network`
     * if no answer arrived; `busy` or `other` if a server between failed or refused.
     */
    this.code = code;
    /** The type of the problem document, such as `urn:phone-mfa:problem:too-early`. */
    this.type = type;
    this.title = title;
    this.detail = detail;
    /** The HTTP status; 0 if no answer arrived. */
    this.status = status;
    /** The member of the request that is invalid, or null. */
    this.field = field;
    /** How many seconds to wait before the call is repeated. */
    this.retryAfter = retryAfter;
  }

  /** Whether the same call may succeed later. */
  get retryable() {
    return RETRYABLE.includes(this.code);
  }

  /** Whether this client can do nothing more: its token is refused, or the flow has failed. */
  get final() {
    return FINAL.includes(this.code);
  }
}

/**
 * The problem of a document.
 * @param {ProblemDocument} document
 * @param {number} [retryAfter] seconds
 */
export function problemIn(document, retryAfter) {
  const code = document.type?.startsWith(URN) ? document.type.slice(URN.length) : codeOf(document.status ?? 0);
  return new Problem(code, document, retryAfter);
}

/**
 * The problem of a response that is not ok.
 * @param {Response} answer
 */
export async function problemOf(answer) {
  const body = await answer.json().catch(() => null);
  const wait = Number.parseInt(answer.headers.get("retry-after") ?? "", 10);
  return problemIn({ ...body, status: answer.status }, Number.isNaN(wait) ? undefined : wait);
}

/**
 * A proxy's error has no type, only a status.
 * @param {number} status
 */
function codeOf(status) {
  if (status === 401) return "unauthorized";
  if (status === 404) return "unknown-flow";
  if (status === 429) return "too-many-requests";
  return status >= 500 ? "busy" : "other";
}
