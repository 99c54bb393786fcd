import { OssError } from '../http/errors.js';
import type { Reply } from '../http/reply.js';
import { chunksOf } from '../http/request.js';
import { etagOf } from '../store/object-record.js';
import { type Received, tooLarge } from '../store/receive.js';
import type { Context, ObjectRequest } from './context.js';
import { readForbidOverwrite, storedHeaders } from './object-headers.js';

export async function putObject(request: ObjectRequest, { store, maxObjectBytes }: Context): Promise<Reply> {
  const { headers } = request;
  if (headers['content-length'] === undefined && headers['transfer-encoding'] === undefined) {
    throw new OssError('MissingContentLength', 'You must provide the Content-Length HTTP header.');
  }
  if (Number(headers['content-length']) > maxObjectBytes) throw tooLarge(maxObjectBytes);
  const record = await store.put(request.bucket, request.key, chunksOf(request.body), {
    headers: storedHeaders(headers, headers['content-type']),
    forbidOverwrite: readForbidOverwrite(headers['x-oss-forbid-overwrite']),
    maxBytes: maxObjectBytes,
    now: request.now,
    check: digestCheck(headers['content-md5']),
  });
  return {
    status: 200,
    headers: {
      etag: etagOf(record),
      'content-length': '0',
      'content-md5': Buffer.from(record.md5, 'hex').toString('base64'),
      'x-oss-hash-crc64ecma': record.crc64,
    },
  };
}

/** Returns a check of received bytes against a Content-MD5 (base64); without one, the check always passes. */
function digestCheck(contentMd5: string | undefined): (received: Pick<Received, 'md5'>) => void {
  if (contentMd5 === undefined) return () => {};
  const expected = Buffer.from(contentMd5, 'base64');
  if (expected.length !== 16) {
    throw new OssError('InvalidDigest', 'The Content-MD5 you specified is invalid.', '0017-00000502');
  }
  return ({ md5 }) => {
    if (expected.toString('hex').toUpperCase() === md5) return;
    const message = 'The Content-MD5 you specified did not match what we received.';
    throw new OssError('InvalidDigest', message, '0017-00000503');
  };
}
