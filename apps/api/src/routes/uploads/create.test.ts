import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import { stub } from '@pixdock/shared/testing/stub';
import { expect, it, vi } from 'vitest';
import type { ApiDeps } from '../../deps.js';
import { watchSubmission } from '../../submit/testing/watch-submission.js';
import { openRoutes } from '../../testing/routes.js';
import { createUpload } from './create.js';

/** Creates an upload in-process; `outgoing` stands for the response of the server. */
async function created(outgoing: { closed: boolean; writableFinished: boolean }) {
  const { deps, staging } = await watchSubmission();
  const releaseResumable = vi.fn(async () => {});
  const shares = stub<ApiDeps['shares']>({
    admit: deps.shares.admit,
    admitResumable: async () => {},
    releaseResumable,
  });
  const app = openRoutes();
  createUpload(app, { ...deps, shares });
  const events = Object.assign(new EventEmitter(), outgoing);
  const response = await app.request(
    '/v1/uploads',
    { method: 'POST', headers: { 'Upload-Length': '10' } },
    { outgoing: events as Partial<ServerResponse> as ServerResponse },
  );
  expect(response.status).toBe(201);
  const id = response.headers.get('location')?.split('/').at(-1) ?? '';
  return { id, read: () => staging.uploads.read(id), releaseResumable, close: () => events.emit('close') };
}

it.each([
  ['before the upload exists', true],
  ['before the response is sent', false],
])('removes an upload whose client disconnects %s', async (_, closed) => {
  const { id, read, releaseResumable, close } = await created({ closed, writableFinished: false });
  if (!closed) {
    expect(await read()).not.toBe(null);
    close();
  }
  await expect.poll(() => releaseResumable.mock.calls).toEqual([['acme', id]]);
  expect(await read()).toBe(null);
});

it('keeps an upload whose response is sent', async () => {
  const { read, releaseResumable, close } = await created({ closed: false, writableFinished: true });
  close();
  expect(await read()).not.toBe(null);
  expect(releaseResumable).not.toHaveBeenCalled();
});
