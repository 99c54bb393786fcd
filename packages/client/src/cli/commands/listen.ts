import type { Image } from '@pixdock/contract/image';
import type { OwnerEvent } from '../../pixdock.js';
import { countsOf } from '../batch/watch-batch.js';
import { EXIT, type ExitCode } from '../exit.js';
import { openForwarding } from '../forward/forwarding.js';
import { checkServer, openServer, type Shell } from '../shell.js';
import { fit } from '../terminal/columns.js';
import { timeOf } from '../terminal/units.js';
import { visible } from '../terminal/visible.js';

const STATUS = 10;

/** `pixdock listen`: one line for each change of an image or a batch, and with `--forward-to` the events to a URL */
export async function listen(shell: Shell): Promise<ExitCode> {
  const { screen, signal, say } = shell;
  const server = await openServer(shell);
  const forwarding = openForwarding(shell, server);
  await checkServer(server, shell);
  screen.err(say('listening', { url: server.url }));
  forwarding?.announce();
  for await (const event of server.client.events({ signal })) {
    if (event.type === 'gap') screen.err(say(forwarding === null ? 'events-missing' : 'events-read-again'));
    if (event.type !== 'gap' || shell.json) shell.result(event, lineOf(shell, event));
    await forwarding?.take(event);
  }
  return EXIT.ok;
}

/** Time, status and id, and behind them the URL, the error or the stage. */
function lineOf(shell: Shell, event: OwnerEvent): string {
  if (event.type === 'gap') return '';
  const { id, status, updatedAt } = event.data;
  const { screen, say } = shell;
  const shown = fit(say(`status.${status}`), STATUS);
  const facts = event.type === 'image' ? factsOf(shell, event.data) : [countsOf(shell, event.data)];
  return [timeOf(updatedAt), status === 'failed' ? screen.red(shown) : shown, id, ...facts]
    .join('  ')
    .trimEnd();
}

function factsOf({ say }: Shell, { url, error, status, stage, externalId }: Image): string[] {
  const fact =
    status === 'published' ? url : (error?.code ?? (status === 'processing' ? say(`stage.${stage}`) : null));
  return [fact ?? '', visible(externalId ?? '')].filter((text) => text !== '');
}
