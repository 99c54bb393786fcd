import { createHash, createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';

/*
 * A second OSS, in memory, that shares no code with the local one. Where the documentation leaves a choice, it takes another one:
 * virtual hosts alone, small pages, no x-oss-err, Block Public Access on for new buckets, forced downloads on default domains.
 */

export const REGION = 'ap-southeast-1';
export const KEY = { id: 'LTAI5tStrictStandIn', secret: 'strict-secret-4711' };
export const TEMPORARY_KEY = {
  id: 'STS.StrictStandIn',
  secret: 'strict-temporary-0815',
  token: 'CAIS-strict',
};
/** A domain that is bound to the bucket `bound`. */
export const OWN_DOMAIN = 'img.strict.localhost';

/** Ways in which it can differ from the documentation. */
export const DEVIATIONS = [
  'etag-is-no-md5',
  'content-md5-is-ignored',
  'metadata-is-dropped',
  'metadata-has-no-limit',
  'head-lags-behind',
  'overwriting-is-allowed',
  'keys-are-unsorted',
  'listing-lags-behind',
  'pages-look-complete',
  'keys-are-not-encoded',
  'nothing-is-deleted',
  'absent-objects-are-denied',
  'absent-buckets-are-absent-objects',
  'any-region-is-signed',
  'unknown-keys-have-wrong-signatures',
  'any-signature-is-right',
  'any-time-is-right',
  'tokens-are-ignored',
  'temporary-keys-are-refused',
  'public-access-is-not-blocked',
  'acl-cannot-be-set',
  'type-is-lost',
  'default-domain-displays',
  'own-domain-downloads',
  'own-domain-is-for-reading',
  'cors-needs-no-rule',
] as const;

export type Deviation = (typeof DEVIATIONS)[number];

interface StoredObject {
  body: Buffer;
  md5: string;
  headers: Record<string, string>;
  modified: Date;
  /** How often it was asked for. */
  heads: number;
}

interface Bucket {
  objects: Map<string, StoredObject>;
  isBlocked: boolean;
  isPublic: boolean;
  allowedOrigin: string | null;
}

interface Call {
  method: string;
  bucketName: string;
  isOwnDomain: boolean;
  key: string;
  query: Map<string, string>;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly ec: string,
  ) {
    super(code);
  }
}

interface Answer {
  status: number;
  headers?: Record<string, string>;
  body?: Buffer | string;
}

/** @param onPut called with the key of each object that was put */
export async function startStrictOss(
  deviation: Deviation | null = null,
  onPut: (key: string) => unknown = () => {},
) {
  const buckets = new Map<string, Bucket>();
  const deviates = (name: Deviation) => deviation === name;

  const server = createServer((message, response) => void serve(message, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const suffix = `.oss-${REGION}.localhost`;

  async function serve(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of message) chunks.push(chunk);
    const id = createHash('md5')
      .update(`${Date.now()} ${Math.random()}`)
      .digest('hex')
      .slice(0, 24)
      .toUpperCase();
    response.setHeader('x-oss-request-id', id);
    let answer: Answer;
    try {
      answer = await handle(readCall(message, Buffer.concat(chunks)));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const { status, code, ec } = error;
      const body = `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>refused</Message><RequestId>${id}</RequestId><HostId>${message.headers.host}</HostId><EC>${ec}</EC></Error>`;
      answer = { status, headers: { 'content-type': 'application/xml', 'x-oss-ec': ec }, body };
    }
    const { status, headers = {}, body = '' } = answer;
    response.writeHead(status, { 'content-length': String(Buffer.byteLength(body)), ...headers });
    response.end(message.method === 'HEAD' ? undefined : body);
  }

  function readCall(message: IncomingMessage, body: Buffer): Call {
    const { hostname, pathname, search } = new URL(`http://${message.headers.host}${message.url}`);
    const isOwnDomain = hostname === OWN_DOMAIN;
    // Path style.
    if (!isOwnDomain && !hostname.endsWith(suffix))
      throw new Refusal(403, 'SecondLevelDomainForbidden', '0048-00000104');
    return {
      method: message.method ?? '',
      bucketName: isOwnDomain ? 'bound' : hostname.slice(0, -suffix.length),
      isOwnDomain,
      key: decodeURIComponent(pathname.slice(1)),
      query: new Map(new URLSearchParams(search)),
      headers: message.headers,
      body,
    };
  }

  async function handle(call: Call): Promise<Answer> {
    if (call.method === 'OPTIONS') return preflight(call);
    const isSigned = authenticate(call);
    const bucket = buckets.get(call.bucketName);
    if (bucket === undefined) {
      if (isSigned && call.method === 'PUT' && call.key === '') return makeBucket(call.bucketName);
      if (deviates('absent-buckets-are-absent-objects')) throw noSuchKey();
      throw new Refusal(404, 'NoSuchBucket', '0015-00000101');
    }
    if (!isSigned) return readPublicly(call, bucket);
    // A put is committed later than it is begun.
    await turn();
    return call.key === '' ? onBucket(call, bucket) : onObject(call, bucket);
  }

  /** @returns whether it is signed; a request without a signature may read what is public */
  function authenticate({ method, bucketName, key, query, headers }: Call): boolean {
    const { authorization } = headers;
    const date = String(headers['x-oss-date']);
    if (authorization === undefined) return false;
    const [, id = '', day, region = '', signature] =
      /^OSS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/oss\/aliyun_v4_request, ?Signature=([0-9a-f]{64})$/.exec(
        authorization,
      ) ?? [];
    if (headers['x-oss-content-sha256'] !== 'UNSIGNED-PAYLOAD')
      throw new Refusal(400, 'InvalidArgument', '0002-00000214');
    const secret = secretOf(id, headers['x-oss-security-token']);
    if (region !== REGION && !deviates('any-region-is-signed'))
      throw new Refusal(400, 'InvalidArgument', '0002-00000226');
    const time = Date.parse(date.replace(/^(....)(..)(..)T(..)(..)(..)Z$/, '$1-$2-$3T$4:$5:$6Z'));
    const isSkewed = !(Math.abs(Date.now() - time) <= 15 * 60_000);
    if (isSkewed && !deviates('any-time-is-right'))
      throw new Refusal(403, 'RequestTimeTooSkewed', '0002-00000504');
    const signed = Object.entries(headers)
      .filter(([name]) => name === 'content-type' || name === 'content-md5' || name.startsWith('x-oss-'))
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, value]) => `${name}:${String(value).trim()}\n`);
    const parameters = [...query]
      .map(([name, value]) => (value === '' ? encode(name) : `${encode(name)}=${encode(value)}`))
      .toSorted();
    const path = encode(`/${bucketName}/${key}`).replaceAll('%2F', '/');
    const request = [method, path, parameters.join('&'), signed.join(''), '', 'UNSIGNED-PAYLOAD'].join('\n');
    const text = `OSS4-HMAC-SHA256\n${date}\n${day}/${region}/oss/aliyun_v4_request\n${createHash('sha256').update(request).digest('hex')}`;
    const steps = [day ?? '', region, 'oss', 'aliyun_v4_request', text];
    const expected = steps.reduce<Buffer>(
      (signingKey, step) => createHmac('sha256', signingKey).update(step).digest(),
      Buffer.from(`aliyun_v4${secret}`),
    );
    if (expected.toString('hex') !== signature && !deviates('any-signature-is-right'))
      throw new Refusal(403, 'SignatureDoesNotMatch', '0002-00000201');
    return true;
  }

  function secretOf(id: string, token: string | string[] | undefined): string {
    if (id === TEMPORARY_KEY.id && token === TEMPORARY_KEY.token && !deviates('temporary-keys-are-refused'))
      return TEMPORARY_KEY.secret;
    if (token !== undefined && !deviates('tokens-are-ignored'))
      throw new Refusal(403, 'InvalidAccessKeyId', '0002-00000002');
    if (id === KEY.id) return KEY.secret;
    if (deviates('unknown-keys-have-wrong-signatures'))
      throw new Refusal(403, 'SignatureDoesNotMatch', '0002-00000201');
    throw new Refusal(403, 'InvalidAccessKeyId', '0002-00000902');
  }

  function makeBucket(name: string): Answer {
    const isBlocked = !deviates('public-access-is-not-blocked');
    buckets.set(name, { objects: new Map(), isBlocked, isPublic: false, allowedOrigin: null });
    return { status: 200, headers: { location: `/${name}` } };
  }

  function onBucket({ method, bucketName, query, headers, body }: Call, bucket: Bucket): Answer {
    const [operation] = [`${method} ${[...query.keys()].find((name) => SUBRESOURCES.includes(name)) ?? ''}`];
    switch (operation) {
      case 'GET bucketInfo':
        return xml(`<BucketInfo><Bucket><Name>${bucketName}</Name></Bucket></BucketInfo>`);
      case 'GET publicAccessBlock':
        return xml(
          `<PublicAccessBlockConfiguration><BlockPublicAccess>${bucket.isBlocked}</BlockPublicAccess></PublicAccessBlockConfiguration>`,
        );
      case 'PUT publicAccessBlock':
        bucket.isBlocked = String(body).includes('<BlockPublicAccess>true<');
        return { status: 200 };
      case 'PUT acl':
        if (deviates('acl-cannot-be-set')) throw new Refusal(400, 'InvalidArgument', '0018-00000001');
        if (bucket.isBlocked) throw new Refusal(403, 'AccessDenied', '0003-00000801');
        bucket.isPublic = headers['x-oss-acl'] === 'public-read';
        return { status: 200 };
      case 'PUT cors':
        bucket.allowedOrigin = /<AllowedOrigin>(.+)<\/AllowedOrigin>/.exec(String(body))?.[1] ?? null;
        return { status: 200 };
      case 'GET list-type':
        return list(query, bucket);
      case 'DELETE ':
        if (bucket.objects.size > 0) throw new Refusal(409, 'BucketNotEmpty', '0015-00000301');
        buckets.delete(bucketName);
        return { status: 204 };
      default:
        throw new Refusal(400, 'InvalidArgument', '0000-00000000');
    }
  }

  function list(query: Map<string, string>, { objects }: Bucket): Answer {
    const after = query.get('start-after') ?? '';
    const lagsBehind = deviates('listing-lags-behind');
    const keys = [...objects.keys()].filter(
      (key) =>
        key.startsWith(query.get('prefix') ?? '') &&
        key > after &&
        !(lagsBehind && Date.now() - (objects.get(key)?.modified.getTime() ?? 0) < 1000),
    );
    keys.sort();
    if (deviates('keys-are-unsorted')) keys.reverse();
    const pageSize = Math.min(Number(query.get('max-keys') ?? 100), MAX_PAGE);
    const page = keys.slice(0, pageSize);
    const isTruncated = keys.length > page.length && !deviates('pages-look-complete');
    const isEncoded = query.get('encoding-type') === 'url' && !deviates('keys-are-not-encoded');
    const contents = page.map((key) => {
      const { md5, body, modified } = objects.get(key) as StoredObject;
      return `<Contents><Key>${isEncoded ? encode(key) : key.replaceAll('&', '&amp;')}</Key><LastModified>${modified.toISOString()}</LastModified><ETag>"${md5}"</ETag><Size>${body.length}</Size></Contents>`;
    });
    return xml(
      `<ListBucketResult><KeyCount>${page.length}</KeyCount><IsTruncated>${isTruncated}</IsTruncated>${contents.join('')}</ListBucketResult>`,
    );
  }

  function onObject({ method, isOwnDomain, key, headers, body }: Call, { objects }: Bucket): Answer {
    if (method === 'PUT') {
      if (isOwnDomain && deviates('own-domain-is-for-reading'))
        throw new Refusal(403, 'CnameDenied', '0048-00000301');
      return put(key, headers, body, objects);
    }
    if (method === 'DELETE') {
      if (deviates('absent-objects-are-denied') && !objects.has(key)) throw denied();
      if (!deviates('nothing-is-deleted')) objects.delete(key);
      return { status: 204 };
    }
    const object = objects.get(key);
    if (object === undefined) throw deviates('absent-objects-are-denied') ? denied() : noSuchKey();
    object.heads += 1;
    if (object.heads === 1 && deviates('head-lags-behind')) throw noSuchKey();
    return { status: 200, headers: headersOf(object), body: object.body };
  }

  function put(key: string, headers: IncomingHttpHeaders, body: Buffer, objects: Bucket['objects']): Answer {
    const md5 = createHash('md5')
      .update(deviates('etag-is-no-md5') ? key : body)
      .digest('hex')
      .toUpperCase();
    const sent = headers['content-md5'];
    const isDamaged = sent !== undefined && sent !== createHash('md5').update(body).digest('base64');
    if (isDamaged && !deviates('content-md5-is-ignored'))
      throw new Refusal(400, 'InvalidDigest', '0017-00000503');
    const metadata = Object.entries(headers).filter(([name]) => name.startsWith('x-oss-meta-'));
    if (metadata.flat().join('').length >= 8192 && !deviates('metadata-has-no-limit'))
      throw new Refusal(400, 'MetadataTooLarge', '0011-00000002');
    const forbids = headers['x-oss-forbid-overwrite'] === 'true' && !deviates('overwriting-is-allowed');
    if (forbids && objects.has(key)) throw new Refusal(409, 'FileAlreadyExists', '0026-00000002');
    objects.set(key, {
      body,
      md5,
      modified: new Date(),
      heads: 0,
      headers: {
        'content-type': headers['content-type'] ?? 'application/octet-stream',
        ...(headers['cache-control'] && { 'cache-control': headers['cache-control'] }),
        ...(deviates('metadata-is-dropped') ? {} : Object.fromEntries(metadata as [string, string][])),
      },
    });
    onPut(key);
    return { status: 200, headers: { etag: `"${md5}"` } };
  }

  function readPublicly({ method, isOwnDomain, key }: Call, bucket: Bucket): Answer {
    if (method !== 'GET' || !bucket.isPublic || bucket.isBlocked) throw denied();
    const object = bucket.objects.get(key);
    if (object === undefined) throw noSuchKey();
    const headers = headersOf(object);
    if (deviates('type-is-lost')) headers['content-type'] = 'application/octet-stream';
    const isForced = isOwnDomain ? deviates('own-domain-downloads') : !deviates('default-domain-displays');
    if (isForced && object.headers['content-type']?.startsWith('image/'))
      Object.assign(headers, { 'content-disposition': 'attachment', 'x-oss-force-download': 'true' });
    return { status: 200, headers, body: object.body };
  }

  function preflight({ bucketName, headers }: Call): Answer {
    const isAllowed =
      buckets.get(bucketName)?.allowedOrigin === headers.origin || deviates('cors-needs-no-rule');
    if (!isAllowed) throw new Refusal(403, 'AccessForbidden', '0021-00000007');
    const allow = {
      'access-control-allow-origin': headers.origin ?? '',
      'access-control-allow-methods': 'PUT',
    };
    return { status: 200, headers: allow };
  }

  return {
    port,
    endpoint: `http://oss-${REGION}.localhost:${port}`,
    /** The keys of each bucket. */
    contents: () =>
      Object.fromEntries([...buckets].map(([name, { objects }]) => [name, [...objects.keys()]])),
    /** Makes a bucket of somebody else's run, with one object. */
    addBucket(name: string, { isPublic = false } = {}) {
      makeBucket(name);
      const bucket = buckets.get(name) as Bucket;
      Object.assign(bucket, { isBlocked: !isPublic, isPublic });
      put('kept/theirs.jpg', { 'content-type': 'image/jpeg' }, Buffer.from('theirs'), bucket.objects);
    },
    async stop() {
      server.closeAllConnections();
      await once(server.close(), 'close');
    },
  };
}

const MAX_PAGE = 5;
const SUBRESOURCES = ['acl', 'bucketInfo', 'cors', 'list-type', 'publicAccessBlock'];

const xml = (body: string): Answer => ({
  status: 200,
  headers: { 'content-type': 'application/xml' },
  body: `<?xml version="1.0" encoding="UTF-8"?>${body}`,
});

const denied = () => new Refusal(403, 'AccessDenied', '0003-00000001');
const noSuchKey = () => new Refusal(404, 'NoSuchKey', '0026-00000001');

const headersOf = ({ headers, md5, modified }: StoredObject): Record<string, string> => ({
  ...headers,
  etag: `"${md5}"`,
  'last-modified': modified.toUTCString(),
});

/** RFC 3986. */
const encode = (text: string) =>
  encodeURIComponent(text).replace(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`);
