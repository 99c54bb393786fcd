import type { Language } from '@pixdock/contract/messages/text';
import { meantName } from '@pixdock/contract/similar-name';
import { z } from 'zod';
import { say } from './messages/settings-file.js';

/** Describes a schema violation for people; for `safeParse(value, { error })`, which prefers the message of a schema. */
export function explainIssue(issue: z.core.$ZodRawIssue, language: Language): string {
  const value = quote(issue.input);
  switch (issue.code) {
    case 'invalid_type':
      if (issue.input === undefined) return say(language, 'missing');
      return say(language, 'wrong-type', { value, expected: issue.expected });
    case 'unrecognized_keys':
      return say(language, 'unknown-field', { fields: unknownFields(issue) });
    case 'invalid_value': {
      const options = issue.values.map(String);
      return say(language, 'not-an-option', {
        value,
        options,
        meant: meantName(String(issue.input), options),
      });
    }
    case 'too_small':
      return say(language, 'too-small', { value, min: String(issue.minimum) });
    case 'too_big':
      return say(language, 'too-large', { value, max: String(issue.maximum) });
    case 'invalid_key':
      return say(language, 'not-a-name', { value: quote(issue.path?.at(-1) ?? issue.input) });
    default:
      return say(language, 'invalid', { value });
  }
}

/** The unknown fields, each with the known one that it probably means. */
function unknownFields({ keys, inst }: z.core.$ZodRawIssue<z.core.$ZodIssueUnrecognizedKeys>) {
  const known = inst instanceof z.ZodObject ? Object.keys(inst.shape) : [];
  return keys.map((key) => ({ name: quote(key), meant: meantName(key, known) }));
}

/** Long enough to recognize a value, short enough for one line. */
const MAX_LENGTH = 60;

function quote(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH)}…` : text;
}
