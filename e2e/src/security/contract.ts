import { ask } from '../harness/client.js';
import type { Stack } from '../harness/stack.js';

export interface Operation {
  /** `GET /v1/images/{id}`. */
  name: string;
  method: string;
  path: string;
  needsKey: boolean;
}

/** All operations in the API's OpenAPI document, so that new ones are always included, and HEAD for each GET. */
export async function readOperations(stack: Stack): Promise<Operation[]> {
  const { body } = await ask<{ paths: Record<string, Record<string, { security?: object[] }>> }>(
    stack,
    '/openapi.json',
  );
  return Object.entries(body.paths).flatMap(([path, operations]) =>
    Object.entries(operations).flatMap(([name, { security }]) => {
      const methods = name === 'get' ? ['GET', 'HEAD'] : [name.toUpperCase()];
      return methods.map((method) => ({
        name: `${method} ${path}`,
        method,
        path,
        needsKey: security !== undefined,
      }));
    }),
  );
}

const PARAMETER = /\{(\w+)\}/;

/** The path of an operation with its parameter filled in. @throws for a path without a value in `of` */
export function pathWith(path: string, of: Record<string, string>): string {
  const place = path.slice(0, path.search(PARAMETER));
  const given = of[place];
  if (given === undefined) throw new Error(`no value for the parameter of ${path}`);
  return path.replace(PARAMETER, given);
}

export const hasParameter = ({ path }: Operation) => PARAMETER.test(path);
