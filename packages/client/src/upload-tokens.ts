import type { UploadToken, UploadTokenRequest } from '@pixdock/contract/upload-token';
import type { CallOptions } from './call-options.js';
import { jsonBody } from './http/body.js';
import type { Transport } from './http/transport.js';

/** The bounds of an upload token. */
export interface UploadTokenOptions extends Readonly<UploadTokenRequest>, CallOptions {}

/** Creates an upload token. A repeat creates another one, which changes nothing. */
export async function createUploadToken(
  transport: Transport,
  { signal, ...request }: UploadTokenOptions,
): Promise<UploadToken> {
  const body = jsonBody(request);
  const call = { method: 'POST', path: '/v1/upload-tokens', body, harmless: true, signal } as const;
  return (await transport.json<UploadToken>(call)).body;
}
