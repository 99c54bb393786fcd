import type { ProbeRequest, ProbeResponse } from '@pixdock/object-store/probe';
import { publicRefusal } from '@pixdock/object-store/public-refusal';
import type { NewObject } from '@pixdock/object-store/types';
import { sleep } from '@pixdock/shared/runtime/clock';
import { fetchPublicUrl, type PublicResponse } from '../../doctor/fetch-public-url.js';
import { text } from '../../messages/conformance.js';
import type { Bench } from '../bench.js';
import { CannotCheck, type Check } from '../check.js';
import { afterPut, answerOf, sameOrOther } from '../observations.js';

const ALLOWED = 'status 200, allowed';
const ORIGIN = 'https://pixdock-conformance.example.com';

/** What people without a key see. The first two checks open a bucket that the run made, for those that follow. */
export const ACCESS_CHECKS: readonly Check[] = [
  {
    topic: 'public-reads',
    name: 'a bucket that was just made blocks public access',
    expected: 'block is on; a public read is denied, AccessDenied',
    observe: async (bench) => {
      const { body } = await configure(bench, { method: 'GET', query: BLOCK }, 'GetBucketPublicAccessBlock');
      const isBlocked = body.includes('<BlockPublicAccess>true</BlockPublicAccess>');
      const { response } = await readPublicly(bench, 'blocked.jpg');
      const { reason, code } = publicRefusal(response.status, response.body.toString());
      return `block is ${isBlocked ? 'on' : 'off'}; a public read is ${response.status === 200 ? 'allowed' : reason}, ${code}`;
    },
  },
  {
    topic: 'public-reads',
    name: 'the block can be lifted and the bucket made readable',
    expected: 'status 200, status 200, readable',
    observe: async (bench) => {
      const lift = { method: 'PUT', query: BLOCK, body: Buffer.from(UNBLOCKED) } as const;
      const lifted = await configure(bench, lift, 'PutBucketPublicAccessBlock');
      const acl = { method: 'PUT', query: { acl: '' }, headers: { 'x-oss-acl': 'public-read' } } as const;
      const opened = await configure(bench, acl, 'PutBucketAcl');
      const { url } = await readPublicly(bench, 'opened.jpg');
      const isReadable =
        opened.status === 200 &&
        (await until(async () => (await fetchPublicUrl(url)).status === 200, bench.signal));
      return `${answerOf(lifted)}, ${answerOf(opened)}, ${isReadable ? 'readable' : 'not readable'}`;
    },
  },
  {
    topic: 'public-reads',
    name: 'a public read returns type and Cache-Control as sent',
    expected: 'status 200, same type, same Cache-Control',
    observe: async (bench) => {
      const { sent, response } = await readPublicly(bench, 'public.jpg');
      refuseIfPrivate(response);
      return [
        `status ${response.status}`,
        sameOrOther('type', response.headers['content-type'] === sent.contentType),
        sameOrOther('Cache-Control', response.headers['cache-control'] === sent.cacheControl),
      ].join(', ');
    },
  },
  {
    topic: 'public-reads',
    name: 'an image on the default domain is downloaded',
    expected: 'downloaded, x-oss-force-download: true',
    observe: async (bench) => {
      if (!isDefaultDomain(bench)) throw new CannotCheck(text('no-default-domain'));
      return displayOf(await readPublicly(bench, 'default.jpg'));
    },
  },
  {
    topic: 'own-domain',
    name: 'an image on a domain of its own is displayed',
    expected: 'displayed',
    observe: async (bench) => {
      if (isDefaultDomain(bench))
        throw new CannotCheck(text('no-domain', { name: 'ALIYUN_OSS_FILE_DOMAIN' }));
      return displayOf(await readPublicly(bench, 'displayed.jpg'));
    },
  },
  {
    topic: 'own-domain',
    name: 'an object can be stored through a domain of its own',
    expected: 'stored, ETag is the MD5',
    observe: async ({ settings: { addressing }, store, object }) => {
      if (addressing !== 'cname') throw new CannotCheck(text('no-domain', { name: 'ALIYUN_OSS_ENDPOINT' }));
      return afterPut(store, object('cname.jpg'));
    },
  },
  {
    topic: 'cors',
    name: 'a browser may send a request to a bucket only once a rule allows it',
    expected: `status 403, not allowed; then ${ALLOWED}`,
    observe: async (bench) => {
      const rule = { method: 'PUT', query: { cors: '' }, body: Buffer.from(CORS_RULE) } as const;
      const url = bench.store.publicUrl(bench.object('cors.jpg').key) ?? '';
      const before = await preflight(url);
      await configure(bench, rule, 'PutBucketCors');
      let after = before;
      await until(async () => {
        after = await preflight(url);
        return after === ALLOWED;
      }, bench.signal);
      return `${before}; then ${after}`;
    },
  },
];

const BLOCK = { publicAccessBlock: '' };
const UNBLOCKED =
  '<PublicAccessBlockConfiguration><BlockPublicAccess>false</BlockPublicAccess></PublicAccessBlockConfiguration>';
const CORS_RULE = `<CORSConfiguration><CORSRule><AllowedOrigin>${ORIGIN}</AllowedOrigin><AllowedMethod>PUT</AllowedMethod><AllowedHeader>*</AllowedHeader></CORSRule></CORSConfiguration>`;

/** Reads or changes a setting of the bucket. @throws CannotCheck unless the run made the bucket */
async function configure(bench: Bench, request: ProbeRequest, action: string): Promise<ProbeResponse> {
  if (!bench.isOwnBucket) throw new CannotCheck(text('not-own-bucket'));
  const response = await bench.probe.send(request);
  if (response.status === 501) throw new CannotCheck(text('not-implemented', { action: `oss:${action}` }));
  if (response.code === 'AccessDenied') throw new CannotCheck(text('no-right', { action: `oss:${action}` }));
  return response;
}

interface PublicRead {
  sent: NewObject;
  url: string;
  response: PublicResponse;
}

async function readPublicly({ store, object }: Bench, name: string): Promise<PublicRead> {
  const sent = object(name);
  await store.put(sent);
  const url = store.publicUrl(sent.key) ?? '';
  return { sent, url, response: await fetchPublicUrl(url) };
}

function refuseIfPrivate({ status, body }: PublicResponse): void {
  if (status === 403 && publicRefusal(status, body.toString()).reason === 'denied')
    throw new CannotCheck(text('private-bucket'));
}

function displayOf({ response }: PublicRead): string {
  refuseIfPrivate(response);
  const { status, headers } = response;
  if (status !== 200) return `status ${status}`;
  const force = headers['x-oss-force-download'];
  const isDownloaded = /^attachment/i.test(headers['content-disposition'] ?? '');
  return [
    isDownloaded ? 'downloaded' : 'displayed',
    typeof force === 'string' && `x-oss-force-download: ${force}`,
  ]
    .filter(Boolean)
    .join(', ');
}

/** Whether public URLs name a host of OSS (`BUCKET.oss-REGION.…`) and not a domain that is bound to the bucket. */
function isDefaultDomain({ settings: { fileDomain } }: Bench): boolean {
  return /^[a-z0-9-]+\.oss-[a-z0-9-]+\./.test(new URL(fileDomain).hostname);
}

/** Asks, as a browser does, whether a page of another origin may put an object. */
async function preflight(url: string): Promise<string> {
  const headers = { origin: ORIGIN, 'access-control-request-method': 'PUT' };
  const response = await fetchPublicUrl(url, 'OPTIONS', headers);
  const isAllowed = [ORIGIN, '*'].includes(response.headers['access-control-allow-origin'] ?? '');
  return `status ${response.status}, ${isAllowed ? 'allowed' : 'not allowed'}`;
}

/** A changed setting of a bucket holds after some seconds. */
async function until(isTrue: () => Promise<boolean>, signal: AbortSignal | undefined): Promise<boolean> {
  for (const deadline = Date.now() + SETTLE_MS; Date.now() < deadline; await sleep(POLL_MS, signal)) {
    signal?.throwIfAborted();
    if (await isTrue()) return true;
  }
  return false;
}

const SETTLE_MS = 60_000;
const POLL_MS = 500;
