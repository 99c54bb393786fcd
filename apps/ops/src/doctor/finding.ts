import type { Text } from '@pixdock/contract/error-table';
import { StorageFault } from '@pixdock/object-store/types';
import { asError } from '@pixdock/shared/runtime/as-error';
import { FINDINGS, type FindingCode } from './findings.js';

/** A fault that the doctor saw itself; `seen` is what exactly. */
export class Finding extends Error {
  override readonly name = 'Finding';

  constructor(
    readonly code: FindingCode,
    readonly seen: string | null,
  ) {
    super(`${FINDINGS[code].problem}${seen === null ? '' : `: ${seen}`}`);
  }
}

/** What a step threw, as the report tells it. */
export function describeThrown(thrown: unknown): { code: string; detail: string; fix: Text } {
  if (thrown instanceof Finding) {
    return { code: thrown.code, detail: thrown.message, fix: FINDINGS[thrown.code].fix };
  }
  if (!(thrown instanceof StorageFault))
    return { code: 'Bug', detail: asError(thrown).message, fix: BUG_FIX };
  const { code, kind, status, requestId, ecCode, fix } = thrown.facts;
  const facts = [
    status === null ? 'no answer' : `status ${status}`,
    requestId === null ? null : `request ${requestId}`,
    ecCode === null ? null : `EC ${ecCode}`,
  ];
  return { code, detail: `${kind} fault, ${facts.filter((fact) => fact !== null).join(', ')}`, fix };
}

const BUG_FIX: Text = {
  en: 'This is a fault of Pixdock itself: please report it.',
  zh: '这是 Pixdock 自身的问题，请反馈给我们。',
};
