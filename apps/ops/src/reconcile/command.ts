import { readSettings } from '@pixdock/shared/runtime/env';
import { orTell } from '../cannot-run.js';
import type { Environment } from '../dot-env.js';
import { languageOf } from '../language.js';
import { EXIT, type ExitCode, type Output } from '../output.js';
import { openParts } from '../parts.js';
import { reconcileAll } from './reconcile.js';
import { startReport } from './report.js';
import { summary, unknownRedis } from './summary.js';

export interface ReconcileOptions {
  fix?: boolean;
  before?: string;
}

const HOUR_MS = 3600_000;

/** `pixdock-ops reconcile`: finds what does not fit together, and with `--fix` mends it. */
export function reconcile(
  environment: Environment,
  output: Output,
  { fix = false, before }: ReconcileOptions,
): Promise<ExitCode> {
  const language = languageOf(environment);
  return orTell(
    async () => {
      const beforeMs = readSettings({ '--before': before }, (read) => read.duration('--before', HOUR_MS));
      const parts = await openParts(environment, output);
      try {
        const report = startReport(fix, language, output.out);
        if (!parts.isRedisKnown) output.err(unknownRedis[language]);
        const looked = await reconcileAll({ ...parts, report, beforeMs: Date.now() - beforeMs });
        output.err(summary(looked, report, fix)[language]);
        return report.left() === 0 ? EXIT.ok : EXIT.fault;
      } finally {
        await parts.stop();
      }
    },
    output,
    language,
  );
}
