import { createHmac } from 'node:crypto';
import type { Credentials } from './credentials.js';

/** A key pair in the shape that the SDKs read from ALIBABA_CLOUD_CREDENTIALS_URI. */
export type TemporaryKey = {
  Code: 'Success';
  AccessKeyId: string;
  AccessKeySecret: string;
  SecurityToken: string;
  Expiration: string;
};

/** Issues a key that expires at a time, in Unix milliseconds. Id and secret derive from it: the server keeps no list. */
export function issueTemporaryKey(permanent: Credentials, expiresAt: number): TemporaryKey {
  const id = `STS.${expiresAt.toString(36)}`;
  return {
    Code: 'Success',
    AccessKeyId: id,
    AccessKeySecret: derive(permanent, 'secret', id),
    SecurityToken: derive(permanent, 'token', id),
    Expiration: new Date(expiresAt).toISOString(),
  };
}

/** The issued key with this id, or null if the id is not that of a temporary key. */
export function findTemporaryKey(accessKeyId: string, permanent: Credentials): Credentials | null {
  if (!permanent.issuesTemporaryKeys || accessKeyId === permanent.accessKeyId) return null;
  const [, expiry] = /^STS\.([0-9a-z]{1,9})$/.exec(accessKeyId) ?? [];
  if (expiry === undefined) return null;
  return {
    ...permanent,
    accessKeyId,
    accessKeySecret: derive(permanent, 'secret', accessKeyId),
    securityToken: derive(permanent, 'token', accessKeyId),
    expiresAt: Number.parseInt(expiry, 36),
  };
}

function derive({ accessKeySecret }: Credentials, part: 'secret' | 'token', id: string): string {
  return createHmac('sha256', accessKeySecret).update(`${part} ${id}`).digest('base64url');
}
