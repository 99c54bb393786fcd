import { validateHeaderName, validateHeaderValue } from 'node:http';
import { verifyPostSignature } from '../auth/post-signature.js';
import { encodePath } from '../http/encoding.js';
import { OssError } from '../http/errors.js';
import { type Form, readForm } from '../http/form.js';
import { type Reply, xmlReply } from '../http/reply.js';
import { xmlDocument } from '../http/xml.js';
import { etagOf, type ObjectRecord } from '../store/object-record.js';
import { checkKey } from './check-key.js';
import type { BucketRequest, Context } from './context.js';
import { storedHeaders } from './object-headers.js';
import { checkPolicy, parsePolicy } from './post-policy.js';
import { overwriteCheck } from './put-object.js';

/** Upload by HTML form: the fields of the form carry everything except the bucket, including the signature. */
export async function postObject(request: BucketRequest, context: Context): Promise<Reply> {
  const form = await readForm(request.body, request.headers['content-type'] ?? '');
  const { fields } = form;
  verifyPostSignature(fields, context.credentials, request.now);
  refuseUnsupported(fields);
  const key = (fields.get('key') ?? '').replaceAll('${filename}', form.filename);
  const contentType = fields.get('x-oss-content-type') || fields.get('content-type') || form.contentType;
  const policy = parsePolicy(fields.get('policy') ?? '');
  const computed = new Map([
    ...fields,
    ['bucket', request.bucket],
    ['key', key],
    ['content-type', contentType],
  ]);
  checkPolicy(policy, (field) => computed.get(field), request.now);
  checkKey(key);

  const versioning = context.versioning.get(request.bucket);
  const checkOverwrite = overwriteCheck(fields.get('x-oss-forbid-overwrite'), versioning);
  const record = await context.store.upload(request.bucket, key, {
    body: form.file,
    headers: headersOf(form, contentType),
    maxBytes: Math.min(policy.size.max, context.maxObjectBytes),
    now: request.now,
    check({ size }, previous) {
      checkMinimum(size, policy.size.min);
      checkOverwrite(previous);
    },
  });
  return success(record, request.host, fields.get('success_action_status'));
}

/** Rejects fields that OSS supports and this server does not. Fields unknown to OSS are ignored. */
function refuseUnsupported(fields: Form['fields']): void {
  const unknown = [...fields.keys()].find((name) => {
    if (name.startsWith('x-oss-')) return !supportedFields.includes(name) && !name.startsWith('x-oss-meta-');
    return (name === 'callback' || name === 'success_action_redirect') && fields.get(name) !== '';
  });
  if (unknown === undefined) return;
  throw new OssError('NotImplemented', `The form field '${unknown}' is not implemented by the local OSS.`);
}

const supportedFields = [
  'x-oss-content-type',
  'x-oss-credential',
  'x-oss-date',
  'x-oss-forbid-overwrite',
  'x-oss-security-token',
  'x-oss-signature',
  'x-oss-signature-version',
];

/** Converts form values (any UTF-8) to header values: single lines, one character per byte. */
function headersOf({ fields }: Form, contentType: string): Record<string, string> {
  const entries = Object.entries(storedHeaders(Object.fromEntries(fields), contentType));
  return Object.fromEntries(entries.map(([name, value]) => [name, asHeader(name, value)]));
}

function asHeader(name: string, value: string): string {
  const bytes = Buffer.from(value).toString('latin1');
  try {
    validateHeaderName(name);
    validateHeaderValue(name, bytes);
    return bytes;
  } catch {
    throw new OssError(
      'InvalidArgument',
      `The value of the form field '${name}' is not a valid header value.`,
    );
  }
}

function checkMinimum(size: number, min: number): void {
  if (size >= min) return;
  const message = 'Your proposed upload is smaller than the minimum allowed object size.';
  throw new OssError('EntityTooSmall', message, undefined, {
    MinSizeAllowed: String(min),
    ProposedSize: String(size),
  });
}

function success(record: ObjectRecord, host: string, status: string | undefined): Reply {
  const location = `http://${host}/${encodePath(record.key)}`;
  const headers = { etag: etagOf(record), location, 'x-oss-hash-crc64ecma': record.crc64 };
  if (status === '201') {
    const fields = { Bucket: record.bucket, Location: location, Key: record.key, ETag: etagOf(record) };
    return xmlReply(201, xmlDocument('PostResponse', fields), headers);
  }
  if (status === '200') return { status: 200, headers: { ...headers, 'content-length': '0' } };
  return { status: 204, headers };
}
