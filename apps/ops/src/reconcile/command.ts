import { languageOf } from '@pixdock/contract/messages/language';
import type { Environment } from '../dot-env.js';
import { say } from '../messages/reconcile.js';
import { EXIT, type ExitCode, type Output } from '../output.js';
import { readOption } from '../read-option.js';
import { runCommand } from '../run-command.js';
import { openServices } from '../services.js';
import { reconcileAll } from './reconcile.js';
import { startReport } from './report.js';
import { summarize } from './summarize.js';

interface ReconcileOptions {
  fix?: boolean | undefined;
  before?: string | undefined;
}

const HOUR_MS = 3600_000;

/** `pixdock-ops reconcile`: finds differences, and with `--fix` removes them. */
export function reconcile(
  environment: Environment,
  output: Output,
  { fix = false, before }: ReconcileOptions,
): Promise<ExitCode> {
  const language = languageOf(environment);
  return runCommand(
    async () => {
      const beforeMs = readOption('--before', before, (read) => read.duration('--before', HOUR_MS));
      const services = await openServices(environment, output, language);
      try {
        const report = startReport(fix, language, output.out);
        if (!services.isRedisKnown) output.err(say(language, 'unknown-redis'));
        const counts = await reconcileAll({ ...services, report, beforeMs: Date.now() - beforeMs });
        output.err(summarize(counts, report, fix, language));
        return report.remaining() === 0 ? EXIT.ok : EXIT.fault;
      } finally {
        await services.stop();
      }
    },
    output,
    language,
  );
}
