// Enrolls a phone through the gateway, as a backend of yours may: with fetch alone. Needs Node 20 or newer.
//
//   GATEWAY=http://127.0.0.1:8088 API_KEY=pmk_... MFA_TOKEN=... node follow.mjs USER PHONE_NUMBER
//
// Type the code when it is asked for. Exit codes: 0 enrolled, 1 another outcome, 2 it did not work.

import { randomUUID } from 'node:crypto';
import { createInterface } from 'node:readline/promises';
import { setTimeout as sleep } from 'node:timers/promises';

const { GATEWAY = 'http://127.0.0.1:8088', API_KEY, MFA_TOKEN } = process.env;
const [user, phone_number] = process.argv.slice(2);
const LATER = new Set([429, 503]);

/** One call, made again while the gateway says when. */
async function ask(path, { body, headers, ...options } = {}) {
  for (;;) {
    const answer = await fetch(new URL(path, GATEWAY), {
      ...options,
      headers: { Authorization: `Bearer ${API_KEY}`, 'Content-Type': 'application/json', ...headers },
      body: body && JSON.stringify(body),
    });
    if (answer.ok) return answer;
    const problem = await answer.json();
    if (!LATER.has(answer.status)) throw new Error(`${problem.type}: ${problem.detail}`);
    await sleep(1000 * Number(answer.headers.get('Retry-After') ?? 1));
  }
}

/** The events of one stream (HTML standard, "Server-sent events"). */
async function* eventsIn(stream) {
  let text = '';
  for await (const chunk of stream.pipeThrough(new TextDecoderStream())) {
    const blocks = (text + chunk).split(/\r?\n\r?\n/);
    text = blocks.pop();
    for (const block of blocks) {
      const event = {};
      for (const line of block.split(/\r?\n/)) {
        const [, name, value] = line.match(/^(event|id|data): ?(.*)$/) ?? [];
        if (name) event[name] = value;
      }
      if (event.data) yield { ...event, data: JSON.parse(event.data) };
    }
  }
}

/** The events of a flow until it is over, over as many streams as it takes. Another run is somebody else's flow. */
async function* follow(flow, run) {
  let seen;
  for (;;) {
    try {
      const answer = await ask(`/v1/flows/${flow}/events?run_id=${run}`, { headers: seen ? { 'Last-Event-ID': seen } : {} });
      for await (const event of eventsIn(answer.body)) {
        seen = event.id ?? seen;
        yield event;
        if (event.event !== 'view') return;
      }
    } catch (error) {
      if (!(error instanceof TypeError)) throw error; // what fetch says of a broken connection
    }
    await sleep(1000);
  }
}

async function main() {
  const request = { user, phone_number, mfa_token: MFA_TOKEN };
  const started = await ask('/v1/enrollments', {
    method: 'POST',
    body: request,
    headers: { 'Idempotency-Key': randomUUID() },
  });
  const { flow_id: flow, run_id: run } = await started.json();
  console.log(`flow ${flow}`);

  const terminal = createInterface({ input: process.stdin });
  const typed = terminal[Symbol.asyncIterator]();
  const handIn = async (message) => {
    const { value: code, done } = await typed.next();
    if (done) return;
    const body = { code, message, submission_id: randomUUID() };
    const verdict = await (await ask(`/v1/flows/${flow}/binding-code?run_id=${run}`, { method: 'POST', body })).json();
    console.log(`${verdict.verdict}: ${verdict.reason}`);
    if (verdict.verdict === 'wrong') await handIn(message);
  };

  let asked = 0;
  for await (const { event, data } of follow(flow, run)) {
    if (event === 'failed') throw new Error(`${data.type}: ${data.detail}`);
    if (event === 'end') {
      console.log(`outcome ${data.outcome}`);
      return data.outcome === 'enrolled' ? 0 : 1;
    }
    console.log(`phase ${data.phase}`);
    if (data.phase === 'waiting_for_code' && data.message > asked) {
      asked = data.message;
      console.log(`the code sent to ${data.phone_number}?`);
      handIn(data.message).catch((error) => console.error(error.message));
    }
  }
}

try {
  process.exit(await main());
} catch (error) {
  console.error(error.message);
  process.exit(2);
}
