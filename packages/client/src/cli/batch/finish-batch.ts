import type { Batch } from '@pixdock/contract/batch';
import type { Pixdock } from '../../pixdock.js';
import { EXIT, type ExitCode } from '../exit.js';
import type { Shell } from '../shell.js';
import { printFailures } from './print-failures.js';
import { countsOf } from './watch-batch.js';

/** Prints the result of a batch: its counts and its failures. */
export async function finishBatch(shell: Shell, client: Pixdock, batch: Batch): Promise<ExitCode> {
  shell.screen.err(countsOf(shell, batch));
  if (batch.counts.failed > 0) await printFailures(shell, client, batch);
  return exitOf(batch);
}

/** A running batch without failures counts as success. */
export function exitOf({ status, counts }: Batch): ExitCode {
  return status === 'canceled' || counts.failed + counts.canceled > 0 ? EXIT.failed : EXIT.ok;
}
