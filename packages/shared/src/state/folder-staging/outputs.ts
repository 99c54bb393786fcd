import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { FORMATS, IMAGE_FORMATS } from '@pixdock/contract/media-type';
import { z } from 'zod';
import { orUnreadable } from '../../runtime/unreadable.js';
import { writeUnsynced, writeWhole } from '../files/durable.js';
import { makeFolder, removeFolder } from '../files/folder.js';
import { readIfThere } from '../files/optional-file.js';
import type { StagingLayout } from './layout.js';

/** Lists the rendered variants. It exists once all are complete. */
export const RENDERED = 'rendered.json';

const renderedSchema = z.object({
  folder: z.uuid(),
  rendered: z.object({
    variants: z.record(
      z.string(),
      z.object({ file: z.string().regex(/^[\w-]+\.\w+$/), format: z.enum(IMAGE_FORMATS), bytes: z.int() }),
    ),
  }),
});

/** The rendered variants of images that cannot be put yet. */
export interface Outputs {
  /**
   * Stores the output of an attempt in place of earlier ones. A loss of power may damage it, which costs one render.
   * @param files their bytes by their names
   * @param manifest of the form of `renderedSchema`
   */
  save(
    id: string,
    attempt: string,
    files: Iterable<readonly [name: string, bytes: Buffer]>,
    manifest: string,
  ): Promise<void>;
  /** Null unless an output is complete. */
  manifest(id: string): Promise<string | null>;
  /** Opens a file in the folder of an attempt; null if it is gone. */
  open(id: string, attempt: string, file: string): Promise<FileHandle | null>;
  /** Opens a variant; null without one. */
  openVariant(
    id: string,
    variant: string,
  ): Promise<{ file: FileHandle; mediaType: string; bytes: number } | null>;
  discard(id: string): Promise<void>;
}

export function openOutputs(layout: StagingLayout): Outputs {
  const manifest = (id: string) => readIfThere(join(layout.output(id), RENDERED));
  const discard = (id: string) => removeFolder(layout.output(id));
  const openFile: Outputs['open'] = (id, attempt, file) =>
    open(join(layout.output(id), attempt, file)).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return null;
      throw error;
    });

  return {
    async save(id, attempt, files, text) {
      const folder = join(layout.output(id), attempt);
      if (!(await makeFolder(layout.output(id)))) await discard(id);
      await makeFolder(folder);
      for (const [name, bytes] of files) await writeUnsynced(join(folder, name), bytes);
      await writeWhole(join(layout.output(id), RENDERED), text);
    },
    manifest,
    open: openFile,
    openVariant: (id, variant) => openVariantOf({ manifest, open: openFile }, id, variant),
    discard,
  };
}

/** Opens a variant that the manifest of an output lists. */
export async function openVariantOf(
  { manifest, open: openFile }: Pick<Outputs, 'manifest' | 'open'>,
  id: string,
  variant: string,
): ReturnType<Outputs['openVariant']> {
  const text = await manifest(id);
  if (text === null) return null;
  // A loss of power may have damaged it.
  const output = await orUnreadable(async () => renderedSchema.parse(JSON.parse(text)));
  if (output === 'unreadable') return null;
  const { folder, rendered } = output;
  const found = new Map(Object.entries(rendered.variants)).get(variant);
  const file = found === undefined ? null : await openFile(id, folder, found.file);
  if (found === undefined || file === null) return null;
  return { file, mediaType: FORMATS[found.format].mediaType, bytes: found.bytes };
}
