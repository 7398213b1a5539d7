// Reads tokens. Only the gateway can verify them.

/**
 * What a flow token, or the token of a link, says.
 * @typedef {object} TokenClaims
 * @property {string} flow the flow's id
 * @property {string} run the id of the flow's run
 * @property {number} iat when it was issued, in seconds since 1970
 * @property {number} exp when it ends, in seconds since 1970
 * @property {{to: string, state?: string | null} | null} back where the user goes at the end
 * @property {string} token the token itself
 */

/**
 * Returns what a token says, unverified; null if it is none.
 * @param {string} token
 * @returns {TokenClaims | null}
 */
export function readToken(token) {
  try {
    const [, body] = token.split(".");
    const bytes = Uint8Array.from(atob(body.replace(/-/g, "+").replace(/_/g, "/")), (char) => char.charCodeAt(0));
    const { sub: flow, run, iat, exp, back = null } = JSON.parse(new TextDecoder().decode(bytes));
    return typeof flow === "string" && typeof run === "string" ? { flow, run, iat, exp, back, token } : null;
  } catch {
    return null;
  }
}
