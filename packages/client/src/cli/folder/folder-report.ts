import { csvLine } from '@pixdock/contract/csv-line';
import { formatOfReport, openPart, type TextFormat } from '../batch/report.js';
import { UsageError } from '../exit.js';
import type { Outcome } from '../sending/send-files.js';
import type { Shell } from '../shell.js';

/**
 * Opens the report of a folder in `--report`: one line per file, in the order in which the files end. At its end, an incomplete
 * one is removed. Without the option, a report that is not written. @throws UsageError
 */
export async function openFolderReport(shell: Shell) {
  const file = shell.commandLine.text('report');
  if (file === undefined) return { add() {}, async save() {}, async [Symbol.asyncDispose]() {} };
  const format = formatOfReport(shell, file);
  if (format === 'xlsx') throw new UsageError(shell.say('report-extension', { file }));
  const part = await openPart(shell, file);
  const lines: string[] = format === 'csv' ? [`\uFEFF${COLUMNS}\r\n`] : [];
  return {
    ...part,
    add: (outcome: Outcome) => void lines.push(lineOf(outcome, format)),
    async save() {
      await part.handle.writeFile(lines.join(''));
      await part.complete();
    },
  };
}

const COLUMNS = 'file,status,how,id,url,code,detail';

function lineOf(outcome: Outcome, format: TextFormat): string {
  if (format === 'ndjson') return `${JSON.stringify(outcome)}\n`;
  const { file } = outcome;
  const cells =
    'error' in outcome
      ? [file, 'failed', '', outcome.id ?? '', '', outcome.error.code, outcome.error.detail]
      : [file, 'published', outcome.how, outcome.id, outcome.url ?? '', '', ''];
  return csvLine(cells);
}
