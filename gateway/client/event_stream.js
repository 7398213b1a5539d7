// Server-sent events over fetch(), since EventSource cannot send a token in a header.
// Reconnects automatically, and resumes with Last-Event-ID.

import { Problem, problemIn } from "./problem.js";

/** @typedef {import("./openapi.js").components["schemas"]["FlowView"]} FlowView */

/**
 * What is called while a flow is followed.
 * @typedef {object} Listeners
 * @property {(view: FlowView) => void} [onView] the flow's view: at first, and after each change
 * @property {(outcome: NonNullable<FlowView["outcome"]>) => void} [onEnd] the flow is over. Its last view came before
 * @property {(problem: Problem) => void} [onProblem] following has ended, since the token is refused or the flow failed
 * @property {(connection: "live" | "lost") => void} [onConnection] the connection is there, or is tried again
 */

const SILENCE_MS = 40_000; // the gateway sends something every 15 seconds
const LONGEST_MS = 30_000;

/** Parses text into events; ignores comments. */
export class EventParser {
  #rest = "";
  #event = newEvent();

  /**
   * @param {string} text
   * @returns {Generator<{type: string, data: string, id: string | null}>}
   */
  *read(text) {
    const lines = (this.#rest + text).split(/\r\n|\n|\r(?!$)/);
    this.#rest = lines.pop() ?? "";
    for (const line of lines) {
      if (line) this.#field(line);
      else if (this.#event.data.length) yield this.#take();
      else this.#event.type = "message";
    }
  }

  /** @param {string} line */
  #field(line) {
    const [, name, value = ""] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? [];
    if (name === "event") this.#event.type = value;
    else if (name === "data") this.#event.data.push(value);
    else if (name === "id") this.#event.id = value;
  }

  #take() {
    const { type, data, id } = this.#event;
    this.#event = newEvent();
    return { type, data: data.join("\n"), id };
  }
}

function newEvent() {
  return { type: "message", data: /** @type {string[]} */ ([]), id: /** @type {string | null} */ (null) };
}

/** The events of a flow until it is over, over as many connections as it takes. */
export class EventStream {
  /** @type {AbortController | null} */
  #running = null;
  #wake = () => {};
  /** @type {string | null} */
  #last = null;
  #heardAt = 0;
  #failures = 0;
  #open;
  #listeners;

  /**
   * @param {(options: RequestInit) => Promise<Response>} open opens a connection
   * @param {Listeners} listeners
   */
  constructor(open, listeners) {
    this.#open = open;
    this.#listeners = listeners;
  }

  /** Whether the flow is being followed: not after its end, a final problem, or `stop()`. */
  get running() {
    return this.#running !== null;
  }

  /** Starts, or drops the connection and opens another one: it may be dead, as after the device was offline. */
  start() {
    this.stop();
    this.#running = new AbortController();
    this.#run(this.#running.signal);
  }

  /** Stops following. */
  stop() {
    this.#running?.abort();
    this.#running = null;
    this.#wake();
  }

  /** The network is back, or the page is visible again: ends any wait, and replaces a silent connection. */
  retryNow() {
    if (!this.running) return;
    this.#failures = 0;
    if (Date.now() - this.#heardAt > SILENCE_MS / 2) this.start();
    else this.#wake();
  }

  /** @param {AbortSignal} ended */
  async #run(ended) {
    while (!ended.aborted) {
      try {
        await this.#listen(ended);
      } catch (reason) {
        if (ended.aborted) return;
        const problem = reason instanceof Problem ? reason : new Problem("network");
        if (problem.final) {
          this.#end(() => this.#listeners.onProblem?.(problem));
          return;
        }
        this.#tell(() => this.#listeners.onConnection?.("lost"));
        this.#failures += 1;
        await this.#pause(problem.status ? problem.retryAfter * 1000 : 0);
      }
    }
  }

  /** @param {AbortSignal} ended */
  async #listen(ended) {
    const connection = new AbortController();
    const close = () => connection.abort();
    ended.addEventListener("abort", close);
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    let timer;
    const listened = () => {
      this.#heardAt = Date.now();
      clearTimeout(timer);
      timer = setTimeout(close, SILENCE_MS);
    };
    listened();
    try {
      const headers = { Accept: "text/event-stream", ...(this.#last && { "Last-Event-ID": this.#last }) };
      const answer = await this.#open({ headers, signal: connection.signal });
      if (!answer.body) throw new Problem("network");
      const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
      const parser = new EventParser();
      this.#tell(() => this.#listeners.onConnection?.("live"));
      while (!ended.aborted) {
        const { done, value } = await reader.read();
        if (done) break;
        listened();
        this.#failures = 0;
        for (const event of parser.read(value)) {
          if (ended.aborted) return; // by a listener
          this.#last = event.id ?? this.#last;
          this.#receive(event);
        }
      }
    } finally {
      clearTimeout(timer);
      ended.removeEventListener("abort", close);
    }
    if (!ended.aborted) throw new Problem("network"); // closed without an end event
  }

  /** @param {{type: string, data: string}} event */
  #receive({ type, data }) {
    const { onView, onEnd, onProblem } = this.#listeners;
    if (type === "view") this.#tell(() => onView?.(JSON.parse(data)));
    else if (type === "end") this.#end(() => onEnd?.(JSON.parse(data).outcome));
    else if (type === "failed") this.#end(() => onProblem?.(problemIn(JSON.parse(data))));
  }

  /** @param {() => void} last */
  #end(last) {
    this.stop();
    this.#tell(last);
  }

  /**
   * Calls a listener, whose bug must not break the connection: it is reported as an uncaught error.
   * @param {() => void} call
   */
  #tell(call) {
    try {
      call();
    } catch (defect) {
      queueMicrotask(() => {
        throw defect;
      });
    }
  }

  /** @param {number} least */
  #pause(least) {
    const wait = Math.min(LONGEST_MS, 500 * 2 ** Math.min(this.#failures, 6)) * (0.5 + Math.random() / 2);
    return /** @type {Promise<void>} */ (
      new Promise((resolve) => {
        this.#wake = resolve;
        setTimeout(resolve, Math.max(least, wait));
      })
    );
  }
}
