import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Profile } from '@pixdock/contract/profile';
import { makeFolder, readIfThere, writeWhole } from '@pixdock/shared/state/files/durable';
import type { ImageRecord } from '@pixdock/shared/state/records/image-record';
import type { Staging } from '@pixdock/shared/state/staging';
import { z } from 'zod';
import { profileVersion } from '../image/profile-version.js';
import { type ImageEngine, type RenderOutcome, renderedSchema } from '../image/types.js';

const outputSchema = z.object({
  /** Of the attempt that rendered it, so that two attempts never write into one. */
  folder: z.uuid(),
  rendered: renderedSchema,
});
export type Output = z.output<typeof outputSchema>;

const MANIFEST = 'rendered.json';

/** What an earlier attempt rendered by the same recipe and could not store; null when there is nothing whole. */
export async function renderedBefore(staging: Staging, id: string, profile: Profile): Promise<Output | null> {
  const manifest = await readIfThere(join(staging.layout.output(id), MANIFEST));
  if (manifest === null) return null;
  const { success, data } = outputSchema.safeParse(parsed(manifest));
  if (!success || data.rendered.receipt.profileVersion !== profileVersion(profile)) return null;
  const folder = outputFolder(staging, id, data);
  for (const { file, bytes } of Object.values(data.rendered.variants)) {
    const size = await stat(join(folder, file)).then(
      (found) => found.size,
      () => 0,
    );
    if (size !== bytes) return null;
  }
  return data;
}

// A loss of power may leave a file of zeros.
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Where the files of an output lie. */
export function outputFolder(staging: Staging, id: string, { folder }: Pick<Output, 'folder'>): string {
  return join(staging.layout.output(id), folder);
}

/** Renders into a folder of this attempt. The manifest comes last: its presence means that all of it is there. */
export async function render(
  engine: ImageEngine,
  staging: Staging,
  record: ImageRecord,
  profile: Profile,
  folder: string,
  onNormalizing: () => void,
  signal: AbortSignal,
): Promise<RenderOutcome> {
  const output = staging.layout.output(record.id);
  await rm(output, { recursive: true, force: true });
  const outputDir = outputFolder(staging, record.id, { folder });
  await makeFolder(outputDir);
  const sourcePath = staging.layout.source(record.id);
  const { declaredType } = record.internal;
  const { owner } = record;
  const isUrgent = record.batchId === null;
  const task = { sourcePath, outputDir, declaredType, profile, owner, isUrgent, onNormalizing };
  const result = await engine.render(task, signal);
  if (result.outcome === 'rendered') {
    const manifest: Output = { folder, rendered: result.rendered };
    // One that is lost, or not whole, costs a render.
    await writeWhole(join(output, MANIFEST), JSON.stringify(manifest));
  }
  return result;
}
