import { type Credentials, isSame } from './auth/credentials.js';
import { issueTemporaryKey } from './auth/temporary-key.js';
import type { FaultRules } from './faults/fault-rules.js';
import { parseRule } from './faults/rule.js';
import type { Reply } from './http/reply.js';
import { type OssRequest, readBytes } from './http/request.js';
import { routes } from './operations/routes.js';

export type Controls = {
  credentials: Credentials;
  temporaryKeySeconds: number | undefined;
  faultToken: string | undefined;
};

/** Not a valid bucket name, so `/__oss-dev/faults` never collides with the path of an object. */
const CONTROL_BUCKET = '__oss-dev';
const maxRuleBytes = 64 * 1024;

/** The reply to a request for `/__oss-dev/faults` or `/__oss-dev/credentials`; null for any other request. */
export async function control(
  request: OssRequest,
  rules: FaultRules,
  controls: Controls,
): Promise<Reply | null> {
  if (request.bucket !== CONTROL_BUCKET) return null;
  if (request.key === 'faults') return controlFaults(request, rules, controls.faultToken);
  if (request.key === 'credentials') return replyWithTemporaryKey(request, controls);
  return null;
}

/** POST adds a rule, GET lists rules with their counts, DELETE removes all; each needs `Authorization: Bearer TOKEN`. */
async function controlFaults(
  request: OssRequest,
  rules: FaultRules,
  token: string | undefined,
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
      return add(request, rules);
    default:
      return json(405, { error: 'Use GET, POST or DELETE.' });
  }
}

async function add(request: OssRequest, rules: FaultRules): Promise<Reply> {
  const operations = routes.map(({ name }) => name);
  try {
    const rule = await readBytes(request.body, maxRuleBytes);
    if (rule === null) throw new Error('the rule is larger than 64 KiB');
    return json(201, rules.add(parseRule(rule.toString('utf8'), operations)));
  } catch (error) {
    return json(400, { error: error instanceof Error ? error.message : String(error) });
  }
}

/** GET replies with a new temporary key, as a server at ALIBABA_CLOUD_CREDENTIALS_URI does. */
function replyWithTemporaryKey(request: OssRequest, { credentials, temporaryKeySeconds }: Controls): Reply {
  if (temporaryKeySeconds === undefined) return json(404, { error: 'Not found.' });
  if (request.method !== 'GET') return json(405, { error: 'Use GET.' });
  return json(200, issueTemporaryKey(credentials, request.now + temporaryKeySeconds * 1000));
}

function json(status: number, value: unknown): Reply {
  const body = JSON.stringify(value);
  const headers = { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) };
  return { status, headers, body };
}
