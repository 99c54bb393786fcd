import type { Parts } from '../deps.js';
import type { OwnerState } from './feed.js';

/** The current states of images and batches; those that are gone are absent. */
export async function readStates(
  { records, batches }: Parts<'records' | 'batches'>,
  ids: readonly string[],
): Promise<OwnerState[]> {
  const isBatch = (id: string) => id.startsWith('bat_');
  const [images, states] = await Promise.all([
    records.getMany(ids.filter((id) => !isBatch(id))),
    Promise.all(ids.filter(isBatch).map((id) => batches.get(id))),
  ]);
  return [
    ...images.flatMap((state) => (state === null ? [] : [{ type: 'image' as const, state }])),
    ...states.flatMap((state) =>
      state === null || state.forgottenAt !== null ? [] : [{ type: 'batch' as const, state }],
    ),
  ];
}
