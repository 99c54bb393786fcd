import type { Language } from '@pixdock/contract/error';
import type { Step } from './checkup.js';
import type { Report } from './examine.js';

/** One line a step; below a fault, its fix. */
export function printReport(report: Report, language: Language, out: (line: string) => void): void {
  out(
    `bucket ${report.bucket} (${report.region}) at ${report.endpoint}, ${report.addressing}; public ${report.url}`,
  );
  for (const warning of report.warnings) out(`! ${warning}`);
  for (const step of report.steps) {
    out(`${MARKS[step.status]} ${step.step.padEnd(NAME_WIDTH)} ${lineOf(step)}`);
    if (step.status === 'fault') out(`${' '.repeat(NAME_WIDTH + 3)}fix: ${step.fix[language]}`);
  }
  const faults = report.steps.filter(({ status }) => status === 'fault').length;
  out(faults === 0 ? 'All good.' : `${faults} ${faults === 1 ? 'fault' : 'faults'}.`);
}

const MARKS = { ok: '✓', fault: '✗', skipped: '-' } as const;
const NAME_WIDTH = 'overwrite'.length;

function lineOf(step: Step): string {
  if (step.status === 'skipped') return 'not tried';
  const said = step.status === 'ok' ? step.detail : `${step.code}: ${step.detail}`;
  return `${said} (${step.ms} ms)`;
}
