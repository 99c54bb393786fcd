import type { FieldReason } from './detail.js';

export type { FieldReason } from './detail.js';

/** Names the reason of a schema's issue: zod carries it as the message, and `fieldProblem` of the API renders it. */
export function reason(name: FieldReason): string {
  return name;
}
