import { PixdockError } from '@pixdock/contract/error';
import type { Arguments } from '@pixdock/contract/messages/catalog';
import { detailOf, locate, type Reason, type ReasonParams } from '@pixdock/contract/messages/detail';
import type { ZodError, z } from 'zod';
import { fieldProblem } from './field-problem.js';
import { withoutNulls } from './without-nulls.js';

/** The error `invalid_request` with a sentence of the catalog. */
export function invalid<R extends Reason>(reason: R, ...params: Arguments<ReasonParams, R>): PixdockError {
  return new PixdockError('invalid_request', detailOf(reason, ...params));
}

/** The first problem of a query. */
export function invalidParameter({ issues }: ZodError, query: Record<string, string[]>): PixdockError {
  const name = String(issues[0]?.path[0]);
  if ((query[name] ?? []).length > 1) return invalid('repeated', { parameter: name });
  const { field, detail } = fieldProblem(issues[0], query);
  if (detail.reason === 'unknown-field') return invalid('unknown-parameter', { name: field ?? '' });
  return new PixdockError('invalid_request', locate(detail, { parameter: field ?? undefined }));
}

/**
 * A body by its schema; null members of the known names count as absent.
 * @throws PixdockError invalid_request naming the first invalid field
 */
export function parseFields<S extends z.ZodType>(
  schema: S,
  body: unknown,
  names: readonly string[] = [],
): z.output<S> {
  const value = withoutNulls(body, names);
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw invalidField(parsed.error, value, names);
  return parsed.data;
}

/** The first problem of the fields of `value`. An unknown field counts as misspelled if it is similar to one of `names`. */
export function invalidField(
  { issues }: ZodError,
  value: unknown,
  names: readonly string[] = [],
): PixdockError {
  const { field, detail } = fieldProblem(issues[0], value, names);
  return new PixdockError('invalid_request', locate(detail, { field: field ?? undefined }));
}
