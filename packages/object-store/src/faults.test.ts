import { describe, expect, it } from 'vitest';
import { classifyFault } from './faults.js';
import type { Observed } from './observe.js';

describe('classifyFault', () => {
  it.each<[title: string, Partial<ClientError>, Partial<Observed>, kind: string, code: string]>([
    // Network errors: status -1 and -2 of ali-oss, no response.
    [
      'reset',
      { name: 'ResponseError', code: 'ResponseError', status: -1 },
      net('ECONNRESET'),
      'transient',
      'ECONNRESET',
    ],
    ['refused', { name: 'RequestError', status: -1 }, net('ECONNREFUSED'), 'transient', 'ECONNREFUSED'],
    ['no such name', { name: 'RequestError', status: -1 }, net('ENOTFOUND'), 'transient', 'ENOTFOUND'],
    [
      'certificate',
      { name: 'RequestError', status: -1 },
      net('CERT_HAS_EXPIRED'),
      'configuration',
      'CERT_HAS_EXPIRED',
    ],
    [
      'self-signed',
      { name: 'RequestError' },
      net('DEPTH_ZERO_SELF_SIGNED_CERT'),
      'configuration',
      'DEPTH_ZERO_SELF_SIGNED_CERT',
    ],
    ['not TLS', { name: 'RequestError', status: -1 }, net('EPROTO'), 'transient', 'EPROTO'],
    [
      'connect timeout',
      { name: 'ConnectionTimeoutError', status: -2 },
      {},
      'transient',
      'ConnectionTimeoutError',
    ],
    [
      'pool timeout',
      { name: 'SocketAssignTimeoutError', status: -2 },
      {},
      'transient',
      'SocketAssignTimeoutError',
    ],
    ['response timeout', { name: 'ResponseTimeoutError' }, {}, 'transient', 'ResponseTimeoutError'],
    // Invalid requests and settings.
    [
      'bad header',
      { name: 'TypeError', code: 'TypeError', status: -1 },
      net('ERR_INVALID_CHAR'),
      'rejected',
      'TypeError',
    ],
    ['settings that ali-oss rejects', { name: 'Error' }, {}, 'configuration', 'Error'],
    [
      'public endpoint forbidden',
      { code: 'PublicEndpointForbidden', requestId: 'R' },
      { status: 400 },
      'configuration',
      'PublicEndpointForbidden',
    ],
    // Busy or failing service.
    ['500', { code: 'InternalError', requestId: 'R' }, { status: 500 }, 'transient', 'InternalError'],
    [
      '503',
      { code: 'ServiceUnavailable', requestId: 'R' },
      { status: 503 },
      'transient',
      'ServiceUnavailable',
    ],
    ['empty 503', { name: 'UnknownError' }, { status: 503 }, 'transient', 'HTTP503'],
    ['502 of a proxy', { name: 'UnknownError' }, { status: 502 }, 'transient', 'HTTP502'],
    ['507', { name: 'UnknownError' }, { status: 507 }, 'transient', 'HTTP507'],
    ['408', { name: 'UnknownError' }, { status: 408 }, 'transient', 'HTTP408'],
    ['429', { name: 'UnknownError' }, { status: 429 }, 'throttled', 'HTTP429'],
    [
      'qps',
      { code: 'TotalQpsLimitExceeded', requestId: 'R' },
      { status: 503 },
      'throttled',
      'TotalQpsLimitExceeded',
    ],
    [
      'traffic',
      { code: 'UploadTrafficRateLimitExceeded', requestId: 'R' },
      { status: 503 },
      'throttled',
      'UploadTrafficRateLimitExceeded',
    ],
    ['cpu', { code: 'CpuLimitExceeded', requestId: 'R' }, { status: 503 }, 'throttled', 'CpuLimitExceeded'],
    [
      'hint',
      { requestId: 'R' },
      { status: 503, headers: { 'x-oss-qos-delay-time': '90' } },
      'throttled',
      'HTTP503',
    ],
    ['501', { code: 'NotImplemented', requestId: 'R' }, { status: 501 }, 'rejected', 'NotImplemented'],
    // 400.
    ['timeout', { code: 'RequestTimeout', requestId: 'R' }, { status: 400 }, 'transient', 'RequestTimeout'],
    ['digest', { code: 'InvalidDigest', requestId: 'R' }, { status: 400 }, 'rejected', 'InvalidDigest'],
    [
      'argument',
      { code: 'InvalidArgument', requestId: 'R', ecCode: '0017-00000279' },
      { status: 400 },
      'rejected',
      'InvalidArgument',
    ],
    [
      'region',
      { code: 'InvalidArgument', requestId: 'R', ecCode: '0002-00000226' },
      { status: 400 },
      'configuration',
      'InvalidArgument',
    ],
    ['too large', { code: 'EntityTooLarge', requestId: 'R' }, { status: 400 }, 'rejected', 'EntityTooLarge'],
    [
      'bucket name',
      { code: 'InvalidBucketName', requestId: 'R' },
      { status: 400 },
      'configuration',
      'InvalidBucketName',
    ],
    ['400 of a proxy', { name: 'UnknownError' }, { status: 400 }, 'configuration', 'HTTP400'],
    // 403 and the like.
    ...[
      'AccessDenied',
      'InvalidAccessKeyId',
      'SignatureDoesNotMatch',
      'RequestTimeTooSkewed',
      'InDebt',
      'UserDisable',
    ].map((code): Row => [code, { code, requestId: 'R' }, { status: 403 }, 'configuration', code]),
    ...['InvalidSecurityToken', 'SecurityTokenExpired', 'BucketDisable'].map(
      (code): Row => [code, { code, requestId: 'R' }, { status: 403 }, 'configuration', code],
    ),
    [
      'an expired key of STS',
      { code: 'InvalidAccessKeyId', requestId: 'R', ecCode: '0002-00000002' },
      { status: 403 },
      'configuration',
      'InvalidSecurityToken',
    ],
    ['HEAD 403', { name: 'UnknownError', requestId: 'R' }, { status: 403 }, 'configuration', 'HTTP403'],
    [
      'HEAD 403 with x-oss-err',
      { name: 'UnknownError' },
      { status: 403, headers: ossErr('InvalidAccessKeyId') },
      'configuration',
      'InvalidAccessKeyId',
    ],
    ['401', { name: 'UnknownError' }, { status: 401 }, 'configuration', 'HTTP401'],
    ['redirect', { name: 'UnknownError' }, { status: 301 }, 'configuration', 'HTTP301'],
    // 404.
    ['no object', { code: 'NoSuchKey', requestId: 'R' }, { status: 404 }, 'rejected', 'NoSuchKey'],
    ['no bucket', { code: 'NoSuchBucket', requestId: 'R' }, { status: 404 }, 'configuration', 'NoSuchBucket'],
    [
      'HEAD, no bucket',
      { code: 'NoSuchKey', requestId: 'R' },
      { status: 404, headers: { 'x-oss-ec': '0015-00000101' } },
      'configuration',
      'NoSuchBucket',
    ],
    ['HEAD of another server', { code: 'NoSuchKey' }, { status: 404 }, 'configuration', 'HTTP404'],
    // The rest.
    [
      'conflict',
      { code: 'FileAlreadyExists', requestId: 'R' },
      { status: 409 },
      'rejected',
      'FileAlreadyExists',
    ],
    [
      '411',
      { code: 'MissingContentLength', requestId: 'R' },
      { status: 411 },
      'rejected',
      'MissingContentLength',
    ],
    [
      '412',
      { code: 'PreconditionFailed', requestId: 'R' },
      { status: 412 },
      'rejected',
      'PreconditionFailed',
    ],
    ['405', { code: 'MethodNotAllowed', requestId: 'R' }, { status: 405 }, 'rejected', 'MethodNotAllowed'],
    ['413 of a proxy', { name: 'UnknownError' }, { status: 413 }, 'rejected', 'HTTP413'],
    ['callback', { code: 'CallbackFailed', requestId: 'R' }, { status: 203 }, 'rejected', 'CallbackFailed'],
    ['200 of a login page', { name: 'UnknownError' }, { status: 200 }, 'transient', 'NotFromOss'],
    [
      'a code that every object has',
      { code: 'constructor', requestId: 'R' },
      { status: 400 },
      'configuration',
      'constructor',
    ],
  ])('classifies %s', (_title, error, observed, kind, code) => {
    const facts = classifyFault('put', clientError(error), { ...nothing, ...observed });
    expect(facts).toMatchObject({ kind, code, status: observed.status ?? null });
    expect(facts.fix.en).not.toBe('');
    expect(facts.fix.zh).toMatch(/[一-鿿]/);
  });

  it('keeps the request id, EC and requested delay, and nothing of the request', () => {
    const thrown = Object.assign(
      clientError({ code: 'TotalQpsLimitExceeded', requestId: '5F', ecCode: '0048-1' }),
      {
        params: { content: 'the body' },
        hostId: 'bucket.oss',
      },
    );
    const headers = { 'x-oss-qos-delay-time': '120' };
    expect(classifyFault('put', thrown, { ...nothing, status: 503, headers })).toEqual({
      kind: 'throttled',
      code: 'TotalQpsLimitExceeded',
      status: 503,
      requestId: '5F',
      ecCode: '0048-1',
      retryAfterMs: 120,
      fix: expect.anything(),
    });
  });

  it('distinguishes a wrong endpoint from a missing permission', () => {
    const thrown = clientError({ code: 'AccessDenied', requestId: 'R' });
    thrown.message =
      'The bucket you are attempting to access must be addressed using the specified endpoint.';
    const { fix } = classifyFault('put', thrown, { ...nothing, status: 403 });
    expect(fix.en).toContain('ALIYUN_OSS_ENDPOINT');
    expect(fix.en).not.toContain('oss:PutObject');
  });

  it.each(['<b>Denied</b>', 'a\r\nb', '\u202eDenied', 'x'.repeat(65)])(
    'does not repeat %j as a code',
    (code) => {
      const thrown = clientError({ code, requestId: 'R' });
      expect(classifyFault('put', thrown, { ...nothing, status: 403 })).toMatchObject({
        kind: 'configuration',
        code: 'HTTP403',
      });
    },
  );

  it.each([null, 'text', { status: 0, name: 'cancel' }])(
    'accepts a thrown value that is not an Error: %o',
    (thrown) => {
      expect(classifyFault('head', thrown, nothing)).toMatchObject({
        kind: 'configuration',
        code: 'UnknownError',
      });
    },
  );
});

interface ClientError {
  name: string;
  code: string;
  status: number;
  requestId: string;
  ecCode: string;
}

type Row = [title: string, Partial<ClientError>, Partial<Observed>, kind: string, code: string];

const nothing: Observed = { status: null, headers: {}, networkCode: null };

function clientError(fields: Partial<ClientError>): Error {
  return Object.assign(new Error('message'), { name: `${fields.code}Error`, ...fields });
}

function net(networkCode: string): Partial<Observed> {
  return { networkCode };
}

function ossErr(code: string) {
  return { 'x-oss-err': Buffer.from(`<Error><Code>${code}</Code></Error>`).toString('base64') };
}
