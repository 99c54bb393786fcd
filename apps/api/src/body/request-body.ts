import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { PixdockError } from '@pixdock/contract/error';
import { detailOf } from '@pixdock/contract/messages/detail';
import type { ApiContext } from '../http/env.js';
import { invalid } from '../http/invalid.js';
import { enforceMinimumRate } from './minimum-rate.js';

/**
 * The chunks of a request body, at the minimum rate or faster, compared with the digests in the request's headers.
 * @throws PixdockError invalid_request for a malformed digest
 */
export const requestBody = (c: ApiContext): AsyncGenerator<Buffer> =>
  checkDigests(c, enforceMinimumRate(bodyOf(c), c.get('minimumRate')));

// Node's stream costs a third less than the web stream around it; in-process requests have only the web stream.
function bodyOf(c: ApiContext): Readable {
  const { incoming, outgoing } = c.env;
  if (incoming !== undefined) {
    // http/server.ts does not send 100 Continue, and HTTP/1.0 does not have it.
    if (incoming.headers.expect !== undefined && incoming.httpVersion === '1.1') outgoing?.writeContinue();
    return incoming;
  }
  const { body } = c.req.raw;
  return body === null ? Readable.from([]) : Readable.fromWeb(body);
}

/**
 * The chunks of a body. Throws after the last one if a digest in the request's headers differs from that of the body.
 * @throws PixdockError digest_mismatch; invalid_request, before anything is read, for a malformed digest
 */
function checkDigests(c: ApiContext, chunks: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  const digests = [...contentMd5(c), ...contentDigest(c)];
  return digests.length === 0 ? chunks : checked(chunks, digests);
}

interface SentDigest {
  header: string;
  algorithm: string;
  /** Base64. */
  digest: string;
}

async function* checked(
  chunks: AsyncGenerator<Buffer>,
  digests: readonly SentDigest[],
): AsyncGenerator<Buffer> {
  const hashes = digests.map((sent) => ({ ...sent, hash: createHash(sent.algorithm) }));
  for await (const chunk of chunks) {
    for (const { hash } of hashes) hash.update(chunk);
    yield chunk;
  }
  for (const { header, digest, hash } of hashes) {
    const received = hash.digest('base64');
    if (received !== digest)
      throw new PixdockError(
        'digest_mismatch',
        detailOf('body-digest-mismatch', { header, sent: digest, received }),
      );
  }
}

/** RFC 1864. */
function contentMd5(c: ApiContext): SentDigest[] {
  const digest = c.req.header('Content-MD5');
  if (digest === undefined) return [];
  if (!/^[A-Za-z0-9+/]{22}==$/.test(digest)) throw invalid('content-md5-malformed');
  return [{ header: 'Content-MD5', algorithm: 'md5', digest }];
}

/** The algorithms of RFC 9530 that are not deprecated, and the form of their digests. */
const ALGORITHMS = new Map([
  ['sha-256', { algorithm: 'sha256', form: /^[A-Za-z0-9+/]{43}=$/ }],
  ['sha-512', { algorithm: 'sha512', form: /^[A-Za-z0-9+/]{86}==$/ }],
]);

/** RFC 9530. Other algorithms are ignored beside one of these. */
function contentDigest(c: ApiContext): SentDigest[] {
  const value = c.req.header('Content-Digest');
  if (value === undefined) return [];
  const digests = value.split(',').flatMap((member) => {
    const [, name = '', digest = ''] =
      /^\s*([a-z*][\w.*-]*)=:([A-Za-z0-9+/]*={0,2}):\s*(?:;.*)?$/.exec(member) ?? [];
    const known = ALGORITHMS.get(name);
    if (name === '' || known?.form.test(digest) === false) throw invalid('content-digest-malformed');
    return known === undefined ? [] : [{ header: 'Content-Digest', algorithm: known.algorithm, digest }];
  });
  if (digests.length === 0) throw invalid('content-digest-malformed');
  return digests;
}
