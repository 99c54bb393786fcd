import type { Image } from '@pixdock/contract/image';
import { EXIT, type ExitCode } from '../exit.js';
import type { Shell } from '../shell.js';
import { fit } from '../terminal/columns.js';
import { bytes } from '../terminal/units.js';
import { visible } from '../terminal/visible.js';

const LABEL = 10;

/** An image in some lines. */
export function showImage(shell: Shell, image: Image): ExitCode {
  const lines = linesOf(shell, image).map(([label, text]) => `${fit(label, LABEL)}  ${text}`);
  shell.result(image, lines.join('\n'));
  return image.status === 'failed' || image.status === 'canceled' ? EXIT.failed : EXIT.ok;
}

function linesOf(shell: Shell, image: Image): [string, string][] {
  const { t, screen } = shell;
  const { id, status, stage, url, externalId, error, batchId, row } = image;
  const leaving = image.deleteRequestedAt !== null && status !== 'deleted';
  const running = status === 'queued' || status === 'processing';
  const lines: [string, string][] = [[t('image', '图片'), id]];
  const shown = status === 'failed' ? screen.red(status) : status;
  const wish = leaving ? t(', being deleted', '，正在删除') : '';
  lines.push([t('status', '状态'), `${running ? `${shown} (${stage})` : shown}${wish}`]);
  if (error !== null) lines.push([t('error', '错误'), `${error.code}: ${visible(error.detail)}`]);
  if (url !== null && status === 'published' && !leaving) lines.push(['url', url]);
  lines.push([t('source', '来源'), sourceOf(image)]);
  if (externalId !== null) lines.push([t('yours', '外部 ID'), visible(externalId)]);
  if (batchId !== null)
    lines.push([t('batch', '批次'), `${batchId}${row === null ? '' : t(`, row ${row}`, `，第 ${row} 行`)}`]);
  for (const [name, { width, height, bytes: size, mediaType }] of Object.entries(image.variants))
    lines.push([name, `${width} × ${height}, ${bytes(size)}, ${mediaType}`]);
  return lines;
}

function sourceOf({ source: { kind, filename, bytes: size, width, height, mediaType } }: Image): string {
  const parts = [
    filename === null ? kind : visible(filename),
    width === null ? null : `${width} × ${height}`,
    size === null ? null : bytes(size),
    mediaType,
  ];
  return parts.filter((part) => part !== null).join(', ');
}
