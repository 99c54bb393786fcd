import type { Text } from '@pixdock/contract/messages/text';
import { describeThrown } from './finding.js';

type StepName = 'put' | 'clock' | 'overwrite' | 'head' | 'read' | 'keys' | 'delete';

export type Step =
  | { step: StepName; status: 'ok'; ms: number; detail: Text }
  | { step: StepName; status: 'fault'; ms: number; code: string; detail: Text; fix: Text }
  /** Not tried, because an earlier step failed. */
  | { step: StepName; status: 'skipped' };

export interface Checkup {
  /** Results, in order. */
  steps: readonly Step[];
  /** Runs `work`, which returns a detail or throws, and records the result. */
  step: (name: StepName, work: () => Promise<Text>) => Promise<{ ok: true } | { ok: false; thrown: unknown }>;
  skip: (name: StepName) => void;
}

/** Records the result of each step. */
export function startCheckup(): Checkup {
  const steps: Step[] = [];
  return {
    steps,
    step: async (name, work) => {
      const startedAt = performance.now();
      const elapsed = () => Math.round(performance.now() - startedAt);
      try {
        const detail = await work();
        steps.push({ step: name, status: 'ok', ms: elapsed(), detail });
        return { ok: true };
      } catch (thrown) {
        steps.push({ step: name, status: 'fault', ms: elapsed(), ...describeThrown(thrown) });
        return { ok: false, thrown };
      }
    },
    skip: (name) => steps.push({ step: name, status: 'skipped' }),
  };
}
