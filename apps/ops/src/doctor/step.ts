import type { Text } from '@pixdock/contract/messages/text';
import { describeThrown } from './finding.js';

export type Step =
  | { step: StepName; status: 'ok'; ms: number; detail: Text }
  | { step: StepName; status: 'fault'; ms: number; code: string; detail: Text; fix: Text }
  /** Not tried, because an earlier step failed. */
  | { step: StepName; status: 'skipped' };

type StepName =
  | 'staging-bucket'
  | 'staging-objects'
  | 'staging-race'
  | 'staging-delete'
  | 'staging'
  | 'heic'
  | 'put'
  | 'clock'
  | 'overwrite'
  | 'head'
  | 'read'
  | 'keys'
  | 'delete'
  | 'private'
  | 'cdn';

/** Runs `work`, which returns a detail or throws, and adds the result to `steps`. */
export async function run(
  steps: Step[],
  step: StepName,
  work: () => Promise<Text>,
): Promise<{ ok: true } | { ok: false; thrown: unknown }> {
  const startedAt = performance.now();
  const elapsed = () => Math.round(performance.now() - startedAt);
  try {
    const detail = await work();
    steps.push({ step, status: 'ok', ms: elapsed(), detail });
    return { ok: true };
  } catch (thrown) {
    steps.push({ step, status: 'fault', ms: elapsed(), ...describeThrown(thrown) });
    return { ok: false, thrown };
  }
}

export function skip(steps: Step[], ...names: StepName[]): void {
  for (const step of names) steps.push({ step, status: 'skipped' });
}

/** Short, because an operator waits for the result. */
export const IMPATIENT = {
  timeouts: { connectMs: 5000, responseMs: 15_000 },
  retry: { tries: 2, baseMs: 200, capMs: 2000 },
};
