// Server-sent events over fetch(), since EventSource cannot send a token in a header.
// Reconnects automatically, and resumes with Last-Event-ID.

import { Problem } from "./api.js";

const SILENCE_MS = 40_000; // the gateway sends something every 15 seconds
const LONGEST_MS = 30_000;

// Parses text into events; ignores comments.
export class EventParser {
  #rest = "";
  #event = { type: "message", data: [], id: null };

  *read(text) {
    const lines = (this.#rest + text).split(/\r\n|\n|\r(?!$)/);
    this.#rest = lines.pop();
    for (const line of lines) {
      if (line) this.#field(line);
      else if (this.#event.data.length) yield this.#take();
      else this.#event.type = "message";
    }
  }

  #field(line) {
    const [, name, value] = /^([^:]*)(?:: ?(.*))?$/s.exec(line);
    if (name === "event") this.#event.type = value ?? "";
    else if (name === "data") this.#event.data.push(value ?? "");
    else if (name === "id") this.#event.id = value ?? "";
  }

  #take() {
    const { type, data, id } = this.#event;
    this.#event = { type: "message", data: [], id: null };
    return { type, data: data.join("\n"), id };
  }
}

// Calls `onEvent({type, data})` for each event and `state("live" | "lost")`; `refused(problem)` returns whether to
// stop retrying.
export class Stream {
  #running = null;
  #wake = () => {};
  #last = null;
  #heardAt = 0;
  #failures = 0;

  constructor(api, { onEvent, state, refused }) {
    Object.assign(this, { api, onEvent, state, refused });
  }

  get running() {
    return this.#running !== null;
  }

  start() {
    this.stop();
    this.#running = new AbortController();
    this.#run(this.#running.signal);
  }

  stop() {
    this.#running?.abort();
    this.#running = null;
    this.#wake();
  }

  // The network is back, or the page is visible again: end any wait, and replace a silent connection.
  retryNow() {
    if (!this.running) return;
    this.#failures = 0;
    if (Date.now() - this.#heardAt > SILENCE_MS / 2) this.start();
    else this.#wake();
  }

  async #run(ended) {
    while (!ended.aborted) {
      try {
        await this.#listen(ended);
      } catch (problem) {
        if (ended.aborted) return;
        if (problem instanceof Problem && this.refused(problem)) return;
        this.state("lost");
        this.#failures += 1;
        await this.#pause(problem.status ? problem.wait * 1000 : 0);
      }
    }
  }

  async #listen(ended) {
    const connection = new AbortController();
    const close = () => connection.abort();
    ended.addEventListener("abort", close);
    let timer;
    const listened = () => {
      this.#heardAt = Date.now();
      clearTimeout(timer);
      timer = setTimeout(close, SILENCE_MS);
    };
    listened();
    try {
      const headers = { Accept: "text/event-stream", ...(this.#last && { "Last-Event-ID": this.#last }) };
      const answer = await this.api.request("/events", { headers, signal: connection.signal });
      const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
      const parser = new EventParser();
      this.state("live");
      for (;;) {
        const { done, value } = await reader.read();
        if (done) break;
        listened();
        this.#failures = 0;
        for (const event of parser.read(value)) {
          this.#last = event.id ?? this.#last;
          this.#tell(event);
        }
      }
    } finally {
      clearTimeout(timer);
      ended.removeEventListener("abort", close);
    }
    if (!ended.aborted) throw new Problem("network"); // closed without an end event
  }

  // A bug in the page must not break the connection.
  #tell(event) {
    try {
      this.onEvent(event);
    } catch (defect) {
      reportError(defect);
    }
  }

  #pause(least) {
    const wait = Math.min(LONGEST_MS, 500 * 2 ** Math.min(this.#failures, 6)) * (0.5 + Math.random() / 2);
    return new Promise((resolve) => {
      this.#wake = resolve;
      setTimeout(resolve, Math.max(least, wait));
    });
  }
}
