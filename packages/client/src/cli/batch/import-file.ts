import { stat } from 'node:fs/promises';
import type { DryRun } from '../../batches.js';
import type { Pixdock } from '../../pixdock.js';
import { EXIT, type ExitCode, UsageError } from '../exit.js';
import { openFile } from '../sending/open-file.js';
import { createProgress } from '../sending/progress.js';
import type { Shell } from '../shell.js';
import { count } from '../terminal/units.js';
import { visible } from '../terminal/visible.js';
import { columnsOf } from './columns-option.js';
import { finishBatch } from './finish-batch.js';
import { formatOfName, openReport, type ReportFile } from './report.js';
import { watchBatch } from './watch-batch.js';

/** Submits a file of rows, or an archive, as a batch; follows it to its end unless told not to. */
export async function importFile(
  shell: Shell,
  client: Pixdock,
  file: string,
  mediaType: string,
): Promise<ExitCode> {
  const { given } = shell;
  const options = { mediaType, profile: given.text('profile'), columns: columnsOf(shell) };
  if (given.flag('dryRun')) {
    const found = await sendFile(shell, file, (source) =>
      client.batches.create(source, { ...options, dryRun: true, signal: shell.signal }),
    );
    return printDryRun(shell, found);
  }
  const report = await reportOf(shell);
  try {
    const created = await sendFile(shell, file, (source) =>
      client.batches.create(source, { ...options, signal: shell.signal }),
    );
    shell.result(created, created.id);
    if (!given.flag('watch')) return sayHowToFollow(shell, created.id);
    const batch = await watchOwn(shell, client, created.id);
    if (shell.json) shell.result(batch, '');
    const exit = await finishBatch(shell, client, batch);
    await report?.save(client, batch.id);
    return exit;
  } finally {
    await report?.close();
  }
}

async function reportOf(shell: Shell): Promise<ReportFile | undefined> {
  const { given, t } = shell;
  const file = given.text('report');
  if (file === undefined) return undefined;
  const format = formatOfName(file);
  if (format === undefined)
    throw new UsageError(
      t(`${file}: a report is a .csv or an .ndjson file.`, `${file}：报告文件应为 .csv 或 .ndjson。`),
    );
  return openReport(shell, file, format);
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
    begun() {
      sent = 0;
      track.begun();
    },
    sent(some: number) {
      sent += some;
      track.sent(some);
      // The server still checks the last rows then.
      if (sent === size) track.waiting();
    },
  };
  try {
    return await create(openFile(file, size, follower));
  } catch (error) {
    if (shell.signal.aborted)
      shell.screen.err(
        sent < size
          ? shell.t('Stopped. Nothing was imported.', '已停止，未导入任何内容。')
          : shell.t(
              'Stopped. All of it was sent, so the server may import it all the same.',
              '已停止。内容已全部发送，服务器可能仍会导入。',
            ),
      );
    throw error;
  } finally {
    progress.stop();
  }
}

function sayHowToFollow({ screen, t }: Shell, id: string): ExitCode {
  screen.err(t(`Follow it: pixdock status ${id} --watch`, `查看进度：pixdock status ${id} --watch`));
  return EXIT.ok;
}

async function watchOwn(shell: Shell, client: Pixdock, id: string) {
  try {
    return await watchBatch(shell, client, id);
  } catch (error) {
    if (shell.signal.aborted)
      shell.screen.err(
        shell.t(
          `The batch goes on at the server.\n  see it   pixdock status ${id} --watch\n  stop it  pixdock cancel ${id}`,
          `批次仍在服务器上继续。\n  查看  pixdock status ${id} --watch\n  停止  pixdock cancel ${id}`,
        ),
      );
    throw error;
  }
}

function printDryRun(shell: Shell, found: DryRun): ExitCode {
  const { screen, t } = shell;
  shell.result(
    found,
    t(
      `${count(found.total)} rows: ${count(found.valid)} valid, ${count(found.invalid)} with faults; nothing was imported`,
      `共 ${count(found.total)} 行：有效 ${count(found.valid)} 行，有误 ${count(found.invalid)} 行；未导入任何内容`,
    ),
  );
  for (const { code, detail } of found.faults) screen.err(`  ${code}: ${visible(detail)}`);
  const untold = found.invalid - found.faults.length;
  if (untold > 0) screen.err(t(`  and ${count(untold)} more`, `  以及其他 ${count(untold)} 行`));
  return found.invalid === 0 ? EXIT.ok : EXIT.failed;
}
