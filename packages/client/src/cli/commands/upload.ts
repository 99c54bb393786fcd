import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { UploadOptions } from '../../image-options.js';
import type { Pixdock } from '../../pixdock.js';
import { EXIT, type ExitCode, UsageError } from '../exit.js';
import { fileError, isFileError, orBrokenLink } from '../file-error.js';
import { deleteAfterOf, metadataOf } from '../filters.js';
import { openFile } from '../sending/open-file.js';
import { createLimit } from '../sending/parallel.js';
import { type Job, sendFiles } from '../sending/send-files.js';
import { checkServer, openServer, type Shell } from '../shell.js';
import { importUrl, isUrl } from './import-url.js';

/** Uploads at the same time. */
const UPLOADS = 4;

/** `pixdock upload FILES…`, or one URL */
export async function upload(shell: Shell, ...files: string[]): Promise<ExitCode> {
  const { say } = shell;
  if (files.length === 0) throw new UsageError(say('no-files'));
  const options = optionsOf(shell, files);
  const server = await openServer(shell);
  const [url] = files.filter(isUrl);
  if (url !== undefined && files.length > 1) throw new UsageError(say('url-among-files', { url }));
  if (url !== undefined) return importUrl(shell, server.client, url, { ...options, watches: true });
  await checkServer(server, shell);
  const limit = createLimit(UPLOADS);
  const jobs: Job[] = [];
  for (const file of files) jobs.push(await jobOf(shell, server.client, file, options, limit));
  const bytes = jobs.reduce((sum, { size }) => sum + size, 0);
  const failed = await sendFiles(shell, jobs, { files: jobs.length, bytes });
  return failed === 0 ? EXIT.ok : EXIT.failed;
}

function optionsOf(shell: Shell, files: readonly string[]): UploadOptions {
  const { commandLine, say } = shell;
  const externalId = commandLine.text('external-id');
  if (externalId === undefined && commandLine.flag('replace'))
    throw new UsageError(say('replace-without-id'));
  if (externalId !== undefined && files.length > 1) throw new UsageError(say('external-id-one-file'));
  return {
    profile: commandLine.text('profile'),
    externalId,
    metadata: metadataOf(shell),
    deleteAfterSeconds: deleteAfterOf(shell),
    replace: commandLine.flag('replace') || undefined,
  };
}

async function jobOf(
  shell: Shell,
  client: Pixdock,
  file: string,
  options: UploadOptions,
  limit: ReturnType<typeof createLimit>,
): Promise<Job> {
  const size = await sizeOf(shell, file);
  return {
    file,
    size: typeof size === 'number' ? size : 0,
    async send(track, signal) {
      if (typeof size !== 'number') throw size;
      const sent = await limit(() =>
        client.images.upload(openFile(file, size, track), { ...options, filename: basename(file), signal }),
      );
      track.waiting();
      return { image: await client.images.waitFor(sent.id, { signal }), how: 'sent' };
    },
  };
}

async function sizeOf({ say }: Shell, file: string): Promise<number | Error> {
  try {
    const found = await stat(file);
    if (found.isFile()) return found.size;
    return found.isDirectory()
      ? fileError('EISDIR', say('is-folder'))
      : fileError('ENOTFILE', say('not-a-file'));
  } catch (reason) {
    const error = await orBrokenLink(file, reason, say);
    if (!isFileError(error) || error.code !== 'ENOENT' || !('syscall' in error)) return error as Error;
    // Node decodes arguments as UTF-8 and replaces invalid bytes with U+FFFD.
    return fileError('ENOENT', say(file.includes('\uFFFD') ? 'name-not-utf8' : 'no-such-file'));
  }
}
