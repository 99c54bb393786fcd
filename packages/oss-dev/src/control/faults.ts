import { isSame } from '../auth/credentials.js';
import type { FaultRules } from '../faults/fault-rules.js';
import { parseRule } from '../faults/rule.js';
import type { Reply } from '../http/reply.js';
import { chunksOf, type OssRequest } from '../http/request.js';
import { CONTROL_BUCKET, json } from './reply.js';

const maxRuleBytes = 64 * 1024;

export function isFaultControl({ bucket, key }: OssRequest): boolean {
  return bucket === CONTROL_BUCKET && key === 'faults';
}

/** POST adds a rule, GET lists rules with their counts, DELETE removes all; each needs `Authorization: Bearer TOKEN`. */
export async function controlFaults(
  request: OssRequest,
  rules: FaultRules,
  token: string | undefined,
  operations: readonly string[],
): Promise<Reply> {
  if (!token) return json(404, { error: 'Not found.' });
  if (!isSame(request.headers['authorization'] ?? '', `Bearer ${token}`)) {
    return json(401, { error: 'Send Authorization: Bearer and the fault token.' });
  }
  switch (request.method) {
    case 'GET':
      return json(200, { rules: rules.list() });
    case 'DELETE':
      rules.clear();
      return { status: 204, headers: {} };
    case 'POST':
      return add(request, rules, operations);
    default:
      return json(405, { error: 'Use GET, POST or DELETE.' });
  }
}

async function add(request: OssRequest, rules: FaultRules, operations: readonly string[]): Promise<Reply> {
  try {
    return json(201, rules.add(parseRule(await readText(request), operations)));
  } catch (error) {
    return json(400, { error: error instanceof Error ? error.message : String(error) });
  }
}

async function readText({ body }: OssRequest): Promise<string> {
  let text = '';
  for await (const chunk of chunksOf(body)) {
    text += chunk.toString('utf8');
    if (text.length > maxRuleBytes) throw new Error('the rule is larger than 64 KiB');
  }
  return text;
}
