import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Image } from '@pixdock/contract/image';
import { stagingLayout } from '@pixdock/shared/state/folder-staging/layout';
import type { Snapshot } from './check.js';
import type { Finding } from './history.js';
import type { Installation } from './run.js';

/** I5: staging holds only outcomes, the sources of failed images and the batches that exist. */
export function checkStaging(
  { stack, apiStartedAtMs }: Installation,
  { images, batches }: Snapshot,
): Finding[] {
  const layout = stagingLayout(stack.dataDir);
  const byId = new Map(images.map((image) => [image.id, image]));
  const findings: Finding[] = [];
  // The sweep removes uploads whose server died.
  const arriving = readdirSync(layout.incoming).filter(
    (name) => changedAt(join(layout.incoming, name)) > apiStartedAtMs(),
  );
  for (const name of arriving) findings.push({ about: name, what: 'is still arriving' });
  for (const id of sharded(layout.live)) {
    const image = byId.get(id);
    if (image?.status !== 'failed' || image.batchId !== null)
      findings.push({ about: id, what: `${image?.status ?? 'unknown'}, but still staged` });
  }
  for (const id of sharded(layout.deletions).filter((name) => !name.endsWith('.tmp')))
    findings.push({ about: id, what: 'its deletion is still pending' });
  for (const id of sharded(layout.batches).map((name) => name.replace('.json', '')))
    if (!batches.some((batch) => batch.id === id))
      findings.push({ about: id, what: 'staged, but not listed' });
  // Beside marks of kept images, and temporary files of dead processes, which the sweep removes.
  const outcomes = sharded(layout.outcomes).filter((name) => name.endsWith('.json'));
  for (const id of outcomes.map((name) => name.replace('.json', '')))
    findings.push(...compareOutcome(layout.outcome(id), id, byId.get(id)));
  for (const { id, status } of images)
    if (!existsSync(layout.outcome(id)))
      findings.push({ about: id, what: `${status}, but has no outcome in staging` });
  return findings;
}

const changedAt = (path: string) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;

function sharded(folder: string): string[] {
  return readdirSync(folder).flatMap((shard) => readdirSync(join(folder, shard)));
}

function compareOutcome(path: string, id: string, image: Image | undefined): Finding[] {
  if (image === undefined) return [{ about: id, what: 'its outcome is staged, but the image is not listed' }];
  const { record } = JSON.parse(readFileSync(path, 'utf8')) as { record: { status: string } };
  if (record.status === image.status) return [];
  return [{ about: id, what: `${image.status}, but its outcome in staging says ${record.status}` }];
}
