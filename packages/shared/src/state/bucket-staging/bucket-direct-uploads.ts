import { stagedNames, uploadFiles } from '../staged/staged-names.js';
import {
  type DirectUploadEntry,
  type DirectUploads,
  directUploadEntrySchema,
} from '../uploads/direct-uploads.js';
import { isLiveUpload, parseUpload } from '../uploads/upload-entry.js';
import type { BucketFiles } from './bucket-files.js';
import type { ObjectBucket } from './object-bucket.js';
import { keyOf, nextNumber, versionsOf } from './versions.js';

const namesOf = (id: string) => uploadFiles(stagedNames.upload(id));

/** Uploads that clients post to the bucket themselves. */
export function openBucketDirectUploads(bucket: ObjectBucket, files: BucketFiles): DirectUploads {
  async function becomeSource(id: string, imageId: string): Promise<boolean> {
    const file = await files.newest(namesOf(id).data);
    if (file === null) return false;
    const name = stagedNames.source(imageId);
    const copied = await bucket.copy(file.key, keyOf(name, nextNumber(await versionsOf(bucket, name))));
    // An earlier try of this call, or of this submission, has taken the number.
    return copied === 'exists' ? becomeSource(id, imageId) : copied === 'copied';
  }

  return {
    async create(upload) {
      await files.write(namesOf(upload.id).direct, JSON.stringify(upload));
      return bucket.signForm(keyOf(namesOf(upload.id).data, 1), upload.maxBytes);
    },
    async read(id) {
      const upload = await readDirectUpload(files, id);
      if (upload === null || !isLiveUpload(upload)) return null;
      return { upload, bytes: (await files.newest(namesOf(id).data))?.bytes ?? null };
    },
    becomeSource,
    remove: (id) => files.removeAll(stagedNames.upload(id)),
  };
}

/** The direct upload with an id, also after its time; null without one. */
export const readDirectUpload = async (files: BucketFiles, id: string): Promise<DirectUploadEntry | null> =>
  parseUpload(directUploadEntrySchema, await files.read(namesOf(id).direct));
