import type { Image } from '@pixdock/contract/image';
import { isBeingDeleted, isOpenStatus, isUnpublishedStatus } from '@pixdock/contract/status';
import type { Pixdock } from '../../pixdock.js';
import { EXIT, type ExitCode } from '../exit.js';
import type { Shell } from '../shell.js';
import { fit } from '../terminal/columns.js';
import { bytes } from '../terminal/units.js';
import { visible } from '../terminal/visible.js';

const LABEL = 10;

/** Prints an image, one line per property. */
export function showImage(shell: Shell, image: Image): ExitCode {
  const lines = linesOf(shell, image).map(([label, text]) => `${fit(label, LABEL)}  ${text}`);
  shell.result(image, lines.join('\n'));
  return isUnpublishedStatus(image.status) ? EXIT.failed : EXIT.ok;
}

function linesOf(shell: Shell, image: Image): [string, string][] {
  const { say } = shell;
  const { id, status, url, externalId, error, batchId, row, position, deleteAt } = image;
  const lines: [string, string][] = [
    [say('label.image'), id],
    [say('label.status'), statusOf(shell, image)],
  ];
  if (error !== null)
    lines.push([say('label.error'), say('failure', { ...error, detail: visible(error.detail) })]);
  lines.push(...lastErrorOf(shell, image));
  if (url !== null && status === 'published' && !isBeingDeleted(image)) lines.push([say('label.url'), url]);
  lines.push([say('label.source'), sourceOf(image)]);
  if (externalId !== null) lines.push([say('label.external-id'), visible(externalId)]);
  // Earlier versions of the API do not send it.
  if (deleteAt) lines.push([say('label.delete-at'), deleteAt]);
  if (batchId !== null)
    lines.push([say('label.batch'), row === null ? batchId : say('in-row', { batchId, row, position })]);
  for (const [name, { width, height, bytes: size, mediaType }] of Object.entries(image.variants))
    lines.push([name, `${width} × ${height}, ${bytes(size)}, ${mediaType}`]);
  return lines;
}

function lastErrorOf({ say }: Shell, { lastError, nextAttemptAt }: Image): [string, string][] {
  if (lastError === null) return [];
  const failure = say('failure', { ...lastError, detail: visible(lastError.detail) });
  const text = nextAttemptAt === null ? failure : say('next-attempt', { failure, at: nextAttemptAt });
  return [[say('label.last-error'), text]];
}

function statusOf({ screen, say }: Shell, image: Image): string {
  const { status, stage } = image;
  const isRunning = isOpenStatus(status);
  const word = say(`status.${status}`);
  const text = status === 'failed' ? screen.red(word) : word;
  return `${isRunning ? say('status-with-stage', { status: text, stage: say(`stage.${stage}`) }) : text}${isBeingDeleted(image) ? say('being-deleted') : ''}`;
}

function sourceOf({ source }: Image): string {
  const { kind, url, filename, bytes: size, width, height, mediaType } = source;
  const origin = url === null ? null : visible(url);
  const parts = [
    origin,
    filename === null ? (origin === null ? kind : null) : visible(filename),
    width === null ? null : `${width} × ${height}`,
    size === null ? null : bytes(size),
    mediaType,
  ];
  return parts.filter((part) => part !== null).join(', ');
}

/** Shows the stage of an image until it is final. `each` gets every snapshot. */
export async function watchImage(
  { screen, say, signal }: Shell,
  client: Pixdock,
  id: string,
  each: (image: Image) => void = () => {},
): Promise<Image> {
  let image: Image | undefined;
  const drawing = screen.draw(1, () =>
    image === undefined ? '' : `  ${say(`status.${image.status}`)}  ${say(`stage.${image.stage}`)}`,
  );
  try {
    for await (image of client.images.watch(id, { signal })) each(image);
  } finally {
    drawing.stop();
  }
  if (image === undefined) throw new Error('A watch ended without a snapshot.');
  return image;
}
