import type { Image } from '@pixdock/contract/image';
import { PixdockApiError } from '../../error.js';
import { isFileError, sayFileError } from '../file-error.js';
import type { Shell } from '../shell.js';
import { clock, count } from '../terminal/units.js';
import { visible } from '../terminal/visible.js';
import { parallel } from './parallel.js';
import { createProgress, type Track } from './progress.js';

/** Twice the number of images that one worker with two lanes processes at a time, so that it never idles. */
const IN_FLIGHT = 16;

export interface Job {
  /** Its name for the user. */
  file: string;
  size: number;
  send(track: Track, signal: AbortSignal): Promise<SendResult>;
}

export interface SendResult {
  /** A final image. */
  image: Pick<Image, 'id' | 'status' | 'url' | 'error'>;
  /** `known`: published from the same path and bytes; `unchanged` since an earlier run. */
  how: 'sent' | 'known' | 'unchanged';
}

interface Totals {
  published: Record<SendResult['how'], number>;
  failed: number;
}

/** What became of a file. */
export type Outcome =
  | { file: string; how: SendResult['how']; id: string; url: string | null }
  | {
      file: string /** Of the failed image, if the server has one. */;
      id: string | null;
      error: { code: string; detail: string };
    };

/**
 * Sends files; prints the URL or the failure of each, and at the end, even after Ctrl-C, their numbers.
 * @returns the number of failed files
 */
export async function sendFiles(
  shell: Shell,
  jobs: AsyncIterable<Job> | Iterable<Job>,
  plan: { files: number; bytes: number },
  onOutcome: (outcome: Outcome) => void = () => {},
): Promise<number> {
  const totals: Totals = { published: { sent: 0, known: 0, unchanged: 0 }, failed: 0 };
  const startedAt = Date.now();
  const progress = createProgress(shell, plan);
  const fatal = new AbortController();
  const signal = AbortSignal.any([shell.signal, fatal.signal]);
  try {
    await parallel(jobs, IN_FLIGHT, async (job) => {
      const track = progress.begin(visible(job.file), job.size);
      try {
        onOutcome(printResult(shell, totals, job, await job.send(track, signal)));
      } catch (error) {
        signal.throwIfAborted();
        if (isFatal(error)) fatal.abort(error);
        signal.throwIfAborted();
        onOutcome(printFailure(shell, totals, job, failureOf(shell, error)));
      }
      track.end();
    });
    return totals.failed;
  } finally {
    progress.stop();
    printTotals(shell, totals, { files: plan.files, seconds: (Date.now() - startedAt) / 1000 });
  }
}

function printResult(shell: Shell, totals: Totals, { file }: Job, { image, how }: SendResult): Outcome {
  if (image.status !== 'published')
    return printFailure(
      shell,
      totals,
      { file },
      { ...(image.error ?? endedWithout(shell, image)), id: image.id },
    );
  totals.published[how]++;
  const outcome = { file, how, id: image.id, url: image.url };
  shell.result(outcome, `${image.url ?? image.id}\t${visible(file)}`);
  return outcome;
}

interface Failure {
  code: string;
  title: string;
  detail: string;
  id: string | null;
}

function printFailure(
  { screen, say, json, result }: Shell,
  totals: Totals,
  { file }: Pick<Job, 'file'>,
  failure: Failure,
): Outcome {
  totals.failed++;
  const reason = say('failure', { ...failure, detail: visible(failure.detail) });
  screen.err(`${screen.red(say('failed'))}  ${visible(file)}  ${reason}`);
  const { id, code, detail } = failure;
  const outcome = { file, id, error: { code, detail } };
  if (json) result(outcome, '');
  return outcome;
}

const endedWithout = ({ say }: Shell, { status }: SendResult['image']) => ({
  code: status,
  title: '',
  detail: say('image-ended', { status: say(`status.${status}`) }),
});

/** Whether every other file would fail the same way. */
function isFatal(error: unknown): boolean {
  if (!(error instanceof PixdockApiError)) return !isFileError(error);
  return ['unreachable', 'unexpected_answer', 'unauthorized', 'unknown_profile'].includes(error.code);
}

function failureOf({ say }: Shell, error: unknown): Failure {
  if (error instanceof PixdockApiError) {
    const { code, title, detail } = error.image?.error ?? error;
    return { code, title, detail, id: error.image?.id ?? null };
  }
  if (!isFileError(error)) throw error;
  return { code: error.code, title: '', detail: sayFileError(say, error), id: null };
}

/** Its numbers add up to `files`. */
function printTotals(
  { screen, say }: Shell,
  { published, failed }: Totals,
  { files, seconds }: { files: number; seconds: number },
): void {
  const existing = published.known + published.unchanged;
  const unfinished = files - published.sent - existing - failed;
  const line = say('totals', {
    files: count(files),
    published: count(published.sent),
    existing: existing === 0 ? null : count(existing),
    failed: failed === 0 ? null : count(failed),
    unfinished: unfinished === 0 ? null : count(unfinished),
    time: clock(seconds),
  });
  screen.err(failed === 0 ? line : screen.red(line));
}
