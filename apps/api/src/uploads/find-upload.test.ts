import { OpenAPIHono } from '@hono/zod-openapi';
import { stub } from '@pixdock/shared/testing/stub';
import { expect, it } from 'vitest';
import type { ApiDeps } from '../deps.js';
import type { ApiEnv } from '../http/env.js';
import type { Caller } from '../keys/keyring.js';
import { findUpload } from './find-upload.js';

it('limits the reads of an owner, because each syncs the bytes', async () => {
  const steps: string[] = [];
  const read = async () => {
    steps.push('read');
    return null;
  };
  const acquire = async (owner: string) => {
    steps.push(`acquire for ${owner}`);
    return { [Symbol.dispose]: () => void steps.push('release') };
  };
  const deps = stub<ApiDeps>({ staging: { uploads: { read } }, writeLimits: { acquire } });
  const app = new OpenAPIHono<ApiEnv>();
  app.get('/:id', async (c) => {
    c.set('caller', stub<Caller>({ owner: 'acme', token: null }));
    await expect(findUpload(c, deps)).rejects.toThrow('not_found');
    return c.body(null);
  });
  expect((await app.request(`/upl_${'0'.repeat(32)}`)).status).toBe(200);
  expect(steps).toEqual(['acquire for acme', 'read', 'release']);
});
