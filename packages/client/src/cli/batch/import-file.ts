import { stat } from 'node:fs/promises';
import { titleOf } from '@pixdock/contract/messages/detail';
import type { DryRun } from '../../batch-options.js';
import type { Pixdock } from '../../pixdock.js';
import { EXIT, type ExitCode, UsageError } from '../exit.js';
import { openFile } from '../sending/open-file.js';
import { createProgress } from '../sending/progress.js';
import type { Shell } from '../shell.js';
import { count } from '../terminal/units.js';
import { visible } from '../terminal/visible.js';
import { columnsOf } from './columns-option.js';
import { finishBatch } from './finish-batch.js';
import { guessMapping } from './guess-mapping.js';
import { hasRows } from './has-rows.js';
import { formatOfReport, openReport, type ReportFile } from './report.js';
import { rowsBeside, watchBatch } from './watch-batch.js';

/** Submits a file of rows, or an archive, as a batch; follows it to its end unless `--no-watch` is set. */
export async function importFile(
  shell: Shell,
  client: Pixdock,
  file: string,
  mediaType: string,
): Promise<ExitCode> {
  const { commandLine, say } = shell;
  const isCsv = mediaType === 'text/csv';
  const given = columnsOf(shell);
  if (!(await hasRows(file, mediaType)))
    throw new UsageError(say(isCsv ? 'no-csv-rows' : 'no-ndjson-rows', { file }));
  const columns = isCsv ? await guessMapping(shell, file, given) : given;
  const options = { mediaType, profile: commandLine.text('profile'), columns };
  if (commandLine.flag('dry-run')) {
    const result = await sendFile(shell, file, (source) =>
      client.batches.create(source, { ...options, dryRun: true, signal: shell.signal }),
    );
    return printDryRun(shell, result);
  }
  const report = await openReportOption(shell);
  try {
    const created = await sendFile(shell, file, (source) =>
      client.batches.create(source, { ...options, signal: shell.signal }),
    );
    shell.result(created, created.id);
    if (commandLine.flag('no-watch')) {
      shell.screen.err(say('follow-hint', { id: created.id }));
      return EXIT.ok;
    }
    const batch = await followBatch(shell, client, created.id);
    if (shell.json) shell.result(batch, '');
    const exit = await finishBatch(shell, client, batch);
    await report?.save(client, batch.id);
    return exit;
  } finally {
    await report?.close();
  }
}

async function openReportOption(shell: Shell): Promise<ReportFile | undefined> {
  const file = shell.commandLine.text('report');
  if (file === undefined) return undefined;
  return openReport(shell, file, formatOfReport(shell, file));
}

async function sendFile<T>(
  shell: Shell,
  file: string,
  create: (source: ReturnType<typeof openFile>) => Promise<T>,
): Promise<T> {
  const { size } = await stat(file);
  const progress = createProgress(shell, { files: 1, bytes: size });
  const track = progress.begin(visible(file), size);
  let sent = 0;
  const follower = {
    started() {
      sent = 0;
      track.started();
    },
    sent(bytes: number) {
      sent += bytes;
      track.sent(bytes);
      // The server still checks the last rows.
      if (sent === size) track.waiting();
    },
  };
  try {
    return await create(openFile(file, size, follower));
  } catch (error) {
    if (shell.signal.aborted)
      shell.screen.err(shell.say(sent < size ? 'import-stopped' : 'import-stopped-late'));
    throw error;
  } finally {
    progress.stop();
  }
}

async function followBatch(shell: Shell, client: Pixdock, id: string) {
  try {
    return await watchBatch(shell, client, id);
  } catch (error) {
    if (shell.signal.aborted) shell.screen.err(shell.say('batch-continues', { id }));
    throw error;
  }
}

function printDryRun(shell: Shell, result: DryRun): ExitCode {
  const { screen, say } = shell;
  const [total, valid, invalid] = [count(result.total), count(result.valid), count(result.invalid)];
  const rows = rowsBeside(result.rows, result.total);
  shell.result(result, say('dry-run-result', { rows, total, valid, invalid }));
  const groups = groupFaults(result.faults);
  const width = Math.max(...groups.map((group) => count(group.count).length));
  for (const { fault, count: number } of groups) {
    const { row, code, detail } = fault;
    // Only the detail of an invalid row names the row.
    const place = code === 'invalid_row' ? '' : say('row-place', { row });
    const example = say('failure-example', { row: null, name: '', detail: `${place}${visible(detail)}` });
    const text = number === 1 ? `${place}${visible(detail)}` : titleOf(code, shell.language);
    screen.err(`  ${count(number).padStart(width)}  ${say('failure', { code, title: '', detail: text })}`);
    if (number > 1) screen.err(screen.dim(`  ${' '.repeat(width)}  ${example}`));
  }
  const omitted = result.invalid - result.faults.length;
  if (omitted > 0) screen.err(`  ${say('more-rows', { count: count(omitted) })}`);
  return result.invalid === 0 ? EXIT.ok : EXIT.failed;
}

type Fault = DryRun['faults'][number];

/** The faults with the first of each kind; two are alike if their sentences differ in numbers and quotes only. */
function groupFaults(faults: readonly Fault[]): { fault: Fault; count: number }[] {
  const groups = new Map<string, { fault: Fault; count: number }>();
  for (const fault of faults) {
    const key = `${fault.code} ${fault.field} ${fault.detail.replace(/"[^"]*"|“[^”]*”|\d+/g, '')}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { fault, count: 1 });
    else group.count++;
  }
  return [...groups.values()].toSorted((a, b) => b.count - a.count);
}
