import { readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Image } from '@pixdock/contract/image';
import type { ImageFormat } from '@pixdock/contract/media-type';
import { untilFinal, upload } from '../harness/client.js';
import type { Stack } from '../harness/stack.js';
import { formatOfType, type SourceFile } from './sources.js';

/** A published image and its variants, downloaded. */
export interface Sent {
  image: Image;
  sourceBytes: number;
  variants: Record<string, Downloaded>;
}

export interface Downloaded {
  path: string;
  format: ImageFormat;
  bytes: number;
  width: number;
  height: number;
}

const WAIT_SECONDS = 300;

/** Uploads a source and downloads its variants into the folder, or returns the code of the refusal. */
export async function send(
  stack: Stack,
  source: SourceFile,
  profile: string,
  folder: string,
): Promise<Sent | string> {
  const bytes = await readFile(source.path);
  const { status, body } = await upload(stack, bytes, {
    fields: { profile },
    filename: basename(source.path),
    headers: { Prefer: 'wait=60' },
  });
  if (status >= 400) return body.code ?? String(status);
  const image = status === 202 ? await untilFinal(stack, body.id, WAIT_SECONDS) : body;
  if (image.status !== 'published') return image.error?.code ?? image.status;
  const variants: Sent['variants'] = {};
  for (const [name, { url, mediaType, bytes: size, width, height }] of Object.entries(image.variants)) {
    const path = join(folder, `${image.id}-${name}`);
    const response = await fetch(url ?? '');
    if (!response.ok) throw new Error(`${url}: ${response.status}`);
    await writeFile(path, Buffer.from(await response.arrayBuffer()));
    variants[name] = { path, format: formatOfType(mediaType), bytes: size, width, height };
  }
  return { image, sourceBytes: bytes.length, variants };
}
