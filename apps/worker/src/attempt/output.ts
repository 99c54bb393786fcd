import { createHash } from 'node:crypto';
import { readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { PixdockError } from '@pixdock/contract/error';
import type { Profile } from '@pixdock/contract/profile';
import { faultpoint } from '@pixdock/shared/runtime/faultpoint';
import { profileVersion } from '@pixdock/shared/runtime/profile-version';
import { inSpan } from '@pixdock/shared/runtime/trace';
import { writeWhole } from '@pixdock/shared/state/files/durable';
import { makeFolder } from '@pixdock/shared/state/files/folder';
import { readIfThere } from '@pixdock/shared/state/files/optional-file';
import { RENDERED } from '@pixdock/shared/state/files/rendered-file';
import type { Staging } from '@pixdock/shared/state/staging';
import { z } from 'zod';
import type { Needs } from '../deps.js';
import { type Bodies, type RenderOutcome, renderedSchema } from '../image/types.js';
import type { Attempt } from './start-attempt.js';

const outputSchema = z.object({
  /** Named after the attempt that rendered it, so that two attempts never write to the same folder. */
  folder: z.uuid(),
  rendered: renderedSchema,
});
export type Output = z.output<typeof outputSchema>;

/** The output of an earlier attempt with the same profile that could not be stored; null when it is not complete. */
export async function findOutput(staging: Staging, id: string, profile: Profile): Promise<Output | null> {
  const manifest = await readIfThere(join(staging.layout.output(id), RENDERED));
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

/** The bytes of an earlier output; null if they differ from its digests: a loss of power may have lost them. */
export async function readOutput(staging: Staging, id: string, output: Output): Promise<Bodies | null> {
  const folder = outputFolder(staging, id, output);
  const bodies = new Map<string, Buffer>();
  for (const [name, { file, md5 }] of Object.entries(output.rendered.variants)) {
    const bytes = await readFile(join(folder, file));
    if (createHash('md5').update(bytes).digest('hex') !== md5) return null;
    bodies.set(name, bytes);
  }
  return bodies;
}

export async function discardOutput(staging: Staging, id: string): Promise<void> {
  await rm(staging.layout.output(id), { recursive: true, force: true });
}

export function outputFolder(staging: Staging, id: string, { folder }: Pick<Output, 'folder'>): string {
  return join(staging.layout.output(id), folder);
}

/**
 * Renders into a folder of this attempt. The manifest is written last: it means that the output is complete.
 * @throws PixdockError unknown_profile
 */
export async function renderOutput(
  { engine, staging, config }: Needs<'engine' | 'staging', 'profiles'>,
  attempt: Attempt,
  signal: AbortSignal,
): Promise<RenderOutcome> {
  const { id, owner, batchId, internal, profile: profileName } = attempt.record;
  const profile = config.profiles.get(profileName);
  if (profile === undefined) throw new PixdockError('unknown_profile');
  const folder = attempt.id.token;
  const outputs = staging.layout.output(id);
  const outputDir = outputFolder(staging, id, { folder });
  if (!(await makeFolder(outputs))) await discardOutput(staging, id);
  await makeFolder(outputDir);
  const task = {
    sourcePath: staging.layout.source(id),
    outputDir,
    declaredType: internal.declaredType,
    imageId: id,
    profile,
    owner,
    isUrgent: batchId === null,
    onNormalizing: () => attempt.enter('normalizing'),
  };
  const result = await inSpan('decode', { 'pixdock.profile': profileName }, () =>
    engine.render(task, signal),
  );
  if (result.outcome === 'refused') return result;
  const output: Output = { folder, rendered: result.rendered };
  // A manifest that is lost or damaged costs one render.
  await writeWhole(join(outputs, RENDERED), JSON.stringify(output));
  faultpoint('run-rendered');
  return result;
}
