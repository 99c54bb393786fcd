import { countsOf } from '../batch/watch-batch.js';
import { EXIT, type ExitCode } from '../exit.js';
import { openClient, type Shell } from '../shell.js';
import { visible } from '../terminal/visible.js';
import { limitOf } from './list.js';

/** `pixdock batches`: the newest batches, one line each */
export async function batches(shell: Shell): Promise<ExitCode> {
  const { commandLine, signal, screen, say } = shell;
  const limit = limitOf(shell);
  const client = await openClient(shell);
  let shown = 0;
  for await (const batch of client.batches.list({ name: commandLine.text('name'), signal })) {
    const cells = [
      batch.id,
      say(`status.${batch.status}`),
      countsOf(shell, batch),
      visible(batch.name ?? ''),
    ];
    shell.result(batch, cells.join('\t').trimEnd());
    if (++shown === limit) break;
  }
  if (shown === 0) screen.err(say('no-batches-found'));
  return EXIT.ok;
}
