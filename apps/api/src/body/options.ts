import type { PixdockError } from '@pixdock/contract/error';
import { optionsSchema, type SubmissionOptions } from '@pixdock/contract/image';
import { invalid, invalidField } from '../http/invalid.js';

/** Planned option: an error that names it tells the caller that it had no effect. */
const NOT_YET = 'webhookUrl';

/**
 * The options of a submission from its form fields or query.
 * @throws PixdockError invalid_request naming the first invalid field
 */
export function parseOptions(fields: ReadonlyMap<string, string>): SubmissionOptions {
  const given: Record<string, unknown> = {};
  for (const [name, value] of fields) {
    if (name === NOT_YET) throw notBuilt(name);
    if (name === 'url') throw invalid('url-in-form');
    if (!Object.hasOwn(optionsSchema.shape, name)) throw invalid('unknown-field', { field: name });
    given[name] = name === 'metadata' ? parseMetadata(value) : value;
  }
  const parsed = optionsSchema.safeParse(given);
  if (parsed.success) return parsed.data;
  throw invalidField(parsed.error, given);
}

export function notBuilt(name: string): PixdockError {
  return invalid('field-not-available', { name });
}

function parseMetadata(value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    throw invalid('metadata-not-json', { field: 'metadata' });
  }
}
