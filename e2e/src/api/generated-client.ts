import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { createClient } from '@hey-api/openapi-ts';
import openapiTS, { astToString } from 'openapi-typescript';

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** What the program below returns. */
export interface Outcome {
  status: string;
  error: object | null;
  found: string[];
  problem: string;
}

/** What the programs use. */
interface Api {
  url: string;
  key: string;
  photo: Uint8Array;
}

/** A program, and what generates the client that it imports into a folder. */
interface Generator {
  generate(document: object, folder: string): Promise<void>;
  program: string;
}

/** Generates a client from the OpenAPI document, and compiles and runs a program that uses it. */
export async function runGeneratedClient(
  name: keyof typeof GENERATORS,
  document: object,
  api: Api,
): Promise<Outcome> {
  const generator: Generator = GENERATORS[name];
  // Below e2e, so that the program finds its libraries.
  const folder = await mkdtemp(at('../../node_modules/.generated-client-'));
  try {
    await generator.generate(document, folder);
    await writeFile(join(folder, 'program.ts'), generator.program);
    await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: OPTIONS }));
    execFileSync(at('../../../node_modules/.bin/tsc'), ['-p', folder], { encoding: 'utf8' });
    const { run } = await import(pathToFileURL(join(folder, 'program.js')).href);
    return await run(api);
  } finally {
    await rm(folder, { recursive: true });
  }
}

const OPTIONS = {
  strict: true,
  noUncheckedIndexedAccess: true,
  module: 'nodenext',
  target: 'es2022',
  lib: ['es2023', 'dom', 'dom.iterable'],
  types: [],
};

const OPENAPI_TYPESCRIPT = `
import createClient from 'openapi-fetch';
import type { components, paths } from './api.js';

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

const HEY_API = `
import { createClient } from './client/client/index.js';
import { listImages, readImage, submitImage } from './client/sdk.gen.js';
import type { Image, Problem } from './client/types.gen.js';

export async function run({ url, key, photo }: { url: string; key: string; photo: Uint8Array<ArrayBuffer> }) {
  const client = createClient({ baseUrl: url, auth: key });
  const file = new File([photo], 'photo.jpg', { type: 'image/jpeg' });
  // As in docs/clients.md: of several content types it offers JSON alone.
  const submitted = await submitImage({
    client,
    body: file as never,
    bodySerializer: null,
    headers: { 'Content-Type': file.type },
    query: { externalId: 'generated' },
  });
  if (submitted.data === undefined) throw new Error(submitted.error.code);
  const { id } = submitted.data;
  const read = await readImage({ client, path: { id }, query: { wait: 0 } });
  if (read.data === undefined) throw new Error(read.error.detail);
  const image: Image = read.data;
  const error: Problem | null = image.error;
  const list = await listImages({ client, query: { externalId: 'generated' } });
  const wrong = await listImages({ client, query: { cursor: 'wrong' } });
  return {
    status: image.status,
    error,
    found: list.data?.items.map((item) => item.id === id ? 'the same' : 'another') ?? [],
    problem: wrong.error?.code ?? 'none',
  };
}
`;

const GENERATORS = {
  'openapi-typescript': {
    async generate(document, folder) {
      await writeFile(join(folder, 'api.d.ts'), astToString(await openapiTS(JSON.stringify(document))));
    },
    program: OPENAPI_TYPESCRIPT,
  },
  '@hey-api/openapi-ts': {
    async generate(document, folder) {
      const input = join(folder, 'openapi.json');
      await writeFile(input, JSON.stringify(document));
      await createClient({
        input,
        output: { path: join(folder, 'client'), importFileExtension: '.js' },
        plugins: ['@hey-api/client-fetch', '@hey-api/typescript', '@hey-api/sdk'],
        logs: { level: 'silent' },
      });
    },
    program: HEY_API,
  },
} as const satisfies Record<string, Generator>;
