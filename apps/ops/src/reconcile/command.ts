import type { Language } from '@pixdock/contract/messages/text';
import { nowMs } from '@pixdock/shared/runtime/clock';
import { say } from '../messages/reconcile.js';
import { readOption } from '../read-option.js';
import { type Context, EXIT, type ExitCode } from '../run-command.js';
import { openServices } from '../services.js';
import { type AllCounts, reconcileAll } from './reconcile.js';
import { type Report, startReport } from './report.js';

interface ReconcileOptions {
  fix?: boolean | undefined;
  before?: string | undefined;
}

const HOUR_MS = 3600_000;

/** `pixdock-ops reconcile`: finds differences, and with `--fix` removes them. */
export async function reconcile(
  context: Context,
  { fix = false, before }: ReconcileOptions,
): Promise<ExitCode> {
  const { output, language } = context;
  const beforeMs = readOption('--before', before, (read) => read.duration('--before', HOUR_MS));
  await using services = await openServices(context);
  const report = startReport(fix, language, output.out);
  if (!services.isRedisKnown) output.err(say(language, 'unknown-redis'));
  const counts = await reconcileAll({ ...services, report, beforeMs: nowMs() - beforeMs });
  output.err(summarize(counts, report, fix, language));
  return report.remaining() === 0 ? EXIT.ok : EXIT.fault;
}

/** What was checked, what was found, and what to do next; one line each. */
function summarize(counts: AllCounts, report: Report, isFixing: boolean, language: Language): string {
  const kinds = [...report.counts].map(
    ([kind, { found, fixed }]) => `${kind} ${found}${isFixing ? `/${fixed}` : ''}`,
  );
  const lines = [say(language, 'checked', counts), foundLine(kinds.join(', '), isFixing, language)];
  const isFixable = report.isFixable() ? 'needs-fix' : 'needs-only-hand';
  if (report.remaining() > 0) lines.push(say(language, isFixing ? 'needs-hand' : isFixable));
  return lines.join('\n');
}

function foundLine(list: string, isFixing: boolean, language: Language): string {
  if (list === '') return say(language, 'nothing-found');
  return isFixing ? say(language, 'found-and-fixed', { list }) : say(language, 'found', { list });
}
