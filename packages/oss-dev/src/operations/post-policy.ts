import { OssError } from '../http/errors.js';

/** The policy of a form: its expiry in Unix milliseconds and its conditions. */
export type Policy = { expiration: number; conditions: Condition[]; size: { min: number; max: number } };
type Condition = { operator: Operator; field: string; values: string[]; source: unknown };
type Operator = 'eq' | 'starts-with' | 'in' | 'not-in';

/** Parses the base64 JSON of the `policy` field. @throws OssError InvalidPolicyDocument */
export function parsePolicy(text: string): Policy {
  const document = parseJson(text);
  if (typeof document['expiration'] !== 'string')
    throw invalid('it must have an expiration', '0006-00000208');
  const expiration = Date.parse(document['expiration']);
  if (Number.isNaN(expiration)) throw invalid('its expiration is not an ISO 8601 time', '0006-00000208');
  const list: unknown = document['conditions'];
  if (!Array.isArray(list)) throw invalid('it must have a list of conditions', '0006-00000207');
  if (list.length === 0) throw invalid('its list of conditions is empty', '0006-00000215');
  const size = { min: 0, max: Number.POSITIVE_INFINITY };
  const conditions: Condition[] = [];
  for (const source of list) {
    const range = readSizeRange(source);
    if (range) narrow(size, range);
    else conditions.push(readCondition(source));
  }
  return { expiration, conditions, size };
}

/** Checks all conditions except the size, which is checked while the file is read. @throws OssError AccessDenied */
export function checkPolicy(
  policy: Policy,
  valueOf: (field: string) => string | undefined,
  now: number,
): void {
  if (now > policy.expiration) throw denied('Policy expired.');
  for (const condition of policy.conditions) checkCondition(condition, valueOf(condition.field));
  // Without these conditions, a signed policy could be reused with another date or key.
  const signing = ['x-oss-signature-version', 'x-oss-credential', 'x-oss-date', 'x-oss-security-token'];
  for (const field of signing.filter((name) => valueOf(name) !== undefined)) {
    if (!policy.conditions.some((condition) => condition.field === field && condition.operator === 'eq')) {
      throw denied(`Policy must have an equality condition on ${field}.`);
    }
  }
}

function checkCondition({ operator, field, values, source }: Condition, value: string | undefined): void {
  if (value === undefined) {
    if (operator === 'not-in') return;
    throw denied(`Policy Condition failed: the form has no field ${field}`, '0006-00000226');
  }
  const holds = operator === 'starts-with' ? value.startsWith(values[0] ?? '') : values.includes(value);
  if (holds === (operator !== 'not-in')) return;
  throw denied(`Policy Condition failed: ${JSON.stringify(source)}`, '0006-00000227');
}

function readCondition(source: unknown): Condition {
  if (Array.isArray(source)) return readListCondition(source);
  if (typeof source !== 'object' || source === null)
    throw invalid('a condition is neither a map nor a list', '0006-00000222');
  const [entry, ...more] = Object.entries(source);
  if (!entry || more.length > 0) throw invalid('a Simple-Condition must have exactly one property');
  return { operator: 'eq', field: fieldName(entry[0]), values: [readString(entry[1])], source };
}

function readListCondition(source: unknown[]): Condition {
  const [operator, field, operand] = source;
  if (source.length !== 3 || !isOperator(operator))
    throw invalid('a condition has no matching mode', '0006-00000216');
  const isList = operator === 'in' || operator === 'not-in';
  if (isList !== Array.isArray(operand))
    throw invalid(`the operand of '${operator}' has the wrong type`, '0006-00000224');
  const values = Array.isArray(operand) ? operand.map(readString) : [readString(operand)];
  return { operator, field: fieldName(readString(field)), values, source };
}

function readSizeRange(source: unknown): { min: number; max: number } | undefined {
  if (!Array.isArray(source) || source[0] !== 'content-length-range') return undefined;
  const [, min, max] = source.map(Number);
  const isRange = source.length === 3 && Number.isInteger(min) && Number.isInteger(max);
  if (!isRange || min === undefined || max === undefined || min < 0 || min > max) {
    throw invalid('content-length-range must have two integers', '0006-00000224');
  }
  return { min, max };
}

function narrow(size: Policy['size'], range: Policy['size']): void {
  size.min = Math.max(size.min, range.min);
  size.max = Math.min(size.max, range.max);
}

function parseJson(text: string): Record<string, unknown> {
  try {
    const document: unknown = JSON.parse(Buffer.from(text, 'base64').toString('utf8'));
    if (typeof document === 'object' && document !== null) return { ...document };
  } catch {
    // Reported below.
  }
  throw invalid('it must be a JSON object in base64', '0006-00000201');
}

function fieldName(name: string): string {
  return name.replace(/^\$/, '').toLowerCase();
}

function readString(value: unknown): string {
  if (typeof value === 'string') return value;
  throw invalid('a condition compares with a value that is not a string', '0006-00000224');
}

function isOperator(value: unknown): value is Operator {
  return value === 'eq' || value === 'starts-with' || value === 'in' || value === 'not-in';
}

function invalid(why: string, ec?: string): OssError {
  return new OssError('InvalidPolicyDocument', `Invalid Policy: ${why}.`, ec);
}

function denied(why: string, ec?: string): OssError {
  return new OssError('AccessDenied', `Invalid according to Policy: ${why}`, ec);
}
