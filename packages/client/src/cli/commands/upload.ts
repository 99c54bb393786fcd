import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Image } from '@pixdock/contract/image';
import type { Pixdock } from '../../pixdock.js';
import { EXIT, type ExitCode, UsageError } from '../exit.js';
import { openFile } from '../sending/open-file.js';
import { createGate } from '../sending/parallel.js';
import { type Job, sendFiles, type Totals } from '../sending/send-files.js';
import { greet, openServer, type Shell } from '../shell.js';
import { printTotals } from '../totals.js';

const SENDING = 4;

/** `pixdock upload FILES…` */
export async function upload(shell: Shell, files: readonly string[]): Promise<ExitCode> {
  const { given, t } = shell;
  const all = [...files, ...given.rest];
  if (all.length === 0)
    throw new UsageError(
      t('Which files? pixdock upload photo.jpg', '要上传哪些文件？pixdock upload photo.jpg'),
    );
  const server = await openServer(shell);
  await greet(server, shell);
  const gate = createGate(SENDING);
  const jobs: Job[] = [];
  for (const file of all) jobs.push(await jobOf(shell, server.client, file, gate));
  const bytes = jobs.reduce((sum, { size }) => sum + size, 0);
  const totals: Totals = { published: { sent: 0, known: 0, unchanged: 0, copy: 0 }, failed: 0 };
  const began = Date.now();
  try {
    await sendFiles(shell, jobs, { files: jobs.length, bytes }, totals);
  } finally {
    printTotals(shell, totals, { files: jobs.length, seconds: (Date.now() - began) / 1000 });
  }
  return totals.failed === 0 ? EXIT.ok : EXIT.failed;
}

async function jobOf(
  shell: Shell,
  client: Pixdock,
  file: string,
  gate: ReturnType<typeof createGate>,
): Promise<Job> {
  const size = await sizeOf(shell, file);
  return {
    file,
    size: typeof size === 'number' ? size : 0,
    async send(track, signal) {
      if (typeof size !== 'number') throw size;
      const profile = shell.given.text('profile');
      const sent = await gate(() =>
        client.images.upload(openFile(file, size, track), { profile, filename: basename(file), signal }),
      );
      track.waiting();
      return { image: await finalOf(client, sent, signal), how: 'sent' };
    },
  };
}

async function sizeOf({ t }: Shell, file: string): Promise<number | Error> {
  try {
    const found = await stat(file);
    if (found.isFile()) return found.size;
    if (!found.isDirectory()) {
      const hint = t(
        'This is no file but a pipe or a device: save it to a file first.',
        '这是管道或设备，不是文件：请先保存为文件。',
      );
      return Object.assign(new Error(hint), { code: 'ENOTFILE' });
    }
    const hint = t('This is a folder: use pixdock import.', '这是文件夹：请使用 pixdock import。');
    return Object.assign(new Error(hint), { code: 'EISDIR' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') return error as Error;
    // Node reads arguments as UTF-8, and what is none as this.
    if (file.includes('\uFFFD'))
      return Object.assign(
        new Error(
          t(
            'Its name may not be UTF-8; pixdock import FOLDER takes such names.',
            '文件名可能不是 UTF-8；pixdock import 文件夹 支持此类文件名。',
          ),
        ),
        { code: 'ENOENT' },
      );
    return Object.assign(new Error(t('There is no such file.', '没有此文件。')), { code: 'ENOENT' });
  }
}

function finalOf(client: Pixdock, image: Image, signal: AbortSignal): Promise<Image> {
  return client.images.waitFor(image.id, { signal });
}
