/**
 * Returns a successful response, or throws a Problem; throws the reason of a signal that was aborted.
 * @param {URL} address
 * @param {RequestInit} options
 */
export function request(address: URL, options: RequestInit): Promise<Response>;
/**
 * Returns the JSON of a successful response, or throws a Problem.
 * @param {URL} address
 * @param {RequestInit} [options]
 * @param {object} [body] sent as JSON
 */
export function requestJson(address: URL, { headers, ...options }?: RequestInit, body?: object): Promise<any>;
export function now(): number;
