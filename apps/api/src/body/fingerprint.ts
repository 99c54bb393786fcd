import { createHash } from 'node:crypto';
import type { Submission } from './submission.js';

/** A SHA-256 in hex: equal for equal options and the same file or URL, however they were sent. */
export function fingerprintOf(submission: Submission): string {
  const { profile, externalId, metadata, sha256, webhookUrl } = submission.options;
  const fields = [profile, externalId, sorted(metadata)];
  // Fingerprints outlive a deployment.
  const added = webhookUrl === null ? [] : [webhookUrl];
  const source =
    submission.kind === 'bytes'
      ? submission.sha256
      : [submission.origin.url, sorted(submission.origin.headers), sha256];
  return createHash('sha256')
    .update(JSON.stringify([...fields, source, ...added]))
    .digest('hex');
}

function sorted(values: Record<string, string>): [string, string][] {
  return Object.entries(values).toSorted(([a], [b]) => (a < b ? -1 : 1));
}
