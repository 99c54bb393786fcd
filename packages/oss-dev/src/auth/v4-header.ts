import { OssError } from '../http/errors.js';
import type { OssRequest } from '../http/request.js';
import { checkSkew, invalidDate, parseDateTime } from './clock.js';
import { type Credentials, checkCredential, checkSecurityToken } from './credentials.js';
import { required } from './required.js';
import { algorithm, checkV4Signature, unsignedPayload } from './v4.js';

/** `Authorization: OSS4-HMAC-SHA256 Credential=…,[AdditionalHeaders=a;b,]Signature=…` */
export function verifyV4Header(request: OssRequest, authorization: string, credentials: Credentials): void {
  const fields = parseFields(authorization.slice(algorithm.length));
  const { date, key } = checkCredential(
    required(fields, 'Credential', '0002-00000205'),
    credentials,
    '0002-00000213',
  );
  const signature = required(fields, 'Signature', '0002-00000207');
  if (request.headers['x-oss-content-sha256'] !== unsignedPayload) {
    throw new OssError(
      'InvalidArgument',
      `x-oss-content-sha256 must be ${unsignedPayload}.`,
      '0002-00000214',
    );
  }
  const dateTime = request.headers['x-oss-date'] ?? '';
  checkSkew(parseDateTime(dateTime), request.now);
  if (!dateTime.startsWith(date)) throw invalidDate();
  checkSecurityToken(request.headers['x-oss-security-token'], key, request.now);

  const additionalHeaders = readAdditionalHeaders(fields.get('AdditionalHeaders'), request);
  checkV4Signature(signature, { ...request, additionalHeaders }, dateTime, key);
}

/** Names of additionally signed headers, `a;b`. @throws OssError when the request lacks one of them */
export function readAdditionalHeaders(list: string | undefined, request: OssRequest): string[] {
  if (list === undefined) return [];
  const names = list.toLowerCase().split(';');
  const missing = names.find((name) => request.headers[name] === undefined);
  if (missing === undefined) return names;
  throw new OssError('InvalidArgument', `The additional header '${missing}' is not in the request.`);
}

function parseFields(text: string): Map<string, string> {
  const pairs = text.split(',').map((pair) => pair.trim().split('='));
  return new Map(pairs.map(([name = '', ...value]) => [name, value.join('=')]));
}
