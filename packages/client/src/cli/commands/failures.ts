import type { FailureGroup, FailureRetry } from '@pixdock/contract/failure';
import type { FailureFilter } from '../../failures.js';
import { pause } from '../../http/retry.js';
import type { Pixdock } from '../../pixdock.js';
import { EXIT, type ExitCode } from '../exit.js';
import { codeOf, timeOf } from '../filters.js';
import { openClient, type Shell } from '../shell.js';
import { count } from '../terminal/units.js';
import { visible } from '../terminal/visible.js';

const PROGRESS_EVERY_MS = 500;

/** `pixdock failures`: one entry per error code, host and day; with `--retry`, retries the images. */
export async function failures(shell: Shell): Promise<ExitCode> {
  const { commandLine, signal, screen, say } = shell;
  const filter: FailureFilter = {
    code: codeOf(shell),
    host: commandLine.text('host'),
    since: timeOf(shell, 'since'),
    until: timeOf(shell, 'until'),
    signal,
  };
  const client = await openClient(shell);
  if (commandLine.flag('retry')) return retryAll(shell, client, filter);
  let isEmpty = true;
  for await (const group of client.failures.list(filter)) {
    isEmpty = false;
    shell.result(group, entryOf(shell, group));
  }
  if (isEmpty) screen.err(say('no-failures'));
  return EXIT.ok;
}

async function retryAll(shell: Shell, client: Pixdock, filter: FailureFilter): Promise<ExitCode> {
  const { signal, say } = shell;
  let state: FailureRetry = await client.failures.retry(filter);
  while (state.status === 'running') {
    await pause(PROGRESS_EVERY_MS, signal);
    state = await client.failures.progress(state.id, { signal });
  }
  const counts = { retried: count(state.retried), skipped: count(state.skipped) };
  shell.result(state, say('retry-progress', counts));
  return EXIT.ok;
}

function entryOf({ say }: Shell, group: FailureGroup): string {
  const { code, host, firstAt, lastAt, exampleId, title, fix } = group;
  return say('failure-group', {
    count: count(group.count),
    code,
    host: host === null ? null : visible(host),
    first: firstAt,
    last: lastAt,
    id: exampleId,
    title,
    fix,
  });
}
