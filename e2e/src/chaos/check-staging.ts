import type { Image } from '@pixdock/contract/image';
import type { Staging } from '@pixdock/shared/state/staging';
import { openStackStaging } from '../harness/leftovers.js';
import type { Snapshot } from './check.js';
import type { Finding } from './history.js';
import type { Installation } from './run.js';

/** I5: staging holds only outcomes, the sources of failed images and the batches that exist. */
export async function checkStaging(
  { stack, apiStartedAtMs }: Installation,
  { images, batches }: Snapshot,
): Promise<Finding[]> {
  const staging = await openStackStaging(stack);
  const inBucket = stack.env.STAGING_URL !== undefined;
  const byId = new Map(images.map((image) => [image.id, image]));
  const findings: Finding[] = [];
  for await (const arrival of staging.arrivals()) {
    // The sweep removes uploads whose server died and, from a bucket, batches that were refused while it was away.
    const isExpected = inBucket || (await arrival.isIdle(Date.now() - apiStartedAtMs()));
    if (!isExpected || batches.some(({ id }) => id === arrival.name))
      findings.push({ about: arrival.name, what: 'is still arriving' });
  }
  for await (const id of staging.live()) {
    const image = byId.get(id);
    if (image?.status === 'failed' && image.batchId === null) continue;
    // The sweep removes what a killed worker left of a final image: in a bucket, that takes several requests.
    const isLeft = inBucket && (await staging.has(id, 'outcome'));
    if (!isLeft || !(await staging.isIdle(id, Date.now() - apiStartedAtMs())))
      findings.push({ about: id, what: `${image?.status ?? 'unknown'}, but still staged` });
  }
  for await (const id of staging.deletions())
    findings.push({ about: id, what: 'its deletion is still pending' });
  for await (const id of staging.batches.ids())
    if (!batches.some((batch) => batch.id === id))
      findings.push({ about: id, what: 'staged, but not listed' });
  const settled = new Set<string>();
  for await (const { id } of staging.outcomes()) {
    settled.add(id);
    findings.push(...(await compareOutcome(staging, id, byId.get(id))));
  }
  for (const { id, status } of images)
    if (!settled.has(id)) findings.push({ about: id, what: `${status}, but has no outcome in staging` });
  return findings;
}

async function compareOutcome(staging: Staging, id: string, image: Image | undefined): Promise<Finding[]> {
  if (image === undefined) return [{ about: id, what: 'its outcome is staged, but the image is not listed' }];
  const status = (await staging.ownEntry(id))?.record.status;
  if (status === image.status) return [];
  return [{ about: id, what: `${image.status}, but its outcome in staging says ${status}` }];
}
