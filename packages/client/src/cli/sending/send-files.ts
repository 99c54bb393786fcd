import type { Image } from '@pixdock/contract/image';
import { PixdockApiError } from '../../error.js';
import type { Shell } from '../shell.js';
import { visible } from '../terminal/visible.js';
import { parallel } from './parallel.js';
import { createProgress, type Track } from './progress.js';

/** Twice what one worker of 2 lanes has in flight (design.md), so that it never waits for us. */
const IN_FLIGHT = 16;

export interface Job {
  /** As the user knows it. */
  file: string;
  size: number;
  send(track: Track, signal: AbortSignal): Promise<Landed>;
}

export interface Landed {
  /** Final. */
  image: Pick<Image, 'id' | 'status' | 'url' | 'error'>;
  /** `sent`, or there already: `known` by its content, `unchanged` since it was sent from here, a `copy` of one in hand. */
  how: 'sent' | 'known' | 'unchanged' | 'copy';
}

export interface Totals {
  published: Record<Landed['how'], number>;
  failed: number;
}

/** Sends the files, prints each one's URL or what went wrong as it comes, and counts. */
export async function sendFiles(
  shell: Shell,
  jobs: AsyncIterable<Job> | Iterable<Job>,
  plan: { files: number; bytes: number },
  totals: Totals,
): Promise<void> {
  const progress = createProgress(shell, plan);
  const fatal = new AbortController();
  const signal = AbortSignal.any([shell.signal, fatal.signal]);
  try {
    await parallel(jobs, IN_FLIGHT, async (job) => {
      const track = progress.begin(visible(job.file), job.size);
      try {
        settle(shell, totals, job, await job.send(track, signal));
      } catch (error) {
        signal.throwIfAborted();
        if (isFatal(error)) fatal.abort(error);
        signal.throwIfAborted();
        fail(shell, totals, job, failureOf(error));
      }
      track.end();
    });
  } finally {
    progress.stop();
  }
}

function settle(shell: Shell, totals: Totals, { file }: Job, { image, how }: Landed): void {
  if (image.status !== 'published') return fail(shell, totals, { file }, image.error ?? gone(shell, image));
  totals.published[how]++;
  shell.result({ file, how, id: image.id, url: image.url }, `${image.url}\t${visible(file)}`);
}

interface Failure {
  code: string;
  detail: string;
}

function fail(shell: Shell, totals: Totals, { file }: Pick<Job, 'file'>, { code, detail }: Failure): void {
  totals.failed++;
  const { screen, t } = shell;
  screen.err(`${screen.red(t('failed', '失败'))}  ${visible(file)}  ${code}: ${visible(detail)}`);
  if (shell.json) shell.result({ file, error: { code, detail } }, '');
}

const gone = ({ t }: Shell, { status }: Landed['image']): Failure => ({
  code: status,
  detail: t(`The image is ${status}.`, `图片状态为 ${status}。`),
});

/** What would go wrong with every other file too. */
function isFatal(error: unknown): boolean {
  if (!(error instanceof PixdockApiError)) return !isFileError(error);
  return ['unreachable', 'unexpected_answer', 'unauthorized', 'forbidden', 'unknown_profile'].includes(
    error.code,
  );
}

function isFileError(error: unknown): error is NodeJS.ErrnoException & { code: string } {
  return error instanceof Error && 'code' in error && typeof error.code === 'string';
}

function failureOf(error: unknown): Failure {
  if (error instanceof PixdockApiError) return error.image?.error ?? error;
  // Node begins the message with the code.
  if (isFileError(error)) return { code: error.code, detail: error.message.replace(`${error.code}: `, '') };
  throw error;
}
