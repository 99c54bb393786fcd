import { OTHER, upload } from '@pixdock/e2e/harness/client';
import type { Stack } from '@pixdock/e2e/harness/stack';
import { sleep } from '@pixdock/shared/runtime/clock';

/** Times in ms. */
export interface SingleUploads {
  urls: string[];
  /** Time from the first byte sent to the URL. */
  p50: number;
  p95: number;
}

interface Repeat {
  count: number;
  /** Between two uploads. */
  pauseMs: number;
  ended?: AbortSignal;
}

/**
 * Uploads a picture repeatedly until `ended` aborts, each time waiting for its URL. The owner is not the one of the batch, so
 * that each has only its share.
 */
export async function uploadSingly(
  stack: Stack,
  picture: Uint8Array,
  { count, pauseMs, ended }: Repeat,
): Promise<SingleUploads> {
  const urls: string[] = [];
  const times: number[] = [];
  for (let i = 0; i < count; i++) {
    if (ended?.aborted === true) break;
    const start = performance.now();
    const { status, body } = await upload(stack, picture, { headers: { ...OTHER, Prefer: 'wait=60' } });
    times.push(performance.now() - start);
    if (status !== 201) throw new Error(`${status} ${JSON.stringify(body)}`);
    urls.push(body.url ?? '');
    await sleep(pauseMs, ended);
  }
  return {
    urls,
    p50: quantile(times, 0.5),
    p95: quantile(times, 0.95),
  };
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}
