import { ask } from '../harness/client.js';
import type { Stack } from '../harness/stack.js';

export interface Operation {
  /** `GET /v1/images/{id}`. */
  name: string;
  operationId: string;
  method: string;
  path: string;
  needsKey: boolean;
}

/** Every operation in the API's own contract, so that none is forgotten; HEAD with each GET. */
export async function readOperations(stack: Stack): Promise<Operation[]> {
  const { body } = await ask<{
    paths: Record<string, Record<string, { security: object[]; operationId: string }>>;
  }>(stack, '/openapi.json');
  return Object.entries(body.paths).flatMap(([path, operations]) =>
    Object.entries(operations).flatMap(([name, { security, operationId }]) => {
      const methods = name === 'get' ? ['GET', 'HEAD'] : [name.toUpperCase()];
      return methods.map((method) => ({
        name: `${method} ${path}`,
        operationId,
        method,
        path,
        needsKey: security.length > 0,
      }));
    }),
  );
}

/** Creates a webhook endpoint as acme. */
export async function addEndpoint(stack: Stack): Promise<{ id: string }> {
  const body = JSON.stringify({ url: 'https://shop.example.com/hook', events: ['image.published'] });
  const headers = { 'Content-Type': 'application/json' };
  return (await ask<{ id: string }>(stack, '/v1/webhooks/endpoints', { method: 'POST', body, headers })).body;
}

/** Creates a resumable upload as acme, and returns its id. */
export async function addUpload(stack: Stack): Promise<string> {
  const headers = { 'Tus-Resumable': '1.0.0', 'Upload-Length': '1000' };
  const created = await ask(stack, '/v1/uploads', { method: 'POST', headers });
  return created.headers.get('location')?.split('/').at(-1) ?? '';
}

const PARAMETER = /\{(\w+)\}/;

/** The path of an operation with its parameter filled in. @throws for an unknown kind of path */
export function pathWith(path: string, of: Record<string, string>): string {
  const place = path.slice(0, path.search(PARAMETER));
  const given = of[place];
  if (given === undefined) throw new Error(`say what ${path} is to be asked with`);
  return path.replace(PARAMETER, given);
}

/** Whether the server never ends the response. */
export const isStream = ({ path }: Operation) => path.endsWith('/events');

export const hasParameter = ({ path }: Pick<Operation, 'path'>) => PARAMETER.test(path);
