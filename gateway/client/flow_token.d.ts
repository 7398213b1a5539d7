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
export function readToken(token: string): TokenClaims | null;
/**
 * What a flow token, or the token of a link, says.
 */
export type TokenClaims = {
    /**
     * the flow's id
     */
    flow: string;
    /**
     * the id of the flow's run
     */
    run: string;
    /**
     * when it was issued, in seconds since 1970
     */
    iat: number;
    /**
     * when it ends, in seconds since 1970
     */
    exp: number;
    /**
     * where the user goes at the end
     */
    back: {
        to: string;
        state?: string | null;
    } | null;
    /**
     * the token itself
     */
    token: string;
};
