/**
 * Fires from the `nth` matching request (default 1), on every one or on one in `every`, `count` times (default: without limit).
 * `key` is a regular expression; requests to a bucket have no key and never match one. `when` decides whether the fault
 * replaces the operation (`before`, the default) or only its response (`after`).
 */
export type FaultRule = {
  operation?: string;
  key?: string;
  nth: number;
  every: number;
  count?: number;
  when: 'before' | 'after';
  action: FaultAction;
};

export type FaultAction =
  | { type: 'error'; status: number; code: string; message?: string; ec?: string }
  /** 503 with `x-oss-qos-delay-time`, OSS's hint in milliseconds. */
  | { type: 'throttle'; delayMs: number }
  /** The HTML page of a proxy. */
  | { type: 'html'; status: number }
  | { type: 'empty'; status: number }
  /** Sends half of the response, then closes the connection. */
  | { type: 'cut'; status: number }
  | { type: 'reset' }
  | { type: 'hang' }
  | { type: 'delay'; ms: number }
  /** Sends nothing, and performs the operation `ms` after the client has given up; `when` has no effect. */
  | { type: 'late'; ms: number }
  /** Moves the clock of the server ahead, for signature checks and in `Date`. */
  | { type: 'clock'; offsetMs: number }
  /** This and the next one change the response of a completed operation; `when` has no effect. */
  | { type: 'wrong-etag' }
  | { type: 'callback-failed' };

/** Parses a rule from JSON. @throws Error that says what is wrong with it */
export function parseRule(text: string, operations: readonly string[]): FaultRule {
  const rule = asObject(JSON.parse(text), 'the rule');
  refuseUnknownFields(rule, ['operation', 'key', 'nth', 'every', 'count', 'when', 'action']);
  const { operation, key, nth = 1, every = 1, count, when = 'before' } = rule;
  if (operation !== undefined && !operations.includes(asText(operation, 'operation'))) {
    throw new Error(`operation must be one of ${operations.join(', ')}`);
  }
  if (when !== 'before' && when !== 'after') throw new Error('when must be before or after');
  return {
    ...(operation !== undefined && { operation: asText(operation, 'operation') }),
    ...(key !== undefined && { key: asPattern(key) }),
    nth: asNumber(nth, 'nth', 1),
    every: asNumber(every, 'every', 1),
    ...(count !== undefined && { count: asNumber(count, 'count', 1) }),
    when,
    action: parseAction(asObject(rule['action'], 'action')),
  };
}

function parseAction(action: Record<string, unknown>): FaultAction {
  const type = asText(action['type'], 'action.type');
  const fields = actionFields[type];
  if (!fields) throw new Error(`action.type must be one of ${Object.keys(actionFields).join(', ')}`);
  refuseUnknownFields(action, ['type', ...Object.keys(fields)]);
  for (const [name, kind] of Object.entries(fields)) {
    if (kind === 'text?' && action[name] === undefined) continue;
    if (kind.startsWith('text')) asText(action[name], name);
    if (kind === 'number') asNumber(action[name], name, Number.NEGATIVE_INFINITY);
    if (kind === 'positive') asNumber(action[name], name, 1);
    if (kind === 'status') asNumber(action[name], name, 200, 599);
  }
  return action as FaultAction;
}

const actionFields: Record<string, Record<string, 'number' | 'positive' | 'status' | 'text' | 'text?'>> = {
  error: { status: 'status', code: 'text', message: 'text?', ec: 'text?' },
  throttle: { delayMs: 'positive' },
  html: { status: 'status' },
  empty: { status: 'status' },
  cut: { status: 'status' },
  reset: {},
  hang: {},
  delay: { ms: 'positive' },
  late: { ms: 'positive' },
  clock: { offsetMs: 'number' },
  'wrong-etag': {},
  'callback-failed': {},
};

function asObject(value: unknown, name: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null) throw new Error(`${name} must be an object`);
  return { ...value };
}

function asText(value: unknown, name: string): string {
  if (typeof value === 'string') return value;
  throw new Error(`${name} must be a string`);
}

function asPattern(value: unknown): string {
  const source = asText(value, 'key');
  RegExp(source, 'u');
  return source;
}

function asNumber(value: unknown, name: string, min: number, max = Number.MAX_SAFE_INTEGER): number {
  if (Number.isInteger(value) && Number(value) >= min && Number(value) <= max) return Number(value);
  throw new Error(`${name} must be a whole number${min > 0 ? ` from ${min}` : ''}`);
}

function refuseUnknownFields(object: Record<string, unknown>, names: readonly string[]): void {
  const unknown = Object.keys(object).find((name) => !names.includes(name));
  if (unknown !== undefined) throw new Error(`'${unknown}' is not a field; use ${names.join(', ')}`);
}
