import { ERROR_CODES, ERROR_TABLE } from '@pixdock/contract/error-table';
import { fixOf, sayDetail, titleOf } from '@pixdock/contract/messages/detail';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openContract } from '../exchanges/contract.js';
import { type ApiResponse, ask, untilServed, upload } from '../harness/client.js';
import { rawRequest, requestHead } from '../harness/raw-http.js';
import { type Stack, startApiOnly } from '../harness/stack.js';
import { runGeneratedClient } from './generated-client.js';
import { lintOpenApi } from './lint-openapi.js';
import { jpegLike } from './support.js';

const ORIGIN = 'https://shop.example.com';

let stack: Stack;
beforeAll(async () => {
  stack = await startApiOnly({ CORS_ORIGINS: `${ORIGIN},http://localhost:5173` });
});
afterAll(() => stack.stop());

const BYTES = jpegLike(5000);
const UNKNOWN = `img_${'0'.repeat(32)}`;

interface Problem {
  type: string;
  title: string;
  status: number;
  code: string;
  detail: string;
  retryable: boolean;
  requestId: string;
}

describe('problems', () => {
  const missing = (language: string | null) =>
    untilServed(() =>
      ask<Problem>(stack, `/v1/images/${UNKNOWN}`, {
        headers: language === null ? {} : { 'Accept-Language': language },
      }),
    );

  test('have every member and a type that leads to the explanation', async () => {
    const { status, headers, body } = await missing(null);
    expect(body).toEqual({
      type: '/v1/errors/not_found',
      title: titleOf('not_found', 'en'),
      status: 404,
      code: 'not_found',
      detail: expect.any(String),
      retryable: false,
      requestId: headers.get('x-request-id'),
    });
    expect(status).toBe(404);
    expect(headers.get('content-type')).toBe('application/problem+json');
    expect(headers.get('cache-control')).toBe('no-store');
    const explained = await ask<{ code: string; fix: string }>(stack, body.type);
    expect([explained.status, explained.body.code]).toEqual([200, 'not_found']);
  });

  test.each([
    ['zh-CN', 'zh'],
    ['zh', 'zh'],
    ['ZH-hant', 'zh'],
    ['zh;q=0.9, en;q=0.8', 'zh'],
    ['fr, zh;q=0.1', 'zh'],
    ['zh;q=0.5, en;q=0.8', 'en'],
    ['en-GB, zh', 'en'],
    ['zh;q=0', 'en'],
    ['fr', 'en'],
    ['*', 'en'],
    [';;;,q=x', 'en'],
    [null, 'en'],
  ] as const)('respond to Accept-Language: %s in %s', async (language, expected) => {
    const { headers, body } = await missing(language);
    expect(body.title).toBe(titleOf('not_found', expected));
    expect(headers.get('content-language')).toBe(expected);
    expect(headers.get('vary')).toMatch(/Accept-Language/);
  });

  test('are listed by /v1/errors in both languages, without a key', async () => {
    for (const language of ['en', 'zh'] as const) {
      const headers = { 'Accept-Language': language, Authorization: '' };
      const { status, body } = await ask<{ items: object[] }>(stack, '/v1/errors', { headers });
      expect(status).toBe(200);
      expect(body.items).toEqual(
        ERROR_CODES.map((code) => ({
          code,
          type: `/v1/errors/${code}`,
          status: ERROR_TABLE[code].status,
          retryable: ERROR_TABLE[code].retryable,
          title: titleOf(code, language),
          fix: sayDetail(language, fixOf(code)),
        })),
      );
    }
    const unknown = await ask(stack, '/v1/errors/constructor');
    expect([unknown.status, unknown.body.code]).toEqual([404, 'not_found']);
  });
});

test.each([
  ['PUT', '/v1/images', 'GET, HEAD, POST'],
  ['DELETE', '/v1/images', 'GET, HEAD, POST'],
  ['POST', `/v1/images/${UNKNOWN}`, 'GET, HEAD, DELETE'],
  ['PATCH', `/v1/images/${UNKNOWN}`, 'GET, HEAD, DELETE'],
  ['GET', `/v1/images/${UNKNOWN}/retry`, 'POST'],
  ['POST', '/livez', 'GET, HEAD'],
  ['GET', '/v1/uploads', 'POST'],
  ['GET', '/v1/batches/preview', 'POST'],
  ['DELETE', '/v1/images/lookup', 'POST'],
  ['PUT', '/v1/images/delete', 'POST'],
  ['POST', '/v1/errors', 'GET, HEAD'],
])('responds to %s %s with 405 and Allow: %s', async (method, path, allow) => {
  const response = await rawRequest(stack.api.url, requestHead(method, path));
  expect([response?.status, JSON.parse(response?.body ?? '{}').code]).toEqual([405, 'method_not_allowed']);
  expect(response?.headers.allow?.split(', ').toSorted()).toEqual(allow.split(', ').toSorted());
});

test.each([
  '/nothing',
  '/v1',
  '/v1/image',
  '/v1/images/',
  '//v1/images',
  '/v1/images/a/b',
  '/v1/batch',
  '/v1/uploads/direct',
  `/v1/uploads/upl_${'0'.repeat(32)}`,
  '/v1/images/lookup/x',
  '/admin/queues',
  '/docs/',
  '/docs/index.html',
  '/../../etc/passwd',
  '/%2e%2e/%2e%2e/etc/passwd',
  '/.env',
])('responds to %s with 404', async (path) => {
  const response = await rawRequest(stack.api.url, requestHead('GET', path));
  expect([response?.status, JSON.parse(response?.body ?? '{}').code]).toEqual([404, 'not_found']);
});

describe('CORS', () => {
  test('allows the methods of the API to a preflight of a known origin', async () => {
    const { status, headers } = await ask(stack, '/v1/images', {
      method: 'OPTIONS',
      headers: {
        Authorization: '',
        Origin: ORIGIN,
        'Access-Control-Request-Method': 'POST',
        'Access-Control-Request-Headers': 'authorization,idempotency-key,prefer',
      },
    });
    expect(status).toBe(204);
    expect(headers.get('access-control-allow-origin')).toBe(ORIGIN);
    expect(headers.get('access-control-allow-methods')).toBe('GET,HEAD,POST,PATCH,DELETE');
    expect(headers.get('access-control-allow-headers')).toBe('authorization,idempotency-key,prefer');
    expect(headers.get('access-control-allow-credentials')).toBeNull();
    expect(headers.get('vary')).toMatch(/Origin/);
  });

  test('lets only a known origin read responses and problems', async () => {
    for (const path of [`/v1/images/${UNKNOWN}`, '/v1/images']) {
      const known = await ask(stack, path, { headers: { Origin: ORIGIN } });
      expect(known.headers.get('access-control-allow-origin')).toBe(ORIGIN);
      expect(known.headers.get('access-control-expose-headers')).toMatch(/Location.*Retry-After/);
      expect(known.headers.get('vary')).toMatch(/Origin/);
      expect(known.headers.get('vary')).toMatch(/Accept-Language/);
      const unknown = await ask(stack, path, { headers: { Origin: 'https://evil.example.com' } });
      expect(unknown.headers.get('access-control-allow-origin')).toBeNull();
    }
  });
});

describe('headers', () => {
  test('keep a plain X-Request-Id and replace others', async () => {
    const kept = await ask(stack, '/livez', { headers: { 'X-Request-Id': 'trace-1.a_B' } });
    expect(kept.headers.get('x-request-id')).toBe('trace-1.a_B');
    for (const id of ['two words', '<script>', 'x'.repeat(129), 'ü']) {
      const { headers } = await ask(stack, '/livez', { headers: { 'X-Request-Id': id } });
      expect(headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
    }
  });

  test('accept the scheme of a key in any case', async () => {
    for (const Authorization of [
      'Bearer key-of-the-owner-acme',
      'bearer key-of-the-owner-acme',
      'BEARER  key-of-the-owner-acme',
    ])
      expect((await ask(stack, '/v1/images', { headers: { Authorization } })).status).toBe(200);
  });
});

test('reports its state in /readyz and /livez without a key', async () => {
  const live = await ask<object>(stack, '/livez', { headers: { Authorization: '' } });
  expect([live.status, live.body]).toEqual([200, { status: 'ok' }]);
  const ready = await ask<object>(stack, '/readyz', { headers: { Authorization: '' } });
  expect([ready.status, ready.body]).toEqual([
    200,
    { status: 'ready', queue: 'ok', storage: 'ok', processing: 'no_worker' },
  ]);
});

describe('/openapi.json', () => {
  interface MediaType {
    schema: object;
    examples?: Record<string, { $ref?: string; value?: unknown }>;
  }
  interface Operation {
    operationId?: string;
    tags?: string[];
    responses: Record<string, { description: string; content?: Record<string, MediaType> }>;
    parameters?: { name: string; in: string; required?: boolean }[];
    security: object[];
    requestBody?: { content: object };
  }
  interface Contract {
    openapi: string;
    info: { title: string; version: string };
    servers: { url: string }[];
    tags: { name: string }[];
    paths: Record<string, Record<string, Operation>>;
    components: {
      schemas: Record<string, object>;
      examples: Record<string, { value: unknown }>;
      securitySchemes: Record<string, object>;
    };
  }
  let contract: Contract;
  beforeAll(async () => {
    contract = (await ask<Contract>(stack, '/openapi.json')).body;
  });

  test('is OpenAPI 3.1 with valid references and parameters', () => {
    expect(contract.openapi).toBe('3.1.0');
    expect(contract.info).toMatchObject({ title: 'Pixdock', version: expect.any(String) });
    const text = JSON.stringify(contract);
    for (const [, name = ''] of text.matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g))
      expect(Object.keys(contract.components.schemas)).toContain(name);
    // Not in 3.1, which uses `type: null` of JSON Schema.
    expect(text).not.toContain('"nullable"');
    for (const [path, operations] of Object.entries(contract.paths))
      for (const { responses, parameters = [], security } of Object.values(operations)) {
        const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
        const declared = parameters.filter((parameter) => parameter.in === 'path');
        expect(declared.map(({ name }) => name)).toEqual(inPath);
        expect(declared.every(({ required }) => required === true)).toBe(true);
        for (const response of Object.values(responses)) expect(response.description).toBeTruthy();
        for (const scheme of security.flatMap(Object.keys))
          expect(Object.keys(contract.components.securitySchemes)).toContain(scheme);
      }
  });

  test('names every operation, its tag and its security', () => {
    const operations = Object.values(contract.paths).flatMap(Object.values<Operation>);
    const ids = operations.map(({ operationId = '' }) => operationId);
    expect(ids.filter((id) => !/^[a-z]+(?:[A-Z][a-z]+)+$/.test(id))).toEqual([]);
    expect(new Set(ids).size).toBe(ids.length);
    const tags = operations.map((operation) => operation.tags ?? []);
    expect(tags.filter(({ length }) => length !== 1)).toEqual([]);
    expect([...new Set(tags.flat())].toSorted()).toEqual(contract.tags.map(({ name }) => name).toSorted());
    const open = operations.filter(({ security }) => security.length === 0);
    expect(open.map(({ tags: [tag] = [] }) => tag)).toEqual(['Health', 'Health', 'Errors', 'Errors']);
    expect(contract.servers).toMatchObject([{ url: '/' }]);
  });

  test.each(['en', 'zh'])(
    'has examples of each response in %s, which fit their schemas',
    async (language) => {
      const headers = { 'Accept-Language': language };
      const { body: document } = await ask<Contract>(stack, '/openapi.json', { headers });
      const declared = openContract(document);
      const faults: string[] = [];
      const used = new Set<string>();
      for (const [path, operations] of Object.entries(document.paths))
        for (const [method, { responses }] of Object.entries(operations))
          for (const [status, { content = {} }] of Object.entries(responses))
            for (const [type, { examples = {} }] of Object.entries(content)) {
              const line = `${method.toUpperCase()} ${path}`;
              if (Object.keys(examples).length === 0) faults.push(`${line} ${status} ${type}: none`);
              for (const [name, { $ref, value }] of Object.entries(examples)) {
                const shared = $ref?.split('/').at(-1) ?? '';
                used.add(shared);
                const example = $ref === undefined ? value : document.components.examples[shared]?.value;
                const text = typeof example === 'string' ? example : JSON.stringify(example);
                const response = { status: Number(status), headers: { 'content-type': type }, text };
                // The sampler writes it for a string whose schema has no example.
                if (text.includes('"text"')) faults.push(`${line} ${status} ${name}: ${text}`);
                for (const fault of declared.faultsIn(line, response))
                  faults.push(`${line} ${status} ${name}: ${fault}`);
                if (type === 'application/problem+json')
                  expect((example as Problem).status, `${line} ${name}`).toBe(Number(status));
              }
            }
      expect(faults).toEqual([]);
      expect(Object.keys(document.components.examples).filter((name) => !used.has(name))).toEqual([]);
    },
  );

  test('offers a form first among the content types', () => {
    for (const path of ['/v1/images', '/v1/batches'])
      expect(Object.keys(contract.paths[path]?.post?.requestBody?.content ?? {})[0]).toBe(
        'multipart/form-data',
      );
  });

  test('has no error by the recommended rules of Redocly', async () => {
    expect(await lintOpenApi(contract)).toEqual([]);
  });

  test.each([
    ['openapi-typescript', 'acme'],
    ['@hey-api/openapi-ts', 'other'],
  ] as const)(
    'lets %s generate a client that compiles, submits an image and reads it',
    async (generator, owner) => {
      const api = { url: stack.api.url, key: `key-of-the-owner-${owner}`, photo: BYTES };
      expect(await runGeneratedClient(generator, contract, api)).toEqual({
        status: 'queued',
        error: null,
        found: ['the same'],
        problem: 'invalid_request',
      });
    },
  );

  test('lists exactly the existing routes', async () => {
    const listed = Object.entries(contract.paths).flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(listed.toSorted()).toEqual([
      'DELETE /v1/batches/{id}',
      'DELETE /v1/images/{id}',
      'DELETE /v1/uploads/{id}',
      'DELETE /v1/webhooks/endpoints/{id}',
      'GET /livez',
      'GET /metrics',
      'GET /readyz',
      'GET /v1/batches',
      'GET /v1/batches/{id}',
      'GET /v1/batches/{id}/events',
      'GET /v1/batches/{id}/failed.csv',
      'GET /v1/batches/{id}/items',
      'GET /v1/batches/{id}/report.csv',
      'GET /v1/batches/{id}/report.ndjson',
      'GET /v1/batches/{id}/report.xlsx',
      'GET /v1/errors',
      'GET /v1/errors/{code}',
      'GET /v1/events',
      'GET /v1/failures',
      'GET /v1/failures/retry/{id}',
      'GET /v1/images',
      'GET /v1/images/{id}',
      'GET /v1/images/{id}/events',
      'GET /v1/profiles',
      'GET /v1/throughput',
      'GET /v1/uploads/{id}',
      'GET /v1/webhooks/deliveries',
      'GET /v1/webhooks/endpoints',
      'GET /v1/webhooks/recover/{id}',
      'PATCH /v1/batches/{id}',
      'PATCH /v1/uploads/{id}',
      'POST /v1/batches',
      'POST /v1/batches/preview',
      'POST /v1/batches/{id}/cancel',
      'POST /v1/batches/{id}/retry',
      'POST /v1/failures/retry',
      'POST /v1/images',
      'POST /v1/images/delete',
      'POST /v1/images/lookup',
      'POST /v1/images/{id}/retry',
      'POST /v1/upload-tokens',
      'POST /v1/uploads',
      'POST /v1/webhooks/deliveries/{id}/resend',
      'POST /v1/webhooks/endpoints',
      'POST /v1/webhooks/endpoints/{id}/rotate',
      'POST /v1/webhooks/endpoints/{id}/test',
      'POST /v1/webhooks/recover',
    ]);
    for (const route of listed) {
      const [method = '', path = ''] = route.split(' ');
      const url = path.replace('{id}', UNKNOWN).replace('{code}', 'canceled');
      // A stream of all events ends only with its life, and its HEAD has the same status.
      const { status } = await ask(stack, url, { method: path === '/v1/events' ? 'HEAD' : method });
      expect(status, route).not.toBe(405);
      expect(Object.keys(contract.paths[path]?.[method.toLowerCase()]?.responses ?? {}), route).toContain(
        String(status),
      );
    }
  });

  test('declares every response of every route', async () => {
    const { id } = (await upload(stack, BYTES)).body;
    const json = { 'Content-Type': 'application/json' };
    const key = { 'Idempotency-Key': 'contract' };
    const probes: [
      string,
      string,
      { body?: string | Buffer<ArrayBuffer>; headers?: Record<string, string> },
    ][] = [
      ['POST', '/v1/images', { body: BYTES }],
      ['POST', '/v1/images', { body: BYTES, headers: { Authorization: '' } }],
      ['POST', '/v1/images', { body: '{}', headers: json }],
      ['POST', '/v1/images', { body: 'text', headers: { 'Content-Type': 'text/plain' } }],
      ['POST', '/v1/images', { body: jpegLike(21 * 1024 * 1024) }],
      ['POST', '/v1/images', { body: BYTES, headers: key }],
      ['POST', '/v1/images', { body: jpegLike(10), headers: key }],
      ['GET', '/v1/images', {}],
      ['GET', '/v1/images?limit=0', {}],
      ['GET', '/v1/images', { headers: { Authorization: '' } }],
      ['GET', `/v1/images/${id}`, {}],
      ['GET', `/v1/images/${id}`, { headers: { 'If-None-Match': '"1"' } }],
      ['GET', `/v1/images/${id}`, { headers: { Authorization: '' } }],
      ['POST', `/v1/images/${id}/retry`, {}],
      ['DELETE', `/v1/images/${id}`, {}],
      ['GET', '/v1/errors/none', {}],
    ];
    for (const [method, path, init] of probes) {
      const { status } = await ask(stack, path, { ...init, method });
      const template =
        path
          .split('?')[0]
          ?.replace(/img_\w+/, '{id}')
          .replace('errors/none', 'errors/{code}') ?? '';
      const declared = Object.keys(contract.paths[template]?.[method.toLowerCase()]?.responses ?? {});
      expect(declared, `${method} ${path} → ${status}`).toContain(String(status));
    }
  });
});

test('reveals no secret, path, host or stack in responses and log lines', async () => {
  const responses: ApiResponse[] = [
    await upload(stack, Buffer.from('text'), { filename: '/home/me/secret.jpg' }),
    await upload(stack, BYTES, { fields: { x: '1' } }),
    await upload(stack, BYTES, { headers: { Authorization: 'Bearer a-wrong-secret' } }),
    await ask(stack, `/v1/images/${UNKNOWN}`),
    await ask(stack, '/v1/images?limit=x'),
    await ask(stack, '/nothing%0d%0aSet-Cookie:%20a=b%1b[31m'),
  ];
  const shown = responses.map(({ headers, body }) => JSON.stringify([[...headers], body])).join('\n');
  expect(shown).not.toMatch(/127\.0\.0\.1|localhost|\/work|\/tmp|node_modules|\.js:|vips|at Object|secret/);
  const log = stack.api.output();
  for (const secret of [
    'key-of-the-owner-acme',
    'key-of-the-owner-other',
    'a-wrong-secret',
    'e2e-secret',
    'LTAI-e2e',
    'secret.jpg',
  ])
    expect(log).not.toContain(secret);
  const lines = log.trim().split('\n');
  for (const line of lines) expect(() => JSON.parse(line)).not.toThrow();
  expect(log).not.toContain('\u001b');
  expect(log).not.toContain('\r');
});
