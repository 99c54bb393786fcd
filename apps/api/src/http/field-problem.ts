import { type Detail, detailOf, type FieldReason } from '@pixdock/contract/messages/detail';
import { fieldMessages } from '@pixdock/contract/messages/fields';
import { printable } from '@pixdock/contract/messages/values';
import { PROFILE_NAME } from '@pixdock/contract/profile';
import { meantName } from '@pixdock/contract/similar-name';
import { SOURCE_HEADERS } from '@pixdock/contract/source';
import { METADATA_MAX_BYTES } from '@pixdock/contract/submission-options';
import { WEBHOOK_EVENTS } from '@pixdock/contract/webhook';
import type { z } from 'zod';

type Issue = z.core.$ZodIssue;
type TypeIssue = z.core.$ZodIssueInvalidType;

/** What is wrong with a value, without the place where it was given. */
export interface FieldProblem {
  /** Null for the whole value. */
  field: string | null;
  detail: Detail;
}

/**
 * The first problem of `value` that its schema reports.
 * @param names those that the schema knows: an unknown one may be a misspelling of them
 */
export function fieldProblem(
  issues: readonly Issue[],
  value: unknown,
  names: readonly string[],
): FieldProblem {
  // An unknown field explains why another one is missing.
  const issue = issues.find(({ code }) => code === 'unrecognized_keys') ?? issues[0];
  if (issue === undefined) return { field: null, detail: detailOf('invalid', {}) };
  if (issue.code === 'unrecognized_keys') return unknownField(printable(issue.keys[0] ?? ''), names);
  const field = issue.path.length === 0 ? null : printable(issue.path.join('.'));
  return { field, detail: problemOf(issue, valueAt(value, issue.path)) };
}

function unknownField(field: string, names: readonly string[]): FieldProblem {
  const meant = meantName(field, names);
  return {
    field,
    detail:
      meant === undefined
        ? detailOf('unknown-field', { known: names })
        : detailOf('misspelled-field', { meant }),
  };
}

function problemOf(issue: Issue, value: unknown): Detail {
  const { message } = issue;
  if (issue.code === 'invalid_type' && value === undefined && issue.path.length > 0)
    return detailOf('missing', message === 'not-event-types' ? { known: WEBHOOK_EVENTS } : {});
  if (isFieldReason(message)) return withParams(message, value);
  switch (issue.code) {
    case 'invalid_value':
      return optionProblem(issue.values.map(String), textOf(value));
    case 'invalid_type':
      return typeProblem(issue, value);
    case 'too_small':
      return detailOf('empty', {});
    case 'too_big':
      return issue.origin === 'array'
        ? detailOf('too-many-digests', { max: Number(issue.maximum) })
        : /^\s*data:/i.test(textOf(value) ?? '')
          ? detailOf('data-url', {})
          : detailOf('too-long', { max: Number(issue.maximum) });
    default:
      return detailOf('invalid', {});
  }
}

function optionProblem(options: readonly string[], value: string | undefined): Detail {
  const meant = value === undefined ? undefined : meantName(value, options);
  return value === undefined || meant === undefined
    ? detailOf('not-an-option', { options, value })
    : detailOf('misspelled-option', { value, meant });
}

function isFieldReason(message: string): message is FieldReason {
  return Object.hasOwn(fieldMessages, message);
}

function withParams(reason: FieldReason, value: unknown): Detail {
  switch (reason) {
    case 'metadata-too-large':
      return detailOf(reason, { max: METADATA_MAX_BYTES });
    case 'header-not-allowed':
      return detailOf(reason, { allowed: SOURCE_HEADERS });
    case 'not-event-types':
      return detailOf(reason, { known: WEBHOOK_EVENTS });
    case 'not-a-profile-name':
      return profileProblem(textOf(value));
    case 'not-a-sha256':
    case 'not-a-page-size':
    case 'not-seconds':
    case 'not-a-time':
      return detailOf(reason, { value: textOf(value) });
    case 'not-an-absolute-url':
    case 'not-an-http-url':
      return detailOf(reason, { value: urlOf(value) });
    default:
      return { reason, params: {} };
  }
}

function profileProblem(value: string | undefined): Detail {
  const meant = value?.trim().toLowerCase() ?? '';
  return value === undefined || !PROFILE_NAME.test(meant)
    ? detailOf('not-a-profile-name', { value })
    : detailOf('misspelled-option', { value, meant });
}

function typeProblem({ expected, path: [name] }: TypeIssue, value: unknown): Detail {
  if (expected === 'array') return detailOf('not-an-array', {});
  if (expected !== 'string') return detailOf('not-an-object', {});
  // A header may contain a secret.
  const isShown = name === 'externalId' || name === 'metadata';
  const isPlain = isShown && (typeof value === 'number' || typeof value === 'boolean');
  return detailOf('not-a-string', isPlain ? { value: String(value) } : {});
}

/** A query has a list of values for each name. */
function textOf(value: unknown): string | undefined {
  const [first] = [value].flat();
  return typeof first === 'string' ? first : undefined;
}

/**
 * Without its query, which may contain a token; nothing of a URL that may contain a password. A `#` at the start is that of
 * an error in a spreadsheet.
 */
function urlOf(value: unknown): string | undefined {
  const text = textOf(value);
  return text === undefined || text.includes('@') ? undefined : text.replace(/(?:\?|(?<!^)#).*$/s, '');
}

function valueAt(value: unknown, path: PropertyKey[]): unknown {
  return path.reduce<unknown>((at, key) => (at as Record<PropertyKey, unknown> | null)?.[key], value);
}
