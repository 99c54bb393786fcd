import { PixdockError } from '@pixdock/contract/error';
import { detailOf } from '@pixdock/contract/messages/detail';
import { isSimilarName, meantName } from '@pixdock/contract/similar-name';
import { optionsSchema, type SubmissionOptions } from '@pixdock/contract/submission-options';
import { invalid, invalidField } from '../http/invalid.js';
import type { UploadTokenRights } from '../keys/upload-token.js';
import { misspelled, twice, URL_IN_FORM } from './form-problems.js';

/** The options that an upload token fixes for its submissions. */
export type TokenOptions = Pick<UploadTokenRights, 'profile' | 'deleteAfterSeconds'>;

export const OPTIONS: readonly string[] = Object.keys(optionsSchema.shape);

/** Whether a form field is an option, or `url`, which a form cannot have. */
export function isOption(field: string): boolean {
  return OPTIONS.includes(field) || field === 'url' || metadataKeyOf(field) !== null;
}

/** The key of a field or a query parameter `metadata.KEY`; null for another name. */
export function metadataKeyOf(field: string): string | null {
  return /^metadata\.(.+)$/s.exec(field)?.[1] ?? null;
}

/**
 * Returns the option that an unknown name probably means, as the caller should write it, or null. Such a name differs from an
 * option in case, `_`, `-`, brackets or one letter.
 */
export function meantOption(name: string): string | null {
  const [, base = '', separator = '', key = ''] = /^([^.[]*)([.[]?)(.*?)\]?$/s.exec(name) ?? [];
  const option = OPTIONS.find((known) => isSimilarName(base, known));
  if (option === undefined) return null;
  return option === 'metadata' && separator !== '' && key !== '' ? `metadata.${key}` : option;
}

/** The options of a raw body. @throws PixdockError invalid_request, forbidden for options that an upload token does not permit */
export function queryOptions(
  query: Readonly<Record<string, string[]>>,
  token: TokenOptions | null,
): SubmissionOptions {
  const fields = new Map<string, string>();
  for (const [name, values] of Object.entries(query)) {
    if (values.length > 1) throw invalid('repeated', { parameter: name });
    fields.set(name, values[0] ?? '');
  }
  return parseOptions(fields, token);
}

/**
 * The options of a submission from the fields of its query.
 * @throws PixdockError invalid_request naming the first invalid parameter
 */
export function parseOptions(
  fields: ReadonlyMap<string, string>,
  token: TokenOptions | null = null,
): SubmissionOptions {
  const given: Record<string, unknown> = {};
  const members: [key: string, value: string][] = [];
  for (const [name, value] of fields) {
    const key = metadataKeyOf(name);
    if (name === 'url') throw URL_IN_FORM();
    if (key !== null) members.push([key, value]);
    else if (OPTIONS.includes(name)) given[name] = name === 'metadata' ? parseMetadata(value) : value;
    else throw unknown(name);
  }
  if (members.length > 0) given['metadata'] = withMembers(given['metadata'] ?? {}, members);
  const bounded = token === null ? given : withTokenOptions(given, token);
  const parsed = optionsSchema.safeParse(bounded);
  if (parsed.success) return checkReplace(parsed.data);
  throw invalidField(parsed.error, bounded, OPTIONS);
}

/**
 * The options of a submission from its form fields. Empty ones are absent; fields that are not options are ignored.
 * @throws PixdockError invalid_request naming the first invalid field
 */
export function parseFormOptions(
  fields: ReadonlyMap<string, string>,
  token: TokenOptions | null = null,
): SubmissionOptions {
  const filled = [...fields].filter(([name, value]) => value !== '' && isOption(name));
  return parseOptions(new Map(filled), token);
}

/** @throws PixdockError invalid_request */
export function checkReplace<O extends Pick<SubmissionOptions, 'replace' | 'externalId'>>(options: O): O {
  if (options.replace && options.externalId === null)
    throw invalid('replace-without-external-id', { field: 'replace' });
  return options;
}

/**
 * The profile and the deletion time of a token apply to all its submissions, whatever the page sends.
 * @param given options of a form, a query or JSON
 * @throws PixdockError forbidden for options that the token does not permit
 */
export function withTokenOptions(given: unknown, { profile, deleteAfterSeconds }: TokenOptions): object {
  const options: { profile?: unknown; replace?: unknown } = { ...Object(given) };
  if (profile !== null && options.profile !== undefined && options.profile !== profile)
    throw new PixdockError('forbidden', detailOf('token-profile', { profile }));
  if (String(options.replace) === 'true') throw new PixdockError('forbidden', detailOf('token-replace'));
  return {
    ...options,
    ...(profile === null ? {} : { profile }),
    ...(deleteAfterSeconds === null ? {} : { deleteAfterSeconds }),
  };
}

function unknown(name: string): PixdockError {
  const meant = meantOption(name) ?? meantName(name, OPTIONS);
  return meant === undefined
    ? invalid('unknown-field', { field: name, known: OPTIONS })
    : misspelled(name, meant);
}

function parseMetadata(value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    throw invalid('metadata-not-json', { field: 'metadata' });
  }
}

/** Adds the fields `metadata.KEY` to the field `metadata`; leaves a value that is not an object to its schema. */
function withMembers(
  metadata: unknown,
  members: readonly (readonly [key: string, value: string])[],
): unknown {
  if (typeof metadata !== 'object' || metadata === null || Array.isArray(metadata)) return metadata;
  const known = Object.entries(metadata);
  for (const [key] of members) if (Object.hasOwn(metadata, key)) throw twice(`metadata.${key}`);
  // Defines a member named __proto__ as any other, so that the schema refuses it.
  return Object.fromEntries([...known, ...members]);
}
