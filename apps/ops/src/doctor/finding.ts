import type { Text } from '@pixdock/contract/messages/text';
import { StorageFault } from '@pixdock/object-store/types';
import { asError } from '@pixdock/shared/runtime/as-error';
import { StartFault } from '@pixdock/shared/runtime/start-fault';
import { text } from '../messages/common.js';
import { type FindingCode, findingText } from '../messages/findings.js';

/** A fault that the doctor detects itself; `evidence` is what it observed. */
export class Finding extends Error {
  override readonly name = 'Finding';

  constructor(
    readonly code: FindingCode,
    readonly evidence: Text | null,
  ) {
    super(withEvidence(findingText(code), evidence).en);
  }

  get detail(): Text {
    return withEvidence(findingText(this.code), this.evidence);
  }
}

/** The code, detail and fix of whatever a step threw. */
export function describeThrown(thrown: unknown): { code: string; detail: Text; fix: Text } {
  if (thrown instanceof Finding)
    return { code: thrown.code, detail: thrown.detail, fix: findingText(`${thrown.code}.fix` as const) };
  if (thrown instanceof StartFault) return { code: thrown.name, detail: thrown.problem, fix: thrown.fix };
  if (!(thrown instanceof StorageFault)) {
    const detail = text('bug', { message: asError(thrown).message });
    return { code: 'Bug', detail, fix: text('bug.fix') };
  }
  const { code, kind, status, requestId, ecCode, fix } = thrown.facts;
  return { code, detail: text('storage-fault', { kind, status, requestId, ecCode }), fix };
}

function withEvidence(problem: Text, evidence: Text | null): Text {
  if (evidence === null) return problem;
  return { en: `${problem.en}: ${evidence.en}`, zh: `${problem.zh}：${evidence.zh}` };
}
