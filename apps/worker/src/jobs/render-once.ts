import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ImageRecord } from '@pixdock/shared/contract/image';
import { type Profile, profileVersion } from '@pixdock/shared/contract/profile';
import { readIfThere, writeDurably } from '@pixdock/shared/staging/durable';
import type { Staging } from '@pixdock/shared/staging/staging';
import { type ImageEngine, type Rendered, type RenderOutcome, renderedSchema } from '../image/types.js';

const MANIFEST = 'rendered.json';

/** What an earlier attempt rendered by the same recipe and could not store; null when there is nothing. */
export async function renderedBefore(
  staging: Staging,
  id: string,
  profile: Profile,
): Promise<Rendered | null> {
  const manifest = await readIfThere(join(staging.layout.output(id), MANIFEST));
  const parsed = manifest === null ? null : renderedSchema.safeParse(JSON.parse(manifest));
  if (parsed?.success !== true || parsed.data.receipt.profileVersion !== profileVersion(profile)) return null;
  return parsed.data;
}

/** Renders into staging. The manifest comes last, so that its presence means that all of it is there. */
export async function render(
  engine: ImageEngine,
  staging: Staging,
  record: ImageRecord,
  profile: Profile,
  onNormalizing: () => void,
  signal: AbortSignal,
): Promise<RenderOutcome> {
  const outputDir = staging.layout.output(record.id);
  await rm(outputDir, { recursive: true, force: true });
  await mkdir(outputDir, { mode: 0o700 });
  const sourcePath = staging.layout.source(record.id);
  const { declaredType } = record.internal;
  const result = await engine.render({ sourcePath, outputDir, declaredType, profile, onNormalizing }, signal);
  if (result.outcome === 'rendered')
    await writeDurably(join(outputDir, MANIFEST), JSON.stringify(result.rendered));
  return result;
}
