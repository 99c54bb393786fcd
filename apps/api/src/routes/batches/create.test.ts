import { stub } from '@pixdock/shared/testing/stub';
import { expect, it } from 'vitest';
import type { ApiDeps } from '../../deps.js';
import { watchSubmission } from '../../submit/testing/watch-submission.js';
import { openRoutes } from '../../testing/routes.js';
import { createBatch } from './create.js';

it('refuses in a dry run a webhookUrl that the batch itself may not have', async () => {
  const { deps, staging } = await watchSubmission();
  const { log, backlog, diskQuota } = deps;
  const sources = { allow: new Set<string>(), ports: new Set([443]) };
  const config = { ...deps.config, sources, webhooks: sources };
  const endpoints = { targetOf: async (_: string, url: string) => (url === HOOK ? TARGET : null) };
  const app = openRoutes();
  const parts = { config, log, backlog, diskQuota, staging, endpoints, waits: {}, shares: {} };
  createBatch(app, stub<ApiDeps>(parts));
  const dryRun = async (webhookUrl: string) => {
    const query = new URLSearchParams({ dryRun: 'true', webhookUrl }).toString();
    const init = { method: 'POST', headers: { 'Content-Type': 'application/x-ndjson' }, body: ROWS };
    return (await app.request(`/v1/batches?${query}`, init, {})).status;
  };
  expect([await dryRun(HOOK), await dryRun('https://b.example.com/')]).toEqual([200, 400]);
});

const ROWS = '{"url":"https://a.example/1.jpg"}\n';
const HOOK = 'https://a.example.com/hook';
const TARGET = { endpointId: 'whe_1', url: HOOK };
