import type { Batch } from '@pixdock/contract/batch';
import { expect, test } from 'vitest';
import { type ApiResponse, ask, until } from '../../harness/client.js';
import type { Side } from '../../harness/tcp-proxy.js';
import { isMade, networkInTest, PIECES, SCENARIO_MS } from './support.js';

const network = networkInTest();

test.each<Side>(['request', 'response'])(
  'creates each accepted batch once, and no refused one, when the connection is lost at any %s',
  async (side) => {
    const { stack } = network;
    const items = [{ url: 'http://127.0.0.1:9/picture.jpg' }];
    const body = JSON.stringify({ items });
    const submit = (headers: Record<string, string>) =>
      ask<Batch>(stack, '/v1/batches', {
        method: 'POST',
        body,
        headers: { 'Content-Type': 'application/json', ...headers },
      });
    const before = await batchIds();
    const accepted = new Set<string>();
    const repeats: Promise<void>[] = [];
    for (let n = 1; n <= PIECES; n++) {
      for (const key of [null, `batch-${side}-${n}`]) {
        const headers: Record<string, string> = key === null ? {} : { 'Idempotency-Key': key };
        stack.api2redis.resetAt(n, side);
        const first = await submit(headers);
        stack.api2redis.heal();
        await network.untilReady();
        if (first.status === 202) accepted.add(first.body.id);
        if (key !== null) repeats.push(repeat(() => submit(headers), accepted));
      }
    }
    await Promise.all(repeats);
    const made = async () => (await batchIds()).filter((id) => !before.includes(id)).toSorted();
    await until('what was refused to be gone', 20, async () =>
      (await made()).length === accepted.size ? true : null,
    );
    expect(await made()).toEqual([...accepted].toSorted());
  },
  SCENARIO_MS,
);

async function repeat(submit: () => Promise<ApiResponse<Batch>>, accepted: Set<string>): Promise<void> {
  // A claim that was not released expires after 20 s.
  const id = await until('a batch to be accepted', 30, async () => {
    const response = await submit();
    return isMade(response) ? response.body.id : null;
  });
  accepted.add(id);
}

async function batchIds(): Promise<string[]> {
  const { body } = await ask<{ items: Batch[] }>(network.stack, '/v1/batches?limit=100');
  return body.items.map(({ id }) => id);
}
