import { connect } from 'node:net';
import { workerData } from 'node:worker_threads';

// The thread of redis-cli.ts: each request opens a connection, so that no restart of Redis matters.
const { requests, answered } = workerData;

requests.on('message', async ({ address, port, args }) => {
  const answer = await send(address, port, args).catch(({ message }) => ({ error: message }));
  requests.postMessage(answer);
  Atomics.add(answered, 0, 1);
  Atomics.notify(answered, 0);
});

/** The caller waits, and a host that is cut off never answers. */
const SILENCE_MS = 10_000;

async function send(address, port, args) {
  const socket = connect(port, address);
  socket.setTimeout(SILENCE_MS, () => socket.destroy(new Error('Redis is silent')));
  const parts = args.map((arg) => `$${Buffer.byteLength(arg)}\r\n${arg}\r\n`);
  socket.write(`*${args.length}\r\n${parts.join('')}`);
  let received = Buffer.alloc(0);
  for await (const chunk of socket) {
    received = Buffer.concat([received, chunk]);
    const answer = parse(received, 0);
    if (answer !== null) return answer;
  }
  if (args[0] === 'SHUTDOWN') return { reply: '' };
  throw new Error('Redis has closed the connection');
}

/** Reads a reply of RESP2. @returns null while a part of it is missing */
function parse(bytes, from) {
  const end = bytes.indexOf('\r\n', from);
  if (end < 0) return null;
  const [kind, ...rest] = bytes.toString('utf8', from, end);
  const head = rest.join('');
  const next = end + 2;
  if (kind === '-') return { error: head, next };
  if (kind === '$' && head !== '-1') {
    const stop = next + Number(head);
    return stop + 2 > bytes.length ? null : { reply: bytes.toString('utf8', next, stop), next: stop + 2 };
  }
  if (kind !== '*') return { reply: head === '-1' && kind === '$' ? '' : head, next };
  const elements = [];
  let at = next;
  for (let left = Number(head); left > 0; left--) {
    const element = parse(bytes, at);
    if (element === null) return null;
    elements.push(element.reply);
    at = element.next;
  }
  return { reply: elements.join('\n'), next: at };
}
