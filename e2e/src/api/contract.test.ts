/* /openapi.json. That each response fits it is checked where the exchanges are recorded. */
import { createConfig, lintFromString } from '@redocly/openapi-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openContract } from '../exchanges/contract.js';
import { ask } from '../harness/client.js';
import { type Stack, startApiOnly } from '../harness/stack.js';
import { runGeneratedClient } from './generated-client.js';
import { jpegLike } from './support.js';

interface MediaType {
  schema: object;
  examples?: Record<string, { $ref?: string; value?: unknown }>;
}

interface Operation {
  operationId?: string;
  tags?: string[];
  responses: Record<string, { content?: Record<string, MediaType> }>;
  security: object[];
  requestBody?: { content: object };
}

interface Contract {
  servers: { url: string }[];
  tags: { name: string }[];
  paths: Record<string, Record<string, Operation>>;
  components: { examples: Record<string, { value: unknown }> };
}

let stack: Stack;
let contract: Contract;
beforeAll(async () => {
  stack = await startApiOnly();
  contract = (await ask<Contract>(stack, '/openapi.json')).body;
});
afterAll(() => stack.stop());

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

test.each(['en', 'zh'])('has examples of each response in %s, which fit their schemas', async (language) => {
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
              expect((example as { status: number }).status, `${line} ${name}`).toBe(Number(status));
          }
        }
  expect(faults).toEqual([]);
  expect(Object.keys(document.components.examples).filter((name) => !used.has(name))).toEqual([]);
});

test('offers a form first among the content types', () => {
  for (const path of ['/v1/images', '/v1/batches'])
    expect(Object.keys(contract.paths[path]?.post?.requestBody?.content ?? {})[0]).toBe(
      'multipart/form-data',
    );
});

test('has no error by the recommended rules of Redocly', async () => {
  const config = await createConfig({ extends: ['recommended'] });
  const problems = await lintFromString({ source: JSON.stringify(contract), config });
  expect(problems.filter(({ severity }) => severity === 'error')).toEqual([]);
});

test.each([
  ['openapi-typescript', 'acme'],
  ['@hey-api/openapi-ts', 'other'],
] as const)(
  'lets %s generate a client that compiles, submits an image and reads it',
  async (generator, owner) => {
    const api = { url: stack.api.url, key: `key-of-the-owner-${owner}`, photo: jpegLike(5000) };
    expect(await runGeneratedClient(generator, contract, api)).toEqual({
      status: 'queued',
      error: null,
      found: ['the same'],
      problem: 'invalid_request',
    });
  },
);
