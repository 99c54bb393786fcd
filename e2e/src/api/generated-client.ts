import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import openapiTS, { astToString } from 'openapi-typescript';

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** What the program below returns. */
export interface Outcome {
  status: string;
  error: object | null;
  found: string[];
  problem: string;
}

/** Generates a client from the OpenAPI document, and compiles and runs a program that uses it. */
export async function runGeneratedClient(
  document: object,
  api: { url: string; key: string; photo: Uint8Array },
): Promise<Outcome> {
  // Below e2e, so that the program finds its libraries.
  const folder = await mkdtemp(at('../../node_modules/.generated-client-'));
  try {
    await writeFile(join(folder, 'api.d.mts'), astToString(await openapiTS(JSON.stringify(document))));
    await writeFile(join(folder, 'program.mts'), PROGRAM);
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: OPTIONS }));
    execFileSync(at('../../../node_modules/.bin/tsc'), ['-p', folder], { encoding: 'utf8' });
    const program = await import(pathToFileURL(join(folder, 'program.mjs')).href);
    return await program.run(api);
  } finally {
    await rm(folder, { recursive: true });
  }
}

const OPTIONS = {
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  module: 'nodenext',
  target: 'es2022',
  lib: ['es2023', 'dom', 'dom.iterable'],
  types: [],
};

const PROGRAM = `
import createClient from 'openapi-fetch';
import type { components, paths } from './api.mjs';

type Image = components['schemas']['Image'];

export async function run({ url, key, photo }: { url: string; key: string; photo: Uint8Array<ArrayBuffer> }) {
  const client = createClient<paths>({ baseUrl: url, headers: { Authorization: 'Bearer ' + key } });
  const submitted = await client.POST('/v1/images', {
    body: { file: 'photo.jpg', profile: 'default', externalId: 'generated' },
    bodySerializer: () => {
      const form = new FormData();
      form.append('externalId', 'generated');
      form.append('file', new Blob([photo]), 'photo.jpg');
      return form;
    },
  });
  if (submitted.error !== undefined) throw new Error(submitted.error.code);
  const { id } = submitted.data;
  const read = await client.GET('/v1/images/{id}', { params: { path: { id }, query: { wait: 0 } } });
  if (read.error !== undefined) throw new Error(read.error.detail);
  const image: Image = read.data;
  const error: components['schemas']['Problem'] | null = image.error;
  const list = await client.GET('/v1/images', { params: { query: { externalId: 'generated' } } });
  const wrong = await client.GET('/v1/images', { params: { query: { cursor: 'wrong' } } });
  return {
    status: image.status,
    error,
    found: list.data?.items.map((item) => item.id === id ? 'the same' : 'another') ?? [],
    problem: wrong.error?.code ?? 'none',
  };
}
`;
