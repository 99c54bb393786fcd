import { createHash } from 'node:crypto';
import type { VariantResult } from '@pixdock/contract/image';
import { aliClient } from '@pixdock/oss-dev/testing/ali-client';
import { listKeys } from '../harness/bucket.js';
import type { Snapshot } from './check.js';
import type { Finding } from './history.js';
import type { Installation } from './run.js';

/** I2 and I5: every published image has its objects, and the bucket has no others. */
export async function checkBucket({ stack }: Installation, { images }: Snapshot): Promise<Finding[]> {
  const owners = new Map(published({ images }).map(({ id, variant }) => [variant.key, id]));
  const found = new Set(await listKeys(stack));
  return [
    ...[...owners]
      .filter(([key]) => !found.has(key))
      .map(([key, about]) => ({ about, what: `${key} is missing` })),
    ...[...found]
      .filter((key) => !owners.has(key))
      .map((key) => ({ about: key, what: 'belongs to no image' })),
  ];
}

/** I2 and I3: every object has the bytes that its image describes, and equal pictures have equal variants. */
export async function checkBytes({ stack }: Installation, { images }: Snapshot): Promise<Finding[]> {
  const client = aliClient(stack.oss);
  const findings: Finding[] = [];
  const all = published({ images });
  const firsts = new Map<string, string>();
  for (let from = 0; from < all.length; from += IMAGES_AT_ONCE)
    await Promise.all(
      all.slice(from, from + IMAGES_AT_ONCE).map(async ({ id, sha256, name, variant }) => {
        const found = await client.get(variant.key).catch(() => null);
        if (found === null) return;
        const md5 = createHash('md5').update(found.content).digest('hex');
        if (!isSame(md5, variant.etag) || found.content.length !== variant.bytes)
          findings.push({ about: id, what: `${variant.key} has other bytes than its image describes` });
        const first = firsts.get(`${sha256} ${name}`) ?? md5;
        firsts.set(`${sha256} ${name}`, first);
        if (first !== md5)
          findings.push({
            about: id,
            what: `${name} differs from the same variant of another image with this picture`,
          });
      }),
    );
  return findings;
}

const IMAGES_AT_ONCE = 16;
const isSame = (md5: string, etag: string) => etag.replaceAll('"', '').toLowerCase() === md5;

interface Published {
  id: string;
  sha256: string | null;
  name: string;
  variant: VariantResult;
}

function published({ images }: Pick<Snapshot, 'images'>): Published[] {
  return images
    .filter(({ status }) => status === 'published')
    .flatMap(({ id, source, variants }) =>
      Object.entries(variants).map(([name, variant]) => ({ id, sha256: source.sha256, name, variant })),
    );
}
