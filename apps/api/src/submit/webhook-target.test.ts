import type { Endpoints } from '@pixdock/shared/state/webhooks/endpoints';
import { stub } from '@pixdock/shared/testing/stub';
import { expect, it } from 'vitest';
import type { ApiConfig } from '../config.js';
import type { Caller } from '../keys/keyring.js';
import { checkWebhookUrl, webhookTargetOf } from './webhook-target.js';

const TARGET = { endpointId: 'whe_1', url: 'https://a.example.com/order/7' };
const endpoints = stub<Endpoints>({
  targetOf: async (_owner: string, url: string) => (url === TARGET.url ? TARGET : null),
});
const key: Pick<Caller, 'owner' | 'token'> = { owner: 'acme', token: null };
const token = stub<NonNullable<Caller['token']>>({ id: 'tok_1' });

const webhooks = { ports: new Set([80, 443]), allow: new Set(['10.0.0.7:8080']) };
const config = stub<ApiConfig>({ webhooks });
const deps = { endpoints, config };

it('finds the target of a webhookUrl', async () => {
  expect(await webhookTargetOf(deps, key, TARGET.url)).toEqual(TARGET);
  expect(await webhookTargetOf(deps, key, null)).toBeNull();
  expect(await webhookTargetOf(deps, { ...key, token }, null)).toBeNull();
});

it('refuses a webhookUrl where the owner has no endpoint, and any from an upload token', async () => {
  await expect(webhookTargetOf(deps, key, 'https://b.example.com/x')).rejects.toThrow(
    /^invalid_request: You have no webhook endpoint at https:\/\/b\.example\.com\./,
  );
  await expect(webhookTargetOf(deps, { ...key, token }, TARGET.url)).rejects.toThrow(
    /^forbidden: An upload token has no webhooks/,
  );
});

it.each([
  'http://127.0.0.1:80/',
  'https://[fd00::1]/',
  'http://169.254.169.254/latest',
  'https://hooks.intranet/x',
  'http://localhost:3000/',
  'https://a.example.com:8443/',
])('refuses %s, to which no worker sends, and names WEBHOOK_ALLOW', async (url) => {
  const sentence = /^invalid_request: The webhook URL .*by adding (host:port|\S+:\d+) to WEBHOOK_ALLOW\./;
  expect(() => checkWebhookUrl(url, config)).toThrow(sentence);
  await expect(webhookTargetOf(deps, key, url)).rejects.toThrow(sentence);
});

it.each(['https://a.example.com/hook', 'http://10.0.0.7:8080/'])('takes %s', (url) => {
  expect(() => checkWebhookUrl(url, config)).not.toThrow();
});
