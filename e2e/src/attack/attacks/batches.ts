import { get, post } from '../alice/request.js';
import type { Attack } from '../attack.js';
import { BATCHES, CSV, deleteAll, idsIn, KIB, NDJSON, pathOf, rowsOf, submitBatch } from './support.js';

/** A row may have 64 KiB. */
const WIDE = 60 * KIB;
/** Reports and pages of items, of 1 MiB and 6 MiB each, so that the DELETE comes before the attack's time is over. */
const MAX_READS = 40;

export const wideCells: Attack = {
  name: 'wide-cells',
  about: 'D2: CSV batches of 16 rows × 64 URLs with a wide cell, then many readers of their items',
  isDeleted: true,
  maxMs: 45_000,
  async run(alice, size) {
    const urls = Array.from({ length: 64 }, (_, n) => `${alice.sources[0]}/status/404?n=${n}`).join('|');
    const body = `url,note\n${`${urls},${'x'.repeat(WIDE)}\n`.repeat(16)}`;
    const request = post(BATCHES, CSV, body);
    const bodies = await alice.flood({
      connections: 4,
      total: 24 * size,
      keepsBody: true,
      request: () => request,
    });
    const ids = idsIn(bodies);
    const reads = ids.flatMap((id) => [
      get(`${pathOf(id)}/items?limit=100`),
      get(`${pathOf(id)}/report.csv`),
    ]);
    if (reads.length > 0)
      await alice.flood({
        connections: 8,
        total: Math.min(4 * reads.length, MAX_READS),
        timeoutMs: 10_000,
        request: (n) => reads[n % reads.length] ?? [],
      });
    await deleteAll(alice, ids);
  },
};

export const urlList: Attack = {
  name: 'url-list',
  about: 'D3: 65 KB rows that are one list of short URLs; then DELETE',
  isDeleted: true,
  async run(alice, size) {
    // The importer refuses a loopback address without a DNS look-up.
    const row = `${'http://127.1/|'.repeat(4600)}http://127.1/\n`;
    const hundred = `${'http://127.1/|'.repeat(99)}http://127.1/\n`;
    const bodies = [`url\n${row.repeat(9)}`, `url\n${hundred.repeat(400)}`];
    const requests = bodies.map((body) => post(BATCHES, CSV, body));
    const replies = await alice.flood({
      connections: 2,
      total: 2 * size,
      keepsBody: true,
      request: (n) => requests[n % requests.length] ?? [],
    });
    await alice.wait(2000);
    await deleteAll(alice, idsIn(replies));
  },
};

export const headerSets: Attack = {
  name: 'header-sets',
  about: 'D5: 1,000 rows with 1,000 different sets of headers, then many readers of the report',
  async run(alice, size) {
    const filler = 'x'.repeat(2000);
    const row = (n: number) =>
      `{"url":"${alice.sources[0]}/status/404?n=${n}","headers":{"referer":"${n}${filler}","accept":"${filler}"}}\n`;
    const body = Array.from({ length: 1000 }, (_, n) => row(n)).join('');
    const id = await submitBatch(alice, NDJSON, body);
    if (id === null) return;
    const reads = ['report.csv', 'report.ndjson', 'items?limit=100'].map((name) =>
      get(`${pathOf(id)}/${name}`),
    );
    await alice.flood({
      connections: 4 * Math.min(size, 10),
      total: 20 * size,
      request: (n) => reads[n % reads.length] ?? [],
    });
  },
};

export const emptyObjects: Attack = {
  name: 'empty-objects',
  about: 'D9: NDJSON of {} × 100,000, again and again: every invalid row is an item',
  async run(alice, size) {
    const request = post(BATCHES, NDJSON, '{}\n'.repeat(100_000));
    await alice.flood({ connections: 2, total: 2 * size, request: () => request });
  },
};

export const batchFlood: Attack = {
  name: 'batch-flood',
  about: "D10: 100 batches of 200 good images at once; bob's image must not wait for them",
  watchMs: 12_000,
  // A row of 40 bytes brings an image of 20 KB; the worker bounds how many it has at a time.
  maxStagingFactor: 300,
  async run(alice, size) {
    const bodies = alice.sources.map((source) => Buffer.from(rowsOf(source, '/image/photo', 200)));
    const requests = bodies.map((body) => post(BATCHES, NDJSON, body));
    await alice.flood({
      connections: 4,
      total: 100 * size,
      request: (n) => requests[n % requests.length] ?? [],
    });
  },
};

export const oneRowBatches: Attack = {
  name: 'one-row-batches',
  about: 'thousands of batches with one row each',
  async run(alice, size) {
    const row = `{"url":"${alice.sources[0]}/status/404"}\n`;
    const request = post(BATCHES, NDJSON, row);
    await alice.flood({ connections: 16, total: 500 * size, request: () => request });
  },
};

export const cancelRetry: Attack = {
  name: 'cancel-retry',
  about: 'batches that are retried, canceled and submitted again in a loop',
  async run(alice, size) {
    for (let round = 0; round < 2 * size && !alice.signal.aborted; round++) {
      const body = rowsOf(alice.sources[round % alice.sources.length] ?? '', '/status/404', 100);
      const id = await submitBatch(alice, NDJSON, body);
      if (id === null) {
        await alice.wait(100);
        continue;
      }
      const requests = [
        post(`${pathOf(id)}/retry`, 'application/json', '{}'),
        get(`${pathOf(id)}/items?status=failed`),
        post(`${pathOf(id)}/cancel`, 'application/json', '{}'),
      ];
      await alice.flood({
        connections: 8,
        total: 100,
        request: (n) => requests[n % 40 === 39 ? 2 : n % 2] ?? [],
      });
      await deleteAll(alice, [id]);
    }
  },
};

const RETRIED_BATCHES = 20;

export const batchRetries: Attack = {
  name: 'batch-retries',
  about: '20 batches of 100 rows that fail, each retried as soon as it has ended',
  maxMs: 30_000,
  // A row of 60 bytes becomes an image with a folder and an outcome, of a block each.
  maxStagingFactor: 300,
  async run(alice, size) {
    const retryAgain = async (_: unknown, n: number) => {
      const source = alice.sources[n % alice.sources.length] ?? '';
      const id = await submitBatch(alice, NDJSON, rowsOf(source, '/status/404', 10 * size));
      if (id === null) return;
      while (!alice.signal.aborted) {
        await alice.send(get(pathOf(id), { Prefer: 'wait=20' }));
        await alice.send(post(`${pathOf(id)}/retry`, 'application/json', '{}'));
      }
    };
    await Promise.all(Array.from({ length: RETRIED_BATCHES }, retryAgain));
  },
};
