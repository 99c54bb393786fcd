import { createHash, createHmac, randomUUID } from 'node:crypto';
import { asError } from '@pixdock/shared/runtime/as-error';
import type { CredentialSource } from './credential-source.js';
import type { Credentials } from './credentials.js';

const ACTION = 'RefreshObjectCaches';
const VERSION = '2018-05-10';
const ALGORITHM = 'ACS3-HMAC-SHA256';

const REQUEST_MS = 10_000;

/** Refreshes URLs on Alibaba Cloud CDN. Returns null if it accepts them, else the code of its refusal or the name of an error. */
export async function refreshUrls(
  endpoint: string,
  urls: readonly string[],
  credentials: CredentialSource,
): Promise<string | null> {
  try {
    const request = signedRequest(endpoint, urls, await credentials.get());
    const response = await fetch(request, { signal: AbortSignal.timeout(REQUEST_MS) });
    const text = await response.text();
    // Any web server may respond 200.
    if (response.ok && text.includes('"RefreshTaskId"')) return null;
    if (response.status === 401 || response.status === 403) credentials.forget();
    return /"Code"\s*:\s*"([\w.]{1,64})"/.exec(text)?.[1] ?? `HTTP ${response.status}`;
  } catch (error) {
    return asError(error).name;
  }
}

/**
 * Signs a request for Alibaba Cloud's OpenAPI (signature version 3, ACS3-HMAC-SHA256). Its SDK would add moment, lodash, ws and
 * three proxy agents to every worker for this one call.
 */
function signedRequest(
  endpoint: string,
  urls: readonly string[],
  { accessKeyId, accessKeySecret, securityToken }: Credentials,
  now = new Date(),
): Request {
  const body = new URLSearchParams({ ObjectPath: urls.join('\n'), ObjectType: 'File' }).toString();
  const hashedBody = sha256(body);
  const signed: Record<string, string> = {
    'content-type': 'application/x-www-form-urlencoded',
    host: new URL(endpoint).host,
    'x-acs-action': ACTION,
    'x-acs-content-sha256': hashedBody,
    'x-acs-date': now.toISOString().replace(/\.\d+Z$/, 'Z'),
    ...(securityToken === null ? {} : { 'x-acs-security-token': securityToken }),
    'x-acs-signature-nonce': randomUUID(),
    'x-acs-version': VERSION,
  };
  const names = Object.keys(signed);
  const lines = names.map((name) => `${name}:${signed[name]}\n`).join('');
  const canonical = ['POST', '/', '', lines, names.join(';'), hashedBody].join('\n');
  const signature = createHmac('sha256', accessKeySecret)
    .update(`${ALGORITHM}\n${sha256(canonical)}`)
    .digest('hex');
  const { host: _, ...headers } = signed;
  const authorization = `${ALGORITHM} Credential=${accessKeyId},SignedHeaders=${names.join(';')},Signature=${signature}`;
  return new Request(new URL('/', endpoint), {
    method: 'POST',
    body,
    headers: { ...headers, authorization },
    redirect: 'error',
  });
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
