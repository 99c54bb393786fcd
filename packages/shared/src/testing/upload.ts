import { randomBytes } from 'node:crypto';
import type { UploadEntry } from '../state/uploads/upload-entry.js';

/** A resumable upload of a sheet right after its creation. */
export const testUpload = (changes: Partial<UploadEntry> = {}): UploadEntry => ({
  id: `upl_${randomBytes(16).toString('hex')}`,
  owner: 'acme',
  uploadToken: null,
  length: 10,
  metadata: null,
  target: {
    resource: 'batch',
    contentType: 'text/csv',
    profile: 'default',
    columns: null,
    sheet: null,
    reuse: null,
    deleteAfterSeconds: null,
    replace: false,
    name: null,
    filename: null,
    webhookUrl: null,
  },
  webhook: null,
  resourceId: `bat_${randomBytes(16).toString('hex')}`,
  keyHashes: ['hash'],
  createdAt: '2026-01-01T00:00:00.000Z',
  expiresAt: '2126-01-01T00:00:00.000Z',
  ...changes,
});
