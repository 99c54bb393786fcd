import { randomBytes } from 'node:crypto';
import { OssError } from '../http/errors.js';
import type { Reply } from '../http/reply.js';
import { chunksOf, type Headers } from '../http/request.js';
import { etagOf, isAppendable, type ObjectRecord } from '../store/object-record.js';
import { type Received, tooLarge } from '../store/receive.js';
import type { Context, ObjectRequest, Versioning } from './context.js';
import { checksums, storedHeaders } from './object-headers.js';

type CheckPrevious = (previous: ObjectRecord | undefined) => void;

export async function putObject(request: ObjectRequest, context: Context): Promise<Reply> {
  const versioning = context.versioning.get(request.bucket);
  const checkPrevious = overwriteCheck(request.headers['x-oss-forbid-overwrite'], versioning);
  const reply = await upload(request, context, { checkPrevious, maxBytes: context.maxObjectBytes });
  if (versioning === undefined) return reply;
  const version = versioning === 'Suspended' ? 'null' : randomBytes(16).toString('hex');
  return { ...reply, headers: { ...reply.headers, 'x-oss-version-id': version } };
}

/** Appends to an object that AppendObject made; makes it at position 0. */
export function appendObject(request: ObjectRequest, context: Context): Promise<Reply> {
  const position = readPosition(request.query.get('position'));
  const checkPrevious = appendCheck(position, request.headers);
  const maxBytes = context.maxObjectBytes - position;
  return upload(request, context, { checkPrevious, maxBytes, appends: true });
}

async function upload(
  { bucket, key, headers, body, now }: ObjectRequest,
  { store }: Context,
  options: { checkPrevious: CheckPrevious; maxBytes: number; appends?: boolean },
): Promise<Reply> {
  if (headers['content-length'] === undefined && headers['transfer-encoding'] === undefined) {
    throw new OssError('MissingContentLength', 'You must provide the Content-Length HTTP header.');
  }
  if (Number(headers['content-length']) > options.maxBytes) throw tooLarge(options.maxBytes);
  const checkDigest = digestCheck(headers['content-md5']);
  const record = await store.upload(bucket, key, {
    ...options,
    body: chunksOf(body),
    headers: storedHeaders(headers, headers['content-type']),
    now,
    check(received, previous) {
      checkDigest(received);
      options.checkPrevious(previous);
    },
  });
  return { status: 200, headers: { etag: etagOf(record), 'content-length': '0', ...checksums(record) } };
}

/** @param forbidOverwrite the value of `x-oss-forbid-overwrite`, which OSS ignores in a bucket with versioning */
export function overwriteCheck(forbidOverwrite = 'false', versioning?: Versioning): CheckPrevious {
  if (forbidOverwrite !== 'true' && forbidOverwrite !== 'false') {
    const message = `The value of x-oss-forbid-overwrite must be true or false, not '${forbidOverwrite}'.`;
    throw new OssError('InvalidArgument', message, '0017-00000279');
  }
  return (previous) => {
    if (!previous || forbidOverwrite === 'false' || versioning !== undefined) return;
    const message = 'The object you specified already exists and can not be overwritten.';
    throw new OssError('FileAlreadyExists', message, '0026-00000002');
  };
}

function readPosition(text: string | undefined): number {
  if (text === undefined) {
    throw new OssError('MissingArgument', 'Missing Some Required Arguments.', '0016-00000501');
  }
  if (/^\d+$/.test(text)) return Number(text);
  throw new OssError('InvalidArgument', 'The argument position is invalid.', '0016-00000502');
}

function appendCheck(position: number, headers: Headers): CheckPrevious {
  return (previous) => {
    if (previous && !isAppendable(previous)) {
      throw new OssError('ObjectNotAppendable', 'The object is not appendable', '0026-00000017');
    }
    const size = previous?.size ?? 0;
    if (position !== size) {
      const message = 'Position is not equal to file length';
      const next = { 'x-oss-next-append-position': String(size) };
      throw new OssError('PositionNotEqualToLength', message, '0026-00000016', {}, next);
    }
    if (previous && Object.keys(headers).some((name) => name.startsWith('x-oss-meta-'))) {
      throw new OssError('InvalidArgument', 'Only the first append can set x-oss-meta-.');
    }
  };
}

/** Returns a check of received bytes against a Content-MD5 (base64); without one, the check always passes. */
export function digestCheck(contentMd5: string | undefined): (received: Pick<Received, 'md5'>) => void {
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
