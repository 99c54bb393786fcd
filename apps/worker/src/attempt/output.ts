import { createHash } from 'node:crypto';
import { PixdockError } from '@pixdock/contract/error';
import type { Profile } from '@pixdock/contract/profile';
import { faultpoint } from '@pixdock/shared/runtime/faultpoint';
import { profileVersion } from '@pixdock/shared/runtime/profile-version';
import { inSpan } from '@pixdock/shared/runtime/trace';
import { orUnreadable } from '@pixdock/shared/runtime/unreadable';
import type { Staging } from '@pixdock/shared/state/staging';
import { z } from 'zod';
import type { Needs } from '../deps.js';
import { type Bodies, type RenderedImage, type RenderOutcome, renderedSchema } from '../image/types.js';
import type { Attempt } from './start-attempt.js';

const outputSchema = z.object({
  /** Named after the attempt that rendered it, so that two attempts never write to the same folder. */
  folder: z.uuid(),
  rendered: renderedSchema,
});
export type Output = z.output<typeof outputSchema>;

/** A rendered image that an attempt has in memory. */
export interface AttemptOutput extends RenderedImage {
  /** Whether staging has it, too. */
  isSaved: boolean;
}

/** The output of an earlier attempt with the same profile that could not be put; null when it is not complete. */
export async function findOutput(
  { outputs }: Pick<Staging, 'outputs'>,
  id: string,
  profile: Profile,
): Promise<Output | null> {
  const manifest = await outputs.manifest(id);
  if (manifest === null) return null;
  // A loss of power may leave a file of zeros.
  const output = await orUnreadable(async () => outputSchema.parse(JSON.parse(manifest)));
  if (output === 'unreadable') return null;
  const { folder, rendered } = output;
  if (rendered.receipt.profileVersion !== profileVersion(profile)) return null;
  for (const { file, bytes } of Object.values(rendered.variants)) {
    await using found = await outputs.open(id, folder, file);
    if (found === null || (await found.stat()).size !== bytes) return null;
  }
  return output;
}

/** The bytes of an earlier output; null if they differ from its digests: a loss of power may have lost them. */
export async function readOutput(
  { outputs }: Pick<Staging, 'outputs'>,
  id: string,
  output: Output,
): Promise<Bodies | null> {
  const bodies = new Map<string, Buffer>();
  for (const [name, { file, md5 }] of Object.entries(output.rendered.variants)) {
    await using found = await outputs.open(id, output.folder, file);
    const bytes = await found?.readFile();
    if (bytes === undefined || createHash('md5').update(bytes).digest('hex') !== md5) return null;
    bodies.set(name, bytes);
  }
  return bodies;
}

/** Stores the output of an attempt that cannot put it now, so that the next attempt need not render. */
export async function saveOutput(
  { outputs }: Pick<Staging, 'outputs'>,
  { record, id: { token } }: Pick<Attempt, 'record' | 'id'>,
  { rendered, bodies }: RenderedImage,
): Promise<void> {
  const files = [...bodies].map(([name, bytes]) => [rendered.variants[name]?.file ?? name, bytes] as const);
  const output: Output = { folder: token, rendered };
  await outputs.save(record.id, token, files, JSON.stringify(output));
}

/** Renders the source. @throws PixdockError unknown_profile */
export async function renderOutput(
  { engine, staging, config }: Needs<'engine' | 'staging', 'profiles'>,
  attempt: Attempt,
  signal: AbortSignal,
): Promise<RenderOutcome> {
  const { id, owner, batchId, internal, profile: profileName } = attempt.record;
  const profile = config.profiles.get(profileName);
  if (profile === undefined) throw new PixdockError('unknown_profile');
  await using source = await staging.openSource(id);
  const task = {
    sourcePath: source.path,
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
  if (result.outcome === 'rendered') faultpoint('run-rendered');
  return result;
}
