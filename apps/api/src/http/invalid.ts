import { PixdockError } from '@pixdock/contract/error';
import type { Arguments } from '@pixdock/contract/messages/catalog';
import { detailOf, locate, type Reason, type ReasonParams } from '@pixdock/contract/messages/detail';
import { meantName } from '@pixdock/contract/similar-name';
import type { ZodError, z } from 'zod';
import { fieldProblem } from './field-problem.js';
import { withoutNulls } from './without-nulls.js';

/** The error `invalid_request` with a sentence of the catalog. */
export function invalid<R extends Reason>(reason: R, ...params: Arguments<ReasonParams, R>): PixdockError {
  return new PixdockError('invalid_request', detailOf(reason, ...params));
}

/** The error for a query parameter that the call does not have. */
export function unknownParameter(name: string, known: readonly string[]): PixdockError {
  return invalid('unknown-parameter', { name, known, meant: meantName(name, known) });
}

/** The first problem of a query, whose call has the parameters `known`. */
export function invalidParameter(
  { issues }: ZodError,
  query: Record<string, string[]>,
  known: readonly string[],
): PixdockError {
  const name = String(issues[0]?.path[0]);
  if ((query[name] ?? []).length > 1) return invalid('repeated', { parameter: name });
  const { field, detail } = fieldProblem(issues, query, known);
  if (issues.some(({ code }) => code === 'unrecognized_keys')) return unknownParameter(field ?? '', known);
  return new PixdockError('invalid_request', locate(detail, { parameter: field ?? undefined }));
}

/**
 * A body by its schema; null members that the schema knows count as absent.
 * @throws PixdockError invalid_request naming the first invalid field
 */
export function parseFields<S extends z.ZodObject>(schema: S, body: unknown): z.output<S> {
  const names = Object.keys(schema.shape);
  const value = withoutNulls(body, names);
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw invalidField(parsed.error, value, names);
  return parsed.data;
}

/** The first problem of the fields of `value`, whose schema knows `names`. */
export function invalidField({ issues }: ZodError, value: unknown, names: readonly string[]): PixdockError {
  const { field, detail } = fieldProblem(issues, value, names);
  return new PixdockError('invalid_request', locate(detail, { field: field ?? undefined }));
}
