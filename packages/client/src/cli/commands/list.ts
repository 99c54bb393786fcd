import type { Image } from '@pixdock/contract/image';
import { STATUSES } from '@pixdock/contract/status';
import { EXIT, type ExitCode, UsageError } from '../exit.js';
import { codeOf, metadataOf, statusOf, timeOf } from '../filters.js';
import { openClient, type Shell } from '../shell.js';
import { visible } from '../terminal/visible.js';

const DEFAULT_LIMIT = 20;

/** `pixdock list`: the newest images, one line each */
export async function list(shell: Shell): Promise<ExitCode> {
  const { commandLine, signal, screen, say } = shell;
  const limit = limitOf(shell);
  const filter = {
    status: statusOf(shell, STATUSES),
    stage: commandLine.flag('held') ? ('reviewing' as const) : undefined,
    code: codeOf(shell),
    since: timeOf(shell, 'since'),
    until: timeOf(shell, 'until'),
    metadata: metadataOf(shell),
  };
  const client = await openClient(shell);
  const batchId = commandLine.text('batch');
  const images = client.images.list({
    ...filter,
    externalId: commandLine.text('external-id'),
    externalIdPrefix: commandLine.text('external-id-prefix'),
    filenamePrefix: commandLine.text('filename-prefix'),
    batchId,
    signal,
  });
  let shown = 0;
  for await (const image of images) {
    shell.result(image, lineOf(shell, image));
    if (++shown === limit) break;
  }
  // The list of an unknown batch is empty, too.
  if (shown === 0 && batchId !== undefined) await client.batches.get(batchId, { signal });
  if (shown === 0) screen.err(say('no-images-found'));
  return EXIT.ok;
}

/** Id, status, URL or error code, and externalId, with tabs between them. */
function lineOf({ say }: Shell, { id, status, url, error, externalId }: Image): string {
  return [id, say(`status.${status}`), url ?? error?.code ?? '', visible(externalId ?? '')]
    .join('\t')
    .trimEnd();
}

/** The value of `--limit`. @throws UsageError */
export function limitOf({ commandLine, say }: Shell): number {
  const text = commandLine.text('limit');
  if (text === undefined) return DEFAULT_LIMIT;
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new UsageError(say('invalid-limit', { limit: text }));
  return Number(text);
}
