import type { Parts } from '../deps.js';
import type { OwnerState } from './feed.js';

/** The current states of images and batches; those that are gone are absent. */
export async function readStates(
  { images, batches }: Parts<'images' | 'batches'>,
  ids: readonly string[],
): Promise<OwnerState[]> {
  const isBatch = (id: string) => id.startsWith('bat_');
  const [records, states] = await Promise.all([
    images.inRedisMany(ids.filter((id) => !isBatch(id))),
    Promise.all(ids.filter(isBatch).map((id) => batches.inRedis(id))),
  ]);
  return [
    ...records.flatMap((state) => (state === null ? [] : [{ type: 'image' as const, state }])),
    ...states.flatMap((state) =>
      state === null || state.forgottenAt !== null ? [] : [{ type: 'batch' as const, state }],
    ),
  ];
}
