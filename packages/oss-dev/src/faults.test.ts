import { expect, test, vi } from 'vitest';
import { aliClient } from './testing/ali-client.js';
import { form } from './testing/form.js';
import { send, signed, type TestRequest, type TestResponse, xmlText } from './testing/http.js';
import { startTestOss, type TestOss } from './testing/test-oss.js';

const path = '/__oss-dev/faults';
const authorization = 'Bearer secret';

test('enables fault injection only with a token and requires that token', async () => {
  const closed = await startTestOss();
  for (const method of ['GET', 'POST', 'DELETE']) {
    expect((await send(closed, { method, path, headers: { authorization } })).status).toBe(404);
  }
  const open = await startTestOss({ faultToken: 'secret' });
  expect((await send(open, { path })).status).toBe(401);
  expect((await send(open, { path, headers: { authorization: 'Bearer guess' } })).status).toBe(401);
  expect(JSON.parse((await send(open, { path, headers: { authorization } })).text)).toEqual({ rules: [] });
});

test('fires a rule from its nth match, `count` times, and counts it', async () => {
  const oss = await faulty({ operation: 'PutObject', key: '^img/', nth: 2, count: 2, action: unavailable });
  const statuses = [];
  for (const key of ['img/a', 'img/b', 'other', 'img/c', 'img/d'])
    statuses.push((await put(oss, key)).status);
  expect(statuses).toEqual([200, 503, 200, 503, 200]);
  expect((await send(oss, { path: '/lab-bucket/img/a' })).status).toBe(200);
  expect(await rulesOf(oss)).toMatchObject([{ operation: 'PutObject', key: '^img/', matched: 4, fired: 2 }]);
  await control(oss, { method: 'DELETE' });
  expect(await rulesOf(oss)).toEqual([]);
});

test('fires on one request in `every`', async () => {
  const oss = await faulty({ operation: 'PutObject', nth: 2, every: 3, count: 2, action: unavailable });
  const statuses = [];
  for (let n = 1; n <= 9; n++) statuses.push((await put(oss, 'a')).status);
  expect(statuses).toEqual([200, 503, 200, 200, 503, 200, 200, 200, 200]);
});

test('does not count a request in rules after the one that fired', async () => {
  const oss = await faulty(
    { count: 1, action: { type: 'error', status: 500, code: 'InternalError' } },
    { count: 1, action: { type: 'throttle', delayMs: 700 } },
  );
  const responses = [await put(oss, 'a'), await put(oss, 'a'), await put(oss, 'a')];
  expect(responses.map(({ status }) => status)).toEqual([500, 503, 200]);
  expect(responses[1]?.headers['x-oss-qos-delay-time']).toBe('700');
  expect(xmlText(responses[1]?.text ?? '', 'Code')).toBe('TotalQpsLimitExceeded');
});

test('injects any error, also for HEAD, in the format of OSS', async () => {
  const action = { type: 'error', status: 403, code: 'InDebt', message: 'Pay up.', ec: '0003-1' };
  const oss = await faulty({ action });
  await expect(aliClient(oss).put('a', Buffer.from('x'))).rejects.toMatchObject({
    status: 403,
    code: 'InDebt',
    message: 'Pay up.',
    ecCode: '0003-1',
  });
  await expect(aliClient(oss).head('a')).rejects.toMatchObject({ status: 403, code: 'InDebt' });
});

test.each([
  ['before', 404],
  ['after', 200],
])('injects an error %s the commit and leaves the object %d', async (when, status) => {
  const oss = await faulty({ operation: 'PutObject', when, action: unavailable });
  expect((await put(oss, 'a')).status).toBe(503);
  expect((await send(oss, { path: '/lab-bucket/a' })).status).toBe(status);
});

test.each([
  ['before', 404],
  ['after', 200],
])('resets the connection %s the commit and leaves the object %d', async (when, status) => {
  const oss = await faulty({ operation: 'PutObject', when, count: 1, action: { type: 'reset' } });
  const upload = aliClient(oss).put('a', Buffer.alloc(300_000));
  await expect(upload).rejects.toMatchObject({ status: -1, message: expect.stringContaining('ECONNRESET') });
  expect((await send(oss, { path: '/lab-bucket/a' })).status).toBe(status);
});

test('sends nothing for a hanging request until the server stops', async () => {
  const oss = await faulty({ operation: 'GetObject', action: { type: 'hang' } });
  const timeout = aliClient(oss).get('a', { timeout: 100 });
  await expect(timeout).rejects.toMatchObject({ name: 'ResponseTimeoutError' });
  let settled: unknown;
  const hanging = send(oss, { path: '/lab-bucket/a' }).catch((error: unknown) => error);
  void hanging.then((value) => (settled = value));
  await vi.waitFor(async () => expect(await rulesOf(oss)).toMatchObject([{ fired: 2 }]), 15_000);
  expect(settled).toBeUndefined();
  await oss.stop();
  expect(await hanging).toBeInstanceOf(Error);
});

test('injects proxy pages and empty responses', async () => {
  const oss = await faulty(
    { count: 1, action: { type: 'html', status: 502 } },
    { count: 1, action: { type: 'empty', status: 503 } },
  );
  const html = await put(oss, 'a');
  expect([html.status, html.headers['content-type']]).toEqual([502, 'text/html']);
  expect(html.text).toContain('<html>');
  expect(Object.keys(html.headers)).not.toContain('x-oss-request-id');
  const empty = await put(oss, 'a');
  expect([empty.status, empty.text]).toEqual([503, '']);
});

test('cuts a response short', async () => {
  const oss = await faulty({ count: 1, when: 'after', action: { type: 'cut', status: 200 } });
  const response = await fetch(`${oss.endpoint}/lab-bucket/a`);
  expect(response.status).toBe(200);
  await expect(response.text()).rejects.toThrow('terminated');
});

test('returns a wrong ETag and stores the right object', async () => {
  const oss = await faulty({ operation: 'PutObject', action: { type: 'wrong-etag' } });
  const response = await put(oss, 'a');
  expect([response.status, response.headers.etag]).toEqual([200, `"${'0'.repeat(32)}"`]);
  expect((await send(oss, { path: '/lab-bucket/a' })).headers.etag).toBe(
    '"9DD4E461268C8034F5C8564E155C67A6"',
  );
});

test('responds to a failed callback with 203 and stores the object', async () => {
  const oss = await faulty({ operation: 'PutObject', action: { type: 'callback-failed' } });
  await expect(aliClient(oss).put('a', Buffer.from('x'))).rejects.toMatchObject({
    status: 203,
    code: 'CallbackFailed',
  });
  expect((await send(oss, { path: '/lab-bucket/a' })).text).toBe('x');
});

test('rejects requests while its clock is skewed and returns its time', async () => {
  const oss = await faulty({
    operation: 'PutObject',
    count: 1,
    action: { type: 'clock', offsetMs: 3_600_000 },
  });
  const response = await put(oss, 'a');
  expect(xmlText(response.text, 'Code')).toBe('RequestTimeTooSkewed');
  expect(Math.abs(Date.parse(String(response.headers.date)) - Date.now() - 3_600_000)).toBeLessThan(5000);
  expect((await put(oss, 'a')).status).toBe(200);
  await control(oss, {
    method: 'POST',
    body: JSON.stringify({ action: { type: 'clock', offsetMs: 3_600_000 } }),
  });
  const corrected = signed(oss, { method: 'PUT', key: 'b', body: 'x', clockAheadMs: 3_600_000 });
  expect((await send(oss, corrected)).status).toBe(200);
});

test('delays a request, and does not wait for it when the server stops', async () => {
  const oss = await faulty(
    { count: 1, action: { type: 'delay', ms: 150 } },
    { action: { type: 'delay', ms: 600_000 } },
  );
  const started = performance.now();
  expect((await put(oss, 'a')).status).toBe(200);
  expect(performance.now() - started).toBeGreaterThan(140);
  const endless = expect(put(oss, 'a')).rejects.toThrow();
  await vi.waitFor(async () => expect((await rulesOf(oss))[1]).toMatchObject({ fired: 1 }), 15_000);
  await oss.stop();
  await endless;
});

test('skips a delayed operation after the client has disconnected', async () => {
  const oss = await faulty({ operation: 'DeleteObject', action: { type: 'delay', ms: 600_000 } });
  await put(oss, 'a');
  const deletion = expect(send(oss, signed(oss, { method: 'DELETE', key: 'a' }))).rejects.toThrow();
  await vi.waitFor(async () => expect(await rulesOf(oss)).toMatchObject([{ fired: 1 }]), 15_000);
  await oss.stop();
  await deletion;
  const again = await startTestOss({ dataDir: oss.dataDir });
  expect((await send(again, { path: '/lab-bucket/a' })).status).toBe(200);
});

test('lets a put land after its client has given up', async () => {
  const oss = await faulty({ operation: 'PutObject', count: 1, action: { type: 'late', ms: 1 } });
  // Time to connect, and to respond.
  const timeout = { timeout: [5000, 300] } as object;
  const upload = aliClient(oss).put('a', Buffer.from('late'), timeout);
  await expect(upload).rejects.toMatchObject({ name: 'ResponseTimeoutError' });
  await vi.waitFor(async () => {
    expect((await send(oss, { path: '/lab-bucket/a' })).text).toBe('late');
  }, 15_000);
});

test('lets a late form land, and a late put meet the object that came first', async () => {
  const oss = await faulty({ count: 2, action: { type: 'late', ms: 1 } });
  const late = (request: TestRequest) => {
    const controller = new AbortController();
    const gone = expect(send(oss, { ...request, signal: controller.signal })).rejects.toThrow();
    return { gone, giveUp: () => controller.abort() };
  };
  const forbid = { 'x-oss-forbid-overwrite': 'true' };
  const latePut = late(signed(oss, { method: 'PUT', key: 'a', body: 'late', headers: forbid }));
  const lateForm = late(form(oss, {}));
  await vi.waitFor(async () => expect(await rulesOf(oss)).toMatchObject([{ fired: 2 }]), 15_000);
  expect((await send(oss, signed(oss, { method: 'PUT', key: 'a', body: 'x', headers: forbid }))).status).toBe(
    200,
  );
  expect((await send(oss, { path: '/lab-bucket/up/a.png' })).status).toBe(404);
  latePut.giveUp();
  lateForm.giveUp();
  await Promise.all([latePut.gone, lateForm.gone]);
  await vi.waitFor(async () => {
    expect((await send(oss, { path: '/lab-bucket/up/a.png' })).text).toBe('hello');
  }, 15_000);
  await oss.stop();
  const again = await startTestOss({ dataDir: oss.dataDir });
  expect((await send(again, { path: '/lab-bucket/a' })).text).toBe('x');
});

test.each([
  ['{', /JSON/],
  ['{}', /action must be an object/],
  ['{"action":{"type":"explode"}}', /action.type must be one of error, /],
  ['{"action":{"type":"error","status":503}}', /code must be a string/],
  ['{"action":{"type":"empty","status":999}}', /status must be a whole number from 200/],
  ['{"action":{"type":"delay","ms":-1}}', /ms must be a whole number from 1/],
  ['{"operation":"Put","action":{"type":"hang"}}', /operation must be one of PutObject, /],
  ['{"key":"(","action":{"type":"hang"}}', /regular expression/],
  ['{"nth":0,"action":{"type":"hang"}}', /nth must be/],
  ['{"every":0,"action":{"type":"hang"}}', /every must be/],
  ['{"when":"later","action":{"type":"hang"}}', /when must be/],
  ['{"times":1,"action":{"type":"hang"}}', /'times' is not a field/],
  ['{"action":{"type":"hang","ms":5}}', /'ms' is not a field/],
])('rejects the rule %s', async (body, message) => {
  const oss = await startTestOss({ faultToken: 'secret' });
  const response = await control(oss, { method: 'POST', body });
  expect(response.status).toBe(400);
  expect(JSON.parse(response.text).error).toMatch(message);
  expect(await rulesOf(oss)).toEqual([]);
});

const unavailable = { type: 'error', status: 503, code: 'ServiceUnavailable' };

async function faulty(...rules: object[]): Promise<TestOss> {
  const oss = await startTestOss({ faultToken: 'secret' });
  for (const rule of rules) {
    expect((await control(oss, { method: 'POST', body: JSON.stringify(rule) })).status).toBe(201);
  }
  return oss;
}

function control(oss: TestOss, request: TestRequest): Promise<TestResponse> {
  return send(oss, { ...request, path, headers: { authorization } });
}

async function rulesOf(oss: TestOss): Promise<unknown[]> {
  return (JSON.parse((await control(oss, {})).text) as { rules: unknown[] }).rules;
}

function put(oss: TestOss, key: string): Promise<TestResponse> {
  return send(oss, signed(oss, { method: 'PUT', key, body: 'x' }));
}
