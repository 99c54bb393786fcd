import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Image } from '@pixdock/contract/image';
import { stagingLayout } from '@pixdock/shared/state/files/layout';
import type { Account } from './check.js';
import type { Find } from './history.js';
import type { Run } from './run.js';

/** I5: staging holds outcomes, what a failed image needs to be tried again, and batches that are there; nothing else. */
export function checkStaging({ stack }: Run, { images, batches }: Account): Find[] {
  const layout = stagingLayout(stack.dataDir);
  const byId = new Map(images.map((image) => [image.id, image]));
  const finds: Find[] = [];
  // What was coming in when its server died is for the sweep.
  const arriving = readdirSync(layout.incoming).filter(
    (name) => changedAt(join(layout.incoming, name)) > stack.api.startedAtMs,
  );
  for (const name of arriving) finds.push({ about: name, what: 'still on its way in' });
  for (const id of sharded(layout.live)) {
    const image = byId.get(id);
    if (image?.status !== 'failed' || image.batchId !== null)
      finds.push({ about: id, what: `${image?.status ?? 'unknown'}, and still staged` });
  }
  for (const id of sharded(layout.deletions).filter((name) => !name.endsWith('.tmp')))
    finds.push({ about: id, what: 'its deletion is still to be done' });
  for (const id of sharded(layout.batches))
    if (!batches.some((batch) => batch.id === id))
      finds.push({ about: id, what: 'staged, and nobody knows it' });
  // What was being written when its process died is for the sweep.
  const outcomes = sharded(layout.outcomes).filter((name) => !name.endsWith('.tmp'));
  for (const id of outcomes.map((name) => name.replace('.json', '')))
    finds.push(...compareOutcome(layout.outcome(id), id, byId.get(id)));
  for (const { id, status } of images)
    if (!existsSync(layout.outcome(id)))
      finds.push({ about: id, what: `${status}, and staging does not know` });
  return finds;
}

const changedAt = (path: string) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;

function sharded(folder: string): string[] {
  return readdirSync(folder).flatMap((shard) => readdirSync(join(folder, shard)));
}

function compareOutcome(path: string, id: string, image: Image | undefined): Find[] {
  if (image === undefined) return [{ about: id, what: 'its outcome is staged, and nobody knows it' }];
  const { record } = JSON.parse(readFileSync(path, 'utf8')) as { record: { status: string } };
  if (record.status === image.status) return [];
  return [{ about: id, what: `${image.status}, and staging says ${record.status}` }];
}
