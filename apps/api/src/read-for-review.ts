import { IMAGE_ID } from '@pixdock/contract/ids';
import type { ImageRecord } from '@pixdock/shared/state/images/image-record';
import type { ApiContext } from './http/env.js';
import { type ImageParts, readImage } from './read-image.js';

/** Whether the key may review the images of all owners. */
export const reviewsAll = (c: ApiContext): boolean => c.get('caller').scopes.has('admin');

/** Reads an image that the caller may review. @throws PixdockError not_found, and as `readImage` */
export async function readForReview(deps: ImageParts, c: ApiContext, id: string): Promise<ImageRecord> {
  const found = reviewsAll(c) && IMAGE_ID.test(id) ? await deps.images.get(id) : null;
  return found ?? readImage(deps, id, c.get('owner'));
}
