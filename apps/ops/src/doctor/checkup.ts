import type { Text } from '@pixdock/contract/error-table';
import { describeThrown } from './finding.js';

type StepName = 'put' | 'clock' | 'overwrite' | 'head' | 'read' | 'delete';

export type Step =
  | { step: StepName; status: 'ok'; ms: number; detail: string }
  | { step: StepName; status: 'fault'; ms: number; code: string; detail: string; fix: Text }
  /** Not tried, as the step it builds on failed. */
  | { step: StepName; status: 'skipped' };

export interface Checkup {
  /** How each step ended, in order. */
  steps: readonly Step[];
  /** `work` answers with what it saw, or throws. */
  step: (
    name: StepName,
    work: () => Promise<string>,
  ) => Promise<{ ok: true } | { ok: false; thrown: unknown }>;
  skip: (name: StepName) => void;
}

/** Runs steps one after another and writes down how each ended. */
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
