import { isSame } from '../auth/credentials.js';
import type { Reply } from '../http/reply.js';
import { chunksOf, type OssRequest } from '../http/request.js';
import type { FaultRules } from './fault-rules.js';
import { parseRule } from './rule.js';

/** No bucket can be named so: this is what sets the control API's path, `/__oss-dev/faults`, apart from every object's. */
const controlBucket = '__oss-dev';
const maxRuleBytes = 64 * 1024;

export function isFaultControl({ bucket, key }: OssRequest): boolean {
  return bucket === controlBucket && key === 'faults';
}

/** POST adds a rule, GET lists them with their counts, DELETE removes all; each with `Authorization: Bearer` the token. */
export async function controlFaults(
  request: OssRequest,
  rules: FaultRules,
  token: string | undefined,
  operations: readonly string[],
): Promise<Reply> {
  if (!token) return json(404, { error: 'Not found.' });
  if (!isSame(request.headers['authorization'] ?? '', `Bearer ${token}`)) {
    return json(401, { error: 'Authorization: Bearer and the fault token, please.' });
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
      return json(405, { error: 'GET, POST or DELETE, please.' });
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
    if (text.length > maxRuleBytes) throw new Error('the rule is too large');
  }
  return text;
}

function json(status: number, value: unknown): Reply {
  const body = JSON.stringify(value);
  const headers = { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) };
  return { status, headers, body };
}
