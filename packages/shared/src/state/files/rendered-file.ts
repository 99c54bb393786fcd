import { join } from 'node:path';
import { FORMATS, IMAGE_FORMATS } from '@pixdock/contract/media-type';
import { z } from 'zod';
import { orUnreadable } from '../../runtime/unreadable.js';
import type { StagingLayout } from './layout.js';
import { readIfThere } from './optional-file.js';

/** A file in the output of an image that lists the rendered variants. It exists once all are complete. */
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

/** The file of a rendered variant that is not in OSS yet; null if there is none, or a loss of power has damaged the list. */
export async function findRenderedFile(
  layout: StagingLayout,
  id: string,
  variant: string,
): Promise<{ path: string; mediaType: string; bytes: number } | null> {
  const text = await readIfThere(join(layout.output(id), RENDERED));
  if (text === null) return null;
  const output = await orUnreadable(async () => renderedSchema.parse(JSON.parse(text)));
  if (output === 'unreadable') return null;
  const { folder, rendered } = output;
  const found = new Map(Object.entries(rendered.variants)).get(variant);
  if (found === undefined) return null;
  const { file, format, bytes } = found;
  return { path: join(layout.output(id), folder, file), mediaType: FORMATS[format].mediaType, bytes };
}
