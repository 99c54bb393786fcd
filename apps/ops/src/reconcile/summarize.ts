import type { Language } from '@pixdock/contract/messages/text';
import { say } from '../messages/reconcile.js';
import type { AllCounts } from './reconcile.js';
import type { Report } from './report.js';

/** What was checked, what was found, and what to do next; one line each. */
export function summarize(counts: AllCounts, report: Report, isFixing: boolean, language: Language): string {
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
