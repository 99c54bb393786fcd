import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { VariantResult } from '@pixdock/contract/image';
import { FORMATS } from '@pixdock/contract/media-type';
import type { NewObject, ObjectStore } from '@pixdock/object-store/types';
import { faultpoint } from '@pixdock/shared/runtime/faultpoint';
import { OBJECT_CACHE_CONTROL, objectKey, toObjectMeta } from '@pixdock/shared/state/object';
import type { ImageRecord } from '@pixdock/shared/state/records/image-record';
import type { Rendered, RenderedVariant } from '../image/types.js';
import { putVerified } from './put.js';

type Variants = Record<string, VariantResult>;

/** What will be stored and where; known before anything is. */
export function planVariants(
  store: ObjectStore,
  prefix: string,
  imageId: string,
  rendered: Rendered,
): Variants {
  const plan = ([name, variant]: [string, RenderedVariant]): [string, VariantResult] => {
    const key = objectKey(prefix, imageId, name, variant.format);
    const { width, height, bytes, md5, format } = variant;
    return [
      name,
      {
        url: store.publicUrl(key),
        key,
        width,
        height,
        bytes,
        mediaType: FORMATS[format].mediaType,
        etag: md5,
      },
    ];
  };
  return Object.fromEntries(Object.entries(rendered.variants).map(plan));
}

/** Stores all variants, `main` last: while it is missing, nothing of the image counts as published. */
export async function publishVariants(
  store: ObjectStore,
  record: ImageRecord,
  rendered: Rendered,
  planned: Variants,
  outputDir: string,
  stillHeld: () => Promise<boolean>,
  signal: AbortSignal,
): Promise<void> {
  const put = async (name: string, metadata: NewObject['metadata']) => {
    const variant = rendered.variants[name];
    const target = planned[name];
    if (variant === undefined || target === undefined) throw new TypeError(`no variant ${name}`);
    const object: NewObject = {
      key: target.key,
      body: await readFile(join(outputDir, variant.file)),
      contentType: target.mediaType,
      md5: variant.md5,
      cacheControl: OBJECT_CACHE_CONTROL,
      metadata,
    };
    await putVerified(store, object, stillHeld, signal);
    faultpoint(name === 'main' ? 'main-stored' : 'variant-stored');
  };
  const others = Object.keys(planned).filter((name) => name !== 'main');
  const settled = await Promise.allSettled(others.map((name) => put(name, {})));
  for (const result of settled) if (result.status === 'rejected') throw result.reason;
  await put('main', toObjectMeta(record, rendered.source, planned, rendered.receipt.profileVersion));
}
