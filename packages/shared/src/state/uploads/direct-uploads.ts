import { z } from 'zod';

/** An upload whose file goes straight to the bucket of staging, and becomes the source of the image that is submitted with it. */
export const directUploadEntrySchema = z.object({
  id: z.string(),
  owner: z.string(),
  /** The upload token that created it. */
  uploadToken: z.string().nullable(),
  /** The size of the file at most. */
  maxBytes: z.int(),
  filename: z.string().nullable(),
  createdAt: z.iso.datetime(),
  /** The upload is removed then. */
  expiresAt: z.iso.datetime(),
});
export type DirectUploadEntry = z.output<typeof directUploadEntrySchema>;

/** A form by which a client posts one file to OSS. */
export interface UploadForm {
  url: string;
  fields: Record<string, string>;
  /** Until then OSS accepts the form. */
  expiresAt: Date;
}

/** The direct uploads of a staging in a bucket. */
export interface DirectUploads {
  /** Stores a new upload, and signs the form for its file. */
  create(upload: DirectUploadEntry): Promise<UploadForm>;
  /** Null for an unknown or expired upload; `bytes` is null until its file is there. */
  read(id: string): Promise<{ upload: DirectUploadEntry; bytes: number | null } | null>;
  /** Copies the file to the source of an image; false if there is none. */
  becomeSource(id: string, imageId: string): Promise<boolean>;
  remove(id: string): Promise<void>;
}
