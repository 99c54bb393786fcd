import type { Batch } from '@pixdock/contract/batch';
import { titleOf } from '@pixdock/contract/messages/detail';
import { countOf, DELETED_STATUSES, isDeletedStatus } from '@pixdock/contract/status';
import { exitOf, finishBatch } from '../batch/finish-batch.js';
import {
  formatOfName,
  formatOfReport,
  openReport,
  printReport,
  type ReportFormat,
  readerOf,
} from '../batch/report.js';
import { countsOf, watchBatch } from '../batch/watch-batch.js';
import { EXIT, type ExitCode, UsageError } from '../exit.js';
import { codeOf, secondsIn } from '../filters.js';
import { showImage, watchImage } from '../image/show-image.js';
import { openClient, type Shell } from '../shell.js';
import { fit } from '../terminal/columns.js';
import { visible } from '../terminal/visible.js';

const LABEL = 6;

/** `pixdock status ID` */
export async function status(shell: Shell, id: string): Promise<ExitCode> {
  const kind = kindOf(shell, id);
  const client = await openClient(shell);
  const { signal, json } = shell;
  const each = (snapshot: unknown) => (json ? shell.result(snapshot, '') : undefined);
  if (!shell.commandLine.flag('watch'))
    return kind === 'image'
      ? showImage(shell, await client.images.get(id, { signal }))
      : showBatch(shell, await client.batches.get(id, { signal }));
  if (kind === 'batch') return finishBatch(shell, client, await watchBatch(shell, client, id, each));
  const image = await watchImage(shell, client, id, each);
  // With --json, the last snapshot is printed already.
  return showImage(json ? { ...shell, result() {} } : shell, image);
}

/** `pixdock retry ID` */
export async function retry(shell: Shell, id: string): Promise<ExitCode> {
  const { signal, say } = shell;
  const kind = kindOf(shell, id);
  const code = codeOf(shell);
  if (kind === 'image' && code !== undefined) throw new UsageError(say('code-needs-batch'));
  const client = await openClient(shell);
  if (kind === 'image') showImage(shell, await client.images.retry(id, { signal }));
  else showBatch(shell, await client.batches.retry(id, { code, signal }));
  return EXIT.ok;
}

/** `pixdock approve ID…` */
export const approve = (shell: Shell, ...ids: string[]): Promise<ExitCode> => decide(shell, ids, 'approve');

/** `pixdock reject ID…` */
export const reject = (shell: Shell, ...ids: string[]): Promise<ExitCode> => decide(shell, ids, 'reject');

async function decide(
  shell: Shell,
  ids: readonly string[],
  decision: 'approve' | 'reject',
): Promise<ExitCode> {
  const { signal, say } = shell;
  if (ids.some((id) => kindOf(shell, id) !== 'image')) throw new UsageError(say('image-only'));
  const client = await openClient(shell);
  for (const id of ids) {
    const image = await client.images[decision](id, { signal });
    shell.result(image, `${image.id}\t${say(`decision.${decision}`)}`);
  }
  return EXIT.ok;
}

/** `pixdock rename ID NAME` */
export async function rename(shell: Shell, id: string, name: string): Promise<ExitCode> {
  expectBatch(shell, id);
  const client = await openClient(shell);
  showBatch(shell, await client.batches.rename(id, name, { signal: shell.signal }));
  return EXIT.ok;
}

/** `pixdock cancel ID` */
export async function cancel(shell: Shell, id: string): Promise<ExitCode> {
  expectBatch(shell, id);
  const client = await openClient(shell);
  showBatch(shell, await client.batches.cancel(id, { signal: shell.signal }));
  return EXIT.ok;
}

/** `pixdock keep ID…` */
export async function keep(shell: Shell, ...ids: string[]): Promise<ExitCode> {
  const { signal, say, language } = shell;
  const client = await openClient(shell);
  const kept = await client.images.keepAll(ids, { signal });
  for (const image of kept)
    shell.result(image, `${image.id}\t${image.code === null ? say('kept') : titleOf(image.code, language)}`);
  return kept.every((one) => one.kept) ? EXIT.ok : EXIT.failed;
}

/** `pixdock sign ID` */
export async function sign(shell: Shell, id: string): Promise<ExitCode> {
  const { commandLine, signal, say } = shell;
  if (kindOf(shell, id) !== 'image') throw new UsageError(say('image-only'));
  const variant = commandLine.text('variant');
  const expiresInSeconds = secondsIn(shell, 'expires');
  const client = await openClient(shell);
  const signed = await client.images.sign(id, { variant, expiresInSeconds, signal });
  shell.result(signed, signed.url);
  return EXIT.ok;
}

/** `pixdock delete ID`, `pixdock delete --external-id ID` */
export async function remove(shell: Shell, id?: string): Promise<ExitCode> {
  const { commandLine, say } = shell;
  const externalId = commandLine.text('external-id');
  if ((id === undefined) === (externalId === undefined)) throw new UsageError(say('delete-what'));
  if (externalId !== undefined) return removeAll(shell, externalId);
  return removeOne(shell, id ?? '');
}

async function removeAll(shell: Shell, externalId: string): Promise<ExitCode> {
  const { signal, say } = shell;
  const client = await openClient(shell);
  let count = 0;
  for await (const image of client.images.deleteByExternalId(externalId, { signal })) {
    const pending = isDeletedStatus(image.status) ? '' : say('being-deleted');
    shell.result(image, `${image.id}\t${say(`status.${image.status}`)}${pending}`);
    count++;
  }
  shell.screen.err(count === 0 ? say('no-images-found') : say('deletions-requested', { count }));
  return EXIT.ok;
}

async function removeOne(shell: Shell, id: string): Promise<ExitCode> {
  const { signal } = shell;
  const kind = kindOf(shell, id);
  const client = await openClient(shell);
  if (kind === 'image') showImage(shell, await client.images.delete(id, { signal }));
  else showBatch(shell, await client.batches.delete(id, { signal }));
  return EXIT.ok;
}

/** `pixdock report ID` */
export async function report(shell: Shell, id: string): Promise<ExitCode> {
  expectBatch(shell, id);
  const { commandLine, say } = shell;
  const file = commandLine.text('output');
  const isFailed = commandLine.flag('failed');
  const other = ['ndjson', 'status', 'code'].find(commandLine.flag);
  if (isFailed && other !== undefined)
    throw new UsageError(say('option-beside-failed', { option: `--${other}` }));
  // A terminal cannot show the encoding of every sheet.
  if (isFailed && file === undefined) throw new UsageError(say('failed-without-output', { id }));
  const isWorkbook = file !== undefined && formatOfName(file) === 'xlsx';
  const read = readerOf(shell, isFailed && !isWorkbook ? 'csv' : formatOf(shell, file));
  const client = await openClient(shell);
  if (file === undefined) {
    await printReport(shell, client, id, read);
    return EXIT.ok;
  }
  await using target = await openReport(shell, file, read);
  await target.save(client, id);
  return EXIT.ok;
}

/**
 * The format in an option, else of the file extension, else NDJSON with `--json`.
 * @throws UsageError if nothing names the format of a file
 */
function formatOf(shell: Shell, file: string | undefined): ReportFormat {
  const { commandLine, json, say } = shell;
  const [csv, ndjson] = [commandLine.flag('csv'), commandLine.flag('ndjson')];
  if (csv && (ndjson || json)) throw new UsageError(say('report-format-conflict'));
  if (csv || ndjson) return csv ? 'csv' : 'ndjson';
  if (file === undefined) return json ? 'ndjson' : 'csv';
  return json ? (formatOfName(file) ?? 'ndjson') : formatOfReport(shell, file);
}

function showBatch(shell: Shell, batch: Batch): ExitCode {
  const { say } = shell;
  const lines = [
    `${fit(say('label.batch'), LABEL)}  ${batch.id}`,
    ...(batch.name === null ? [] : [`${fit(say('label.name'), LABEL)}  ${visible(batch.name)}`]),
    `${fit(say('label.status'), LABEL)}  ${say(`status.${batch.status}`)} ${Math.floor(batch.progress * 100)}%${pendingRequestOf(shell, batch)}`,
    countsOf(shell, batch),
  ];
  shell.result(batch, lines.join('\n'));
  return exitOf(batch);
}

/** A requested deletion or cancellation that is not completed. */
function pendingRequestOf({ say }: Shell, batch: Batch): string {
  const { status: state, counts, total, cancelRequestedAt, deleteRequestedAt } = batch;
  if (deleteRequestedAt !== null && countOf(counts, DELETED_STATUSES) < total) return say('being-deleted');
  return cancelRequestedAt !== null && state === 'running' ? say('being-canceled') : '';
}

function kindOf({ say }: Shell, id: string): 'image' | 'batch' {
  if (id.startsWith('img_')) return 'image';
  if (id.startsWith('bat_')) return 'batch';
  throw new UsageError(say('invalid-id', { id }));
}

function expectBatch(shell: Shell, id: string): void {
  if (kindOf(shell, id) === 'batch') return;
  throw new UsageError(shell.say('batch-only'));
}
