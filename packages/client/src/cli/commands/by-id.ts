import type { Batch } from '@pixdock/contract/batch';
import type { ErrorCode } from '@pixdock/contract/error-table';
import type { Pixdock } from '../../pixdock.js';
import { exitOf, finishBatch } from '../batch/finish-batch.js';
import { formatOfName, openReport, printReport, type ReportFormat } from '../batch/report.js';
import { countsOf, watchBatch } from '../batch/watch-batch.js';
import { EXIT, type ExitCode, UsageError } from '../exit.js';
import { showImage } from '../image/show-image.js';
import { watchImage } from '../image/watch-image.js';
import { openServer, type Shell } from '../shell.js';

/** A second or two: somebody sits there and sees nothing. A watch has its own patience. */
const RETRIES = 2;

/** `pixdock status ID` */
export async function status(shell: Shell, id: string): Promise<ExitCode> {
  const kind = kindOf(shell, id);
  const { client } = await openServer(shell, RETRIES);
  const { signal, json } = shell;
  const each = (snapshot: unknown) => (json ? shell.result(snapshot, '') : undefined);
  if (!shell.given.flag('watch'))
    return kind === 'image'
      ? showImage(shell, await client.images.get(id, { signal }))
      : showBatch(shell, await client.batches.get(id, { signal }));
  if (kind === 'batch') return finishBatch(shell, client, await watchBatch(shell, client, id, each));
  const image = await watchImage(shell, client, id, each);
  // With --json its last snapshot is told already.
  return showImage(json ? { ...shell, result() {} } : shell, image);
}

/** `pixdock retry ID` */
export async function retry(shell: Shell, id: string): Promise<ExitCode> {
  const { signal, given, t } = shell;
  const kind = kindOf(shell, id);
  const code = given.text('code') as ErrorCode | undefined;
  if (kind === 'image' && code !== undefined)
    throw new UsageError(
      t(
        '--code chooses among the failed of a batch (bat_…); leave it out for an image.',
        '--code 用于筛选批次（bat_…）中的失败条目；单张图片请去掉此选项。',
      ),
    );
  const { client } = await openServer(shell, RETRIES);
  if (kind === 'image') showImage(shell, await client.images.retry(id, { signal }));
  else showBatch(shell, await client.batches.retry(id, { code, signal }));
  return EXIT.ok;
}

/** `pixdock cancel ID` */
export async function cancel(shell: Shell, id: string): Promise<ExitCode> {
  onlyBatch(shell, id);
  const { client } = await openServer(shell, RETRIES);
  showBatch(shell, await client.batches.cancel(id, { signal: shell.signal }));
  return EXIT.ok;
}

/** `pixdock delete ID` */
export async function remove(shell: Shell, id: string): Promise<ExitCode> {
  const { signal } = shell;
  const kind = kindOf(shell, id);
  const { client } = await openServer(shell, RETRIES);
  if (kind === 'image') showImage(shell, await client.images.delete(id, { signal }));
  else showBatch(shell, await client.batches.delete(id, { signal }));
  return EXIT.ok;
}

/** `pixdock report ID` */
export async function report(shell: Shell, id: string): Promise<ExitCode> {
  onlyBatch(shell, id);
  const file = shell.given.text('output');
  const format = formatOf(shell, file);
  const { client } = await openServer(shell, RETRIES);
  if (file === undefined) await printReport(shell, client, id, format);
  else await saveReport(shell, client, id, format, file);
  return EXIT.ok;
}

async function saveReport(
  shell: Shell,
  client: Pixdock,
  id: string,
  format: ReportFormat,
  file: string,
): Promise<void> {
  const target = await openReport(shell, file, format);
  try {
    await target.save(client, id);
  } finally {
    await target.close();
  }
}

/** What an option asks for, else the name of the file, else `--json`, which is about whatever has no format of its own. */
function formatOf({ given, json, t }: Shell, file: string | undefined): ReportFormat {
  const [csv, ndjson] = [given.flag('csv'), given.flag('ndjson')];
  if (csv && (ndjson || json))
    throw new UsageError(
      t(
        'A report is one of CSV and NDJSON: leave out --csv, or --ndjson and --json.',
        '报告只能是 CSV 或 NDJSON 之一：请去掉 --csv，或去掉 --ndjson 和 --json。',
      ),
    );
  if (csv || ndjson) return csv ? 'csv' : 'ndjson';
  return (file === undefined ? undefined : formatOfName(file)) ?? (json ? 'ndjson' : 'csv');
}

function showBatch(shell: Shell, batch: Batch): ExitCode {
  const { t } = shell;
  const lines = [
    `${t('batch', '批次')}   ${batch.id}`,
    `${t('status', '状态')}  ${batch.status} ${Math.floor(batch.progress * 100)}%${wishOf(shell, batch)}`,
    countsOf(shell, batch),
  ];
  shell.result(batch, lines.join('\n'));
  return exitOf(batch);
}

/** What was asked of the batch and is not done yet. */
function wishOf({ t }: Shell, batch: Batch): string {
  const { status: state, counts, total, cancelRequestedAt, deleteRequestedAt } = batch;
  if (deleteRequestedAt !== null && counts.deleted < total) return t(', being deleted', '，正在删除');
  return cancelRequestedAt !== null && state === 'running' ? t(', being canceled', '，正在取消') : '';
}

function kindOf({ t }: Shell, id: string): 'image' | 'batch' {
  if (id.startsWith('img_')) return 'image';
  if (id.startsWith('bat_')) return 'batch';
  throw new UsageError(
    t(
      `"${id}" is no id; images have img_… and batches bat_…`,
      `“${id}”不是 ID；图片以 img_ 开头，批次以 bat_ 开头`,
    ),
  );
}

function onlyBatch(shell: Shell, id: string): void {
  if (kindOf(shell, id) === 'batch') return;
  throw new UsageError(shell.t('This is for batches (bat_…).', '此命令仅用于批次（bat_…）。'));
}
