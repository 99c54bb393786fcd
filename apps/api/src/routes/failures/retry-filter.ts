import { createHash } from 'node:crypto';
import { type FailureRetryRequest, failureRetryRequestSchema } from '@pixdock/contract/failure';
import { readOptionalJson } from '../../body/json-body.js';
import type { ApiContext } from '../../http/env.js';
import { invalidField } from '../../http/invalid.js';

/** @throws PixdockError invalid_request */
export async function readFilter(c: ApiContext): Promise<FailureRetryRequest> {
  const body = await readOptionalJson(c);
  const parsed = failureRetryRequestSchema.safeParse(body);
  if (!parsed.success) throw invalidField(parsed.error, body, Object.keys(failureRetryRequestSchema.shape));
  return parsed.data;
}

export function fingerprintOf({ code, host, since, until }: FailureRetryRequest): string {
  return createHash('sha256')
    .update(JSON.stringify({ code, host, since: msOf(since), until: msOf(until) }))
    .digest('hex');
}

const msOf = (time: string | undefined) => (time === undefined ? undefined : Date.parse(time));
