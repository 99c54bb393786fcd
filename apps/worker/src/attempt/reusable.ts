import type { Reuse } from '@pixdock/contract/batch';
import { profileVersion } from '@pixdock/shared/runtime/profile-version';
import { shortDigest } from '@pixdock/shared/runtime/short-digest';
import { type ImageRecord, isOriginal, type RecordIn } from '@pixdock/shared/state/images/image-record';
import type { Origin } from '@pixdock/shared/state/images/origin';
import { addressKey } from '@pixdock/shared/state/manifest/stored';
import type { Needs } from '../deps.js';

/*
 * An item of a batch with `reuse` may become an image that its owner has: of the same URL, if its host says that the source has
 * not changed, or of the same bytes. The image has the profile of the item, in its present version.
 */

type Deps = Needs<'images' | 'batches' | 'staging', 'profiles' | 'labels'>;
type Image = RecordIn<'published'>;

/** An image, and the validator of the response that brought its source. */
export interface KnownSource {
  imageId: string;
  validator: string;
}

/** Identifies a request for a source and the profile that processes it. */
export function requestDigest(
  { config }: Pick<Deps, 'config'>,
  { profile }: Pick<ImageRecord, 'profile'>,
  origin: Extract<Origin, { kind: 'url' }>,
): string {
  return shortDigest(JSON.stringify([profile, versionOf(config, profile), addressKey(origin)]));
}

/** Looks for an image that the item may become if the source of its URL is unchanged. */
export async function findKnownSource(
  deps: Deps,
  record: ImageRecord,
  request: string,
): Promise<KnownSource | null> {
  if (!(await mayReuse(deps, record, 'url'))) return null;
  for (const found of await deps.images.findByRequest(record.owner, request)) {
    const { validator } = found.internal;
    const image = found.reusedId === null ? found : await deps.images.inRedis(found.reusedId);
    if (validator !== null && isReusable(deps, record, image))
      return { imageId: image.id, validator: validator.value };
  }
  return null;
}

/**
 * The image that an item becomes which may become `imageId`: if its owner has an image with the same bytes and the externalId of the
 * item, it is that one, so that a row that is sent again keeps its URL. Null if a deletion has been requested since it was found.
 */
export async function readReusable(
  deps: Omit<Deps, 'staging'>,
  record: ImageRecord,
  imageId: string,
): Promise<Image | null> {
  const image = await readImage(deps, record, imageId);
  const { externalId, owner } = record;
  if (image === null || externalId === null || image.externalId === externalId) return image;
  for (const found of await deps.images.findByExternalId(owner, externalId)) {
    if (found.source.sha256 !== image.source.sha256) continue;
    const own = await readImage(deps, record, found.reusedId ?? found.id);
    if (own !== null) return own;
  }
  return image;
}

/** Null if the item may not become it, or if its deletion, or that of its batch, has been requested. */
async function readImage(
  deps: Omit<Deps, 'staging'>,
  record: ImageRecord,
  imageId: string,
): Promise<Image | null> {
  const image = await deps.images.get(imageId);
  if (!isReusable(deps, record, image)) return null;
  const batch = image.batchId === null ? null : await deps.batches.get(image.batchId);
  return (batch?.deleteRequestedAt ?? null) === null ? image : null;
}

/** Looks for an image with the bytes of the item's source. */
export async function findSameContent(
  deps: Deps,
  record: ImageRecord,
  sha256: string,
): Promise<Image | null> {
  if (!(await mayReuse(deps, record, 'content'))) return null;
  const found = await deps.images.findBySha256(record.owner, [sha256]);
  const image = found.find((one) => isReusable(deps, record, one));
  return image === undefined ? null : readReusable(deps, record, image.id);
}

async function mayReuse({ staging }: Deps, { batchId }: ImageRecord, what: Reuse): Promise<boolean> {
  const manifest = batchId === null ? null : await staging.batches.open(batchId);
  return manifest?.entry.reuse.includes(what) ?? false;
}

function isReusable(
  { config }: Pick<Deps, 'config'>,
  item: ImageRecord,
  image: ImageRecord | null,
): image is Image {
  if (image === null || !isOriginal(image)) return false;
  if (image.deleteRequestedAt !== null || image.deleteAt !== null) return false;
  if (image.owner !== item.owner || image.profile !== item.profile) return false;
  const { expectedSha256 } = item.internal;
  if (expectedSha256 !== null && expectedSha256 !== image.source.sha256) return false;
  const { aiLabel, profileVersion: version } = image.receipt ?? {};
  // AI_LABEL may have changed since.
  if (aiLabel && (aiLabel.omitted === 'setting') === config.labels.isKept) return false;
  return version === versionOf(config, item.profile);
}

function versionOf({ profiles }: Deps['config'], name: string): string | null {
  const profile = profiles.get(name);
  return profile === undefined ? null : profileVersion(profile);
}
