import type { Credentials } from '../auth/credentials.js';
import { issueTemporaryKey } from '../auth/temporary-key.js';
import type { Reply } from '../http/reply.js';
import type { OssRequest } from '../http/request.js';
import { CONTROL_BUCKET, json } from './reply.js';

export function isCredentialsRequest({ bucket, key }: OssRequest): boolean {
  return bucket === CONTROL_BUCKET && key === 'credentials';
}

/** GET replies with a new temporary key, as a server at ALIBABA_CLOUD_CREDENTIALS_URI does. */
export function replyWithTemporaryKey(
  request: OssRequest,
  deps: { credentials: Credentials; temporaryKeySeconds: number | undefined },
): Reply {
  const { credentials, temporaryKeySeconds } = deps;
  if (temporaryKeySeconds === undefined) return json(404, { error: 'Not found.' });
  if (request.method !== 'GET') return json(405, { error: 'Use GET.' });
  return json(200, issueTemporaryKey(credentials, request.now + temporaryKeySeconds * 1000));
}
