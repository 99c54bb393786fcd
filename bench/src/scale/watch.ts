import type { Batch } from '@pixdock/contract/batch';
import { FINAL_STATUSES } from '@pixdock/contract/status';
import { ask } from '@pixdock/e2e/harness/client';
import type { Stack } from '@pixdock/e2e/harness/stack';
import { sleep } from '@pixdock/shared/runtime/clock';

const POLL_MS = 500;
/** Number of findings after which watching stops: a batch with wrong counts may never finish. */
const MAX_FINDINGS = 20;

export interface Watched {
  batch: Batch;
  polls: number;
  /** Broken promises. */
  findings: string[];
}

/** Polls a batch until it is finished or has too many findings, and compares each state with the one before. */
export async function watch(
  stack: Stack,
  accepted: Batch,
  onState: (batch: Batch) => void,
  signal: AbortSignal,
): Promise<Watched> {
  const findings: string[] = [];
  let batch = accepted;
  for (let polls = 1; ; polls++) {
    const { status, body } = await ask<Batch>(stack, `/v1/batches/${accepted.id}`, { signal });
    if (status !== 200) throw new Error(`${status} ${JSON.stringify(body)}`);
    findings.push(...inOneState(body, accepted.total), ...betweenStates(batch, body));
    batch = body;
    onState(batch);
    if (batch.status !== 'running' || findings.length >= MAX_FINDINGS) return { batch, polls, findings };
    await sleep(POLL_MS, signal);
    signal.throwIfAborted();
  }
}

function inOneState({ version, total, counts, progress }: Batch, expected: number): string[] {
  const sum = Object.values(counts).reduce((a, b) => a + b, 0);
  const ended = FINAL_STATUSES.reduce((a, status) => a + counts[status], 0);
  return [
    ...(total === expected && sum === total ? [] : [`version ${version}: ${sum} of ${total} are counted`]),
    ...(Math.abs(progress - ended / total) < 1e-9 ? [] : [`version ${version}: progress ${progress}`]),
  ];
}

function betweenStates(before: Batch, now: Batch): string[] {
  const isSame = JSON.stringify(before.counts) === JSON.stringify(now.counts);
  const rose = now.version > before.version || (now.version === before.version && isSame);
  const fell = FINAL_STATUSES.filter((status) => now.counts[status] < before.counts[status]);
  return [
    ...(rose ? [] : [`version ${before.version}, then ${now.version} with other counts`]),
    ...(now.progress >= before.progress ? [] : [`progress ${before.progress}, then ${now.progress}`]),
    ...fell.map((status) => `${status} ${before.counts[status]}, then ${now.counts[status]}`),
  ];
}
