import { Hono } from 'hono';
import { expect, it } from 'vitest';
import type { ApiEnv } from './env.js';
import { preferredWaitSeconds, queryBesideWait } from './preferred-wait.js';
import { respondWithError } from './problem.js';

async function ask(query: string, prefer?: string) {
  const app = new Hono<ApiEnv>().get('/', (c) =>
    c.json({ seconds: preferredWaitSeconds(c), rest: queryBesideWait(c) }),
  );
  app.onError(respondWithError);
  const response = await app.request(`/${query}`, {
    headers: prefer === undefined ? {} : { Prefer: prefer },
  });
  return { applied: response.headers.get('Preference-Applied'), body: await response.json() };
}

it.each([
  ['', undefined, 0, null],
  ['?wait=30', undefined, 30, 'wait=30'],
  ['?wait=0', undefined, 0, 'wait=0'],
  ['?wait=61', undefined, 60, 'wait=60'],
  [`?wait=${'9'.repeat(400)}`, undefined, 60, 'wait=60'],
  ['', 'respond-async, wait="7"', 7, 'wait=7'],
  ['', 'wait=100', 60, 'wait=60'],
  ['', 'wait-long=1', 0, null],
  ['?wait=5', 'wait=7', 5, 'wait=5'],
])('waits for "%s" with Prefer: %s as long as they say', async (query, prefer, seconds, applied) => {
  expect(await ask(query, prefer)).toEqual({ applied, body: { seconds, rest: {} } });
});

it.each(['?wait=', '?wait=soon', '?wait=-1', '?wait=1.5', '?wait=30s', '?wait=1&wait=1'])(
  'refuses %s and names the parameter',
  async (query) => {
    const { body } = await ask(query);
    expect(body).toMatchObject({ code: 'invalid_request', detail: expect.stringContaining('`wait`') });
  },
);

it.each([
  'wait=soon',
  'wait=30s',
  'wait=-1',
  'wait=',
  'wait 30',
  'wait',
  'wait:30',
  'respond-async, wait=1.5',
])('refuses Prefer: %s', async (prefer) => {
  const { body } = await ask('', prefer);
  expect(body).toMatchObject({ detail: expect.stringMatching(/Prefer: wait.* Write Prefer: wait=30\.$/) });
});

it('leaves the other parameters to the route', async () => {
  const { body } = await ask('?profile=avatar&wait=1&a=1&a=2');
  expect(body).toEqual({ seconds: 1, rest: { profile: ['avatar'], a: ['1', '2'] } });
});
