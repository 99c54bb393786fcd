import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { addFault, readFaults } from '../../harness/bucket.js';
import { cpuSeconds } from '../../harness/process-stats.js';
import type { Alice } from '../alice/alice.js';
import { get, post } from '../alice/request.js';
import type { Attack } from '../attack.js';
import {
  BATCHES,
  IMAGES,
  idsIn,
  JPEG,
  JSON_TYPE,
  jpegOf,
  NDJSON,
  neverRead,
  pathOf,
  rowsOf,
  submitBatch,
} from './support.js';

const MAX_SOCKETS = 5000;
/** HEADs per second that one owner may cause in the bucket, measured over the whole attack. */
const MAX_HEADS_PER_SECOND = 100;
/** A burst may use up the whole limit of ten seconds. */
const MAX_HEADS_AT_ONCE = 1000;

/** More at once overflow the kernel's queue of new connections (4,096), which delays everyone's. */
const WAITS_PER_SECOND = 1000;

export const waits: Attack = {
  name: 'waits',
  about: 'D6: 5,000 × Prefer: wait on one image',
  async run(alice, size) {
    const body = JSON.stringify({ url: `${alice.sources[0]}/stall` });
    const reply = await alice.send(post('/v1/images', 'application/json', body), { keepsBody: true });
    await waitFor(alice, pathOf(idsIn([reply.body])[0] ?? ''), 500 * size);
  },
};

export const batchWaits: Attack = {
  name: 'batch-waits',
  about: 'D6: 5,000 × Prefer: wait on one batch, whose items change continuously',
  async run(alice, size) {
    const rows = `${rowsOf(alice.sources[0] ?? '', '/stall', 1)}${rowsOf(alice.sources[1] ?? '', '/status/404', 300)}`;
    const id = await submitBatch(alice, NDJSON, rows);
    if (id !== null) await waitFor(alice, pathOf(id), 500 * size);
  },
};

async function waitFor(alice: Alice, path: string, count: number): Promise<void> {
  const connections = Math.min(count, MAX_SOCKETS);
  const request = get(path, { Prefer: 'wait=20' });
  await alice.flood({
    connections,
    total: 2 * connections,
    perSecond: WAITS_PER_SECOND,
    request: () => request,
  });
}

export const unknownIds: Attack = {
  name: 'unknown-ids',
  about: 'D11: GETs of ids that do not exist at full speed; the bucket must not get a HEAD for each',
  maxMs: 15_000,
  prepare: (stack) => addFault(stack, { operation: 'HeadObject', action: { type: 'delay', ms: 1 } }),
  async run(alice, size) {
    const request = () => get(`/v1/images/img_${randomBytes(16).toString('hex')}`);
    await alice.flood({ connections: 32, total: 5000 * size, request });
  },
  async check({ stack, sent, seconds }) {
    const heads = (await readFaults(stack)).reduce((sum, { fired }) => sum + fired, 0);
    const allowed = MAX_HEADS_AT_ONCE + MAX_HEADS_PER_SECOND * seconds;
    return heads > allowed ? [`${heads} HEADs for ${sent} GETs in ${seconds.toFixed(0)} s`] : [];
  },
};

export const listFlood: Attack = {
  name: 'list-flood',
  about: 'lists with every filter at full speed, after a batch of 2,000 rows',
  async run(alice, size) {
    const rows = rowsOf('http://127.1', '/x', 2000, ',"externalId":"the-same"');
    const id = await submitBatch(alice, NDJSON, rows);
    await alice.wait(2000);
    const queries = [
      'status=failed',
      'externalId=the-same',
      `batchId=${id}`,
      'status=failed&externalId=the-same',
    ];
    const requests = [
      ...queries.map((query) => get(`/v1/images?limit=100&${query}`)),
      get(`${BATCHES}?limit=100`),
      get(`${BATCHES}/${id}/items?limit=100&code=source_forbidden`),
    ];
    await alice.flood({
      connections: 16,
      total: 500 * size,
      request: (n) => requests[n % requests.length] ?? [],
    });
  },
};

/** CPU seconds of the API for a page that ends by its CPU time, with all else that the API does meanwhile. */
const MAX_PAGE_SECONDS = 0.3;
const KEY = { Authorization: 'Bearer key-of-the-owner-alice' };

export const rareMatches: Attack = {
  name: 'rare-matches',
  about: 'lists that match none of 2,000 failed images with many keys of metadata',
  async run(alice) {
    const keys = Array.from({ length: 350 }, (_, n) => `"k${n}":"v"`).join();
    const rows = rowsOf('http://127.1', '/x', 2000, `,"externalId":"the-same","metadata":{${keys}}`);
    await submitBatch(alice, NDJSON, rows);
    await alice.wait(15_000);
  },
  async check({ stack }) {
    const findings: string[] = [];
    for (const query of ['code=source_timeout', 'externalId=the-same&status=published']) {
      const before = cpuSeconds(stack.api.pid).own;
      await (await fetch(`${stack.api.url}/v1/images?limit=100&${query}`, { headers: KEY })).text();
      const seconds = cpuSeconds(stack.api.pid).own - before;
      if (seconds > MAX_PAGE_SECONDS)
        findings.push(`a page of ${query} took ${seconds.toFixed(2)} s of CPU time`);
    }
    return findings;
  },
};

export const lookupFlood: Attack = {
  name: 'lookup-flood',
  about: 'look-ups of 1,000 digests each in a loop',
  async run(alice, size) {
    const digests = () => Array.from({ length: 1000 }, () => randomBytes(32).toString('hex'));
    const requests = Array.from({ length: 8 }, () =>
      post('/v1/images/lookup', 'application/json', JSON.stringify({ sha256: digests() })),
    );
    await alice.flood({ connections: 8, total: 200 * size, request: (n) => requests[n % 8] ?? [] });
  },
};

export const slowReaders: Attack = {
  name: 'slow-readers',
  about: 'hundreds of readers of a report that never read what is sent to them',
  async run(alice, size) {
    const rows = rowsOf('http://127.1', `/${'x'.repeat(900)}`, 5000);
    const id = await submitBatch(alice, NDJSON, rows);
    if (id === null) return;
    await neverRead(alice, Math.min(50 * size, MAX_SOCKETS), get(`${pathOf(id)}/report.ndjson`));
    await alice.wait(15_000);
  },
};

const STREAMS = 64;
/** Most of 480 changes. */
const REPLAY_BYTES = 250_000;

export const eventReplays: Attack = {
  name: 'event-replays',
  about: '64 streams of all changes that resume from before 500 changes, again and again',
  async run(alice, size) {
    const begun = await alice.socket();
    if (begun === null) return;
    begun.write(get('/v1/events')[0] ?? '');
    let text = '';
    begun.on('data', (chunk: Buffer) => void (text += chunk.toString('latin1').slice(0, 1000)));
    // The importer refuses a loopback address without a DNS look-up.
    await submitBatch(alice, NDJSON, rowsOf('http://127.1', '/x', 480));
    await alice.wait(8000);
    const [, first = ''] = /^id: (\S+)/m.exec(text) ?? [];
    const request = get('/v1/events', { 'Last-Event-ID': first })[0] ?? Buffer.alloc(0);
    const replay = async () => {
      for (let n = 0; n < 10 * size && !alice.signal.aborted; n++) {
        const socket = await alice.socket();
        if (socket === null) return;
        const status = await readReplay(socket, request);
        alice.count(status);
        if (status !== '200') await alice.wait(1000);
        socket.destroy();
      }
    };
    await Promise.all(Array.from({ length: STREAMS }, replay));
  },
};

/** Returns the status once most of the changes have come, or the response is a refusal. */
function readReplay(socket: Socket, request: Uint8Array): Promise<string> {
  return new Promise((resolve) => {
    let status = 'cut';
    let bytes = 0;
    socket.on('data', (chunk: Buffer) => {
      if (bytes === 0) status = chunk.toString('latin1', 9, 12);
      bytes += chunk.length;
      if (status !== '200' || bytes >= REPLAY_BYTES) resolve(status);
    });
    socket.once('close', () => resolve(status));
    socket.write(request);
  });
}

export const signFlood: Attack = {
  name: 'sign-flood',
  about: 'signed URLs of a private image with random lifetimes, as fast as the API signs',
  maxMs: 15_000,
  async run(alice, size) {
    const uploading = post(`${IMAGES}?profile=receipts`, JPEG, await jpegOf(16, 16), { Prefer: 'wait=20' });
    const { status, body } = await alice.send(uploading, { keepsBody: true });
    if (status !== '201') return alice.finding(`the private image: ${status}`);
    const path = `${pathOf(idsIn([body])[0] ?? '')}/sign`;
    const wanted = () => JSON.stringify({ expiresInSeconds: 1 + alice.random.below(604_800) });
    await alice.flood({
      connections: 32,
      total: 1000 * size,
      request: () => post(path, JSON_TYPE, wanted()),
    });
  },
};
