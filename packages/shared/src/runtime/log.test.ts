import { expect, test } from 'vitest';
import { createLog, type Places } from './log.js';

/** The message of an error as it is logged, which is that of its cause, too. */
function told(message: string, places: Places): unknown {
  const lines: string[] = [];
  const destination = { write: (line: string) => void lines.push(line) };
  const error = new Error(message, { cause: new Error(message) });
  createLog('redis', { places, destination }).error({ err: error }, 'redis is away');
  const line = JSON.parse(lines.join(''));
  expect(line).toMatchObject({ level: 50, name: 'redis', msg: 'redis is away' });
  expect(line.err.cause.message).toBe(line.err.message);
  return line.err.message;
}

const PLACES: Places = [
  ['/data', 'DATA_DIR'],
  ['redis', 'REDIS_URL'],
  ['10.0.0.7:6379', 'REDIS_URL'],
  ['oss-cn-hangzhou.aliyuncs.com', 'ALIYUN_OSS_ENDPOINT'],
];

test.each([
  ["ENOENT: no such file, open '/data/staging/a'", "ENOENT: no such file, open '$DATA_DIR/staging/a'"],
  ['connect ECONNREFUSED 10.0.0.7:6379', 'connect ECONNREFUSED $REDIS_URL'],
  ['getaddrinfo ENOTFOUND Redis', 'getaddrinfo ENOTFOUND $REDIS_URL'],
  ['PUT https://oss-cn-hangzhou.aliyuncs.com/a', 'PUT https://$ALIYUN_OSS_ENDPOINT/a'],
  ['ENOTFOUND a.oss-cn-hangzhou.aliyuncs.com', 'ENOTFOUND a.$ALIYUN_OSS_ENDPOINT'],
  ['/database/x a/data/b ioredis redis-server', '/database/x a/data/b ioredis redis-server'],
  ['connect 10.0.0.7:63790', 'connect 10.0.0.7:63790'],
])('of %j it tells %j', (message, expected) => {
  expect(told(message, PLACES)).toBe(expected);
});

test('shortens paths of our files in a message to begin at our folders', () => {
  const here = new URL('../../../../', import.meta.url);
  const message = `${here}apps/a.js:7 imported from ${here.pathname}packages/b.js`;
  expect(told(message, [])).toBe('apps/a.js:7 imported from packages/b.js');
});

test('shortens paths in a stack to begin at our folders, and other paths to file names', () => {
  const lines: string[] = [];
  const error = new Error('no');
  error.stack = [
    'Error: no',
    '    at f (file:///srv/my%20pixdock/apps/api/dist/start.js:1:2)',
    '    at g (/srv/my pixdock/node_modules/.pnpm/a@1/node_modules/a/b.js:3:4)',
    '    at /home/somebody/planted.mjs:5:6',
    '    at node:internal/process/task_queues:7:8',
    `    at ${'/a'.repeat(50_000)}`,
  ].join('\n');
  createLog('a', { destination: { write: (line) => void lines.push(line) } }).error({ err: error });
  expect(JSON.parse(lines.join('')).err.stack.split('\n').slice(0, 5)).toEqual([
    'Error: no',
    '    at f (apps/api/dist/start.js:1:2)',
    '    at g (node_modules/.pnpm/a@1/node_modules/a/b.js:3:4)',
    '    at planted.mjs:5:6',
    '    at node:internal/process/task_queues:7:8',
  ]);
});

test('logs the name, message, code, stack and cause of an error, and none of its other properties', () => {
  const lines: string[] = [];
  const request = { headers: { authorization: 'Bearer secret' }, body: 'payload' };
  const facts = { code: 'ECONNRESET', request, response: 'payload', token: 'secret' };
  const cause = Object.assign(new Error('below'), facts);
  const error = Object.assign(new Error('above', { cause }), facts);
  createLog('a', { destination: { write: (line) => void lines.push(line) } }).error({ err: error });
  const { err } = JSON.parse(lines.join(''));
  expect(err).toEqual({
    name: 'Error',
    message: 'above',
    code: 'ECONNRESET',
    stack: expect.any(String),
    cause: { name: 'Error', message: 'below', code: 'ECONNRESET', stack: expect.any(String) },
  });
});

test('logs no text that JSON.parse quotes from a record or a row', () => {
  const lines: string[] = [];
  const log = createLog('a', { destination: { write: (line) => void lines.push(line) } });
  for (const text of ['x13812345678', '{"a":1,\n"externalId":"13812345678\n"}', '[13812345678 x']) {
    try {
      JSON.parse(text);
    } catch (error) {
      log.error({ err: error }, 'unexpected failure');
    }
  }
  expect(lines).toHaveLength(3);
  expect(lines.join('')).not.toContain('138123');
  expect(lines[0]).toContain("Unexpected token 'x', the text is not valid JSON");
});
