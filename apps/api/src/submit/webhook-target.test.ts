import type { Endpoints } from '@pixdock/shared/state/webhooks/endpoints';
import { stub } from '@pixdock/shared/testing/stub';
import { expect, it } from 'vitest';
import type { Caller } from '../keys/keyring.js';
import { webhookTargetOf } from './webhook-target.js';

const TARGET = { endpointId: 'whe_1', url: 'https://a.example/order/7' };
const endpoints = stub<Endpoints>({
  targetOf: async (_owner: string, url: string) => (url === TARGET.url ? TARGET : null),
});
const key: Pick<Caller, 'owner' | 'token'> = { owner: 'acme', token: null };
const token = stub<NonNullable<Caller['token']>>({ id: 'tok_1' });

it('finds the target of a webhookUrl', async () => {
  expect(await webhookTargetOf({ endpoints }, key, TARGET.url)).toEqual(TARGET);
  expect(await webhookTargetOf({ endpoints }, key, null)).toBeNull();
  expect(await webhookTargetOf({ endpoints }, { ...key, token }, null)).toBeNull();
});

it('refuses a webhookUrl where the owner has no endpoint, and any from an upload token', async () => {
  await expect(webhookTargetOf({ endpoints }, key, 'https://b.example/x')).rejects.toThrow(
    /^invalid_request: You have no webhook endpoint at https:\/\/b\.example\./,
  );
  await expect(webhookTargetOf({ endpoints }, { ...key, token }, TARGET.url)).rejects.toThrow(
    /^forbidden: An upload token has no webhooks/,
  );
});
