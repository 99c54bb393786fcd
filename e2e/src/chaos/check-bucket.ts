import { createHash } from 'node:crypto';
import type { Image, VariantResult } from '@pixdock/contract/image';
import { isPrivateKey } from '@pixdock/contract/visibility';
import type { OssDev } from '@pixdock/oss-dev/start';
import { aliClient } from '@pixdock/oss-dev/testing/ali-client';
import { listKeys } from '../harness/bucket.js';
import { OSS } from '../harness/stack.js';
import type { Snapshot } from './check.js';
import type { Finding } from './history.js';
import type { Installation } from './run.js';
import { isPrivate } from './wishes.js';

/** I2 and I5: every published image has its objects in the bucket of its profile, and the buckets have no others. */
export async function checkBuckets(
  { stack, history }: Installation,
  { images }: Snapshot,
): Promise<Finding[]> {
  const isOfPrivate = (image: Image) => isPrivate(history.images.get(history.nameOf(image))?.wish ?? {});
  const compare = (bucket: string, of: readonly Image[]) => compareBucket({ ...stack.oss, bucket }, of);
  return [
    ...(await compare(
      OSS.bucket,
      images.filter((image) => !isOfPrivate(image)),
    )),
    ...(await compare(OSS.privateBucket, images.filter(isOfPrivate))),
  ];
}

async function compareBucket(oss: OssDev, images: readonly Image[]): Promise<Finding[]> {
  const owners = new Map(published({ images }).map(({ id, variant }) => [variant.key, id]));
  const found = new Set(await listKeys({ oss }));
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
  const clients = {
    public: aliClient(stack.oss),
    private: aliClient({ ...stack.oss, bucket: OSS.privateBucket }),
  };
  const findings: Finding[] = [];
  const all = published({ images });
  const firsts = new Map<string, string>();
  for (let from = 0; from < all.length; from += IMAGES_AT_ONCE)
    await Promise.all(
      all.slice(from, from + IMAGES_AT_ONCE).map(async ({ id, made, name, variant }) => {
        const client = clients[isPrivateKey(variant.key) ? 'private' : 'public'];
        const found = await client.get(variant.key).catch(() => null);
        if (found === null) return;
        const md5 = createHash('md5').update(found.content).digest('hex');
        if (!isSame(md5, variant.etag) || found.content.length !== variant.bytes)
          findings.push({ about: id, what: `${variant.key} has other bytes than its image describes` });
        const first = firsts.get(`${made} ${name}`) ?? md5;
        firsts.set(`${made} ${name}`, first);
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
  /** The picture and the profile that it was made from. */
  made: string;
  name: string;
  variant: VariantResult;
}

function published({ images }: Pick<Snapshot, 'images'>): Published[] {
  return images
    .filter(({ status }) => status === 'published')
    .flatMap(({ id, source, profile, variants }) =>
      Object.entries(variants).map(([name, variant]) => ({
        id,
        made: `${source.sha256} ${profile}`,
        name,
        variant,
      })),
    );
}
