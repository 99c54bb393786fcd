import type { Batch } from '@pixdock/contract/batch';
import type { DryRun } from '@pixdock/contract/dry-run';
import { mayRetry } from '@pixdock/contract/error-table';
import type { Image } from '@pixdock/contract/image';
import { titleOf } from '@pixdock/contract/messages/detail';
import { countOf, UNPUBLISHED_STATUSES } from '@pixdock/contract/status';
import type { Warnings } from '@pixdock/contract/submission-options';
import type { Pixdock } from '../../pixdock.js';
import { EXIT, type ExitCode } from '../exit.js';
import type { Shell } from '../shell.js';
import { count } from '../terminal/units.js';
import { visible } from '../terminal/visible.js';
import { countsOf, rowsBeside } from './watch-batch.js';

/** Prints the result of a batch: its counts and its failures. */
export async function finishBatch(shell: Shell, client: Pixdock, batch: Batch): Promise<ExitCode> {
  shell.screen.err(countsOf(shell, batch));
  if (batch.counts.failed > 0) await printFailures(shell, client, batch);
  return exitOf(batch);
}

/** A running batch without failures counts as success. */
export function exitOf({ status, counts }: Batch): ExitCode {
  return status === 'canceled' || countOf(counts, UNPUBLISHED_STATUSES) > 0 ? EXIT.failed : EXIT.ok;
}

interface Group {
  code: string;
  title: string;
  count: number;
  example: Image;
}

/** Prints the failures of a batch by code: their number, the title, and an example. */
async function printFailures(shell: Shell, client: Pixdock, batch: Batch): Promise<void> {
  const { screen, say } = shell;
  const groups = await groupFailures(shell, client, batch);
  const widths = {
    count: Math.max(...groups.map((group) => count(group.count).length)),
    code: Math.max(...groups.map(({ code }) => code.length)),
  };
  for (const group of groups) {
    const number = count(group.count).padStart(widths.count);
    screen.err(`  ${screen.red(number)}  ${group.code.padEnd(widths.code)}  ${visible(group.title)}`);
    screen.err(screen.dim(`  ${' '.repeat(widths.count)}  ${describeExample(shell, group.example)}`));
  }
  screen.err(say('failed-rows-hint', { id: batch.id, isWorkbook: batch.format === 'workbook' }));
  const codes = groups.map(({ code }) => code).filter(mayRetry);
  if (codes.length > 0)
    screen.err(say('retry-hint', { id: batch.id, codes: codes.length === groups.length ? [] : codes }));
}

/** Reads every failure: 100,000 take some seconds on one machine. */
async function groupFailures(
  { screen, signal, say }: Shell,
  client: Pixdock,
  { id, counts }: Batch,
): Promise<Group[]> {
  const groups = new Map<string, Group>();
  let done = 0;
  const drawing = screen.draw(
    1,
    () => `  ${say('reading-failures', { done: count(done), total: count(counts.failed) })}`,
  );
  try {
    for await (const image of client.batches.items(id, { status: 'failed', signal })) {
      done++;
      const { code = 'failed', title = 'Failed' } = image.error ?? {};
      const group = groups.get(code);
      if (group === undefined) groups.set(code, { code, title, count: 1, example: image });
      else group.count++;
    }
  } finally {
    drawing.stop();
  }
  return [...groups.values()].toSorted((a, b) => b.count - a.count);
}

function describeExample({ say }: Shell, { row, externalId, source, error }: Image): string {
  // An invalid row has no URL.
  const names = [externalId ?? source.filename, source.url].filter((name) => typeof name === 'string');
  return say('failure-example', {
    // The detail of `invalid_row` already contains the row.
    row: error?.code === 'invalid_row' ? null : row,
    name: visible(names.join(', ')),
    detail: visible(error?.detail ?? ''),
  });
}

/** Prints the result of a dry run: its counts and its faults. */
export function printDryRun(shell: Shell, result: DryRun): ExitCode {
  const { screen, say } = shell;
  const [total, valid, invalid] = [count(result.total), count(result.valid), count(result.invalid)];
  const rows = rowsBeside(result.rows, result.total);
  shell.result(result, say('dry-run-result', { rows, total, valid, invalid }));
  const groups = groupFaults(result.faults);
  const width = Math.max(...groups.map((faults) => count(faults.length).length));
  for (const faults of groups) {
    const [{ code }] = faults;
    const title = say('failure', { code, title: '', detail: titleOf(code, shell.language) });
    screen.err(`  ${count(faults.length).padStart(width)}  ${title}`);
    for (const fault of faults)
      screen.err(screen.dim(`  ${' '.repeat(width)}  ${describeFault(shell, fault)}`));
  }
  const omitted = result.invalid - result.faults.length;
  if (omitted > 0) screen.err(`  ${say('more-rows', { count: count(omitted) })}`);
  printWarnings(shell, result.warnings);
  return result.invalid === 0 ? EXIT.ok : EXIT.failed;
}

/** Prints what was left out, and rows that look wrong. */
export function printWarnings({ screen, say }: Shell, warnings: Warnings = []): void {
  for (const { detail } of warnings) screen.err(say('warning', { detail: visible(detail) }));
}

type Fault = DryRun['faults'][number];

/** The row, the SKU and the URL of a fault, and what is wrong. */
function describeFault({ say }: Shell, { row, code, externalId, url, detail }: Fault): string {
  // Only the detail of an invalid row names the row and quotes the URL.
  const place = code === 'invalid_row' ? '' : say('row-place', { row });
  const names = [externalId, detail.includes(url ?? '') ? null : url].filter(
    (name) => typeof name === 'string',
  );
  return `${place}${visible(detail)}${names.length === 0 ? '' : ` (${visible(names.join(', '))})`}`;
}

/** The faults of each kind; two are alike if their sentences differ in numbers and quotes only. */
function groupFaults(faults: readonly Fault[]): [Fault, ...Fault[]][] {
  const groups = new Map<string, [Fault, ...Fault[]]>();
  for (const fault of faults) {
    const key = `${fault.code} ${fault.field} ${fault.detail.replace(/"[^"]*"|“[^”]*”|\d+/g, '')}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [fault]);
    else group.push(fault);
  }
  return [...groups.values()].toSorted((a, b) => b.length - a.length);
}
