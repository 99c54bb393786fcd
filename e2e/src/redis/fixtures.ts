import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { RedisConnection } from '@pixdock/shared/runtime/redis';

/** The state of an installation as readable JSON. */
export interface Fixture {
  redis: Record<string, Value>;
  /** Files below DATA_DIR/staging by path. */
  staging: Record<string, Content>;
  /** The expected outcome. */
  expected: Expected;
}

export interface Expected {
  /** Status and error code of each image by id. */
  images: Record<string, { status: string; code?: string }>;
  batches: Record<string, { status: string; counts: Record<string, number> }>;
}

type Value =
  | { hash: Record<string, string> }
  | { sorted: [member: string, score: string][] }
  | { list: string[] }
  | { set: string[] }
  | { string: string };
type Content = { text: string } | { base64: string };

const FOLDER = new URL('fixtures/', import.meta.url);
const PARTS = ['redis', 'staging', 'expected'] as const;

/** The released versions: none before the first release. */
export async function fixtureVersions(): Promise<string[]> {
  return existsSync(FOLDER) ? (await readdir(FOLDER)).toSorted() : [];
}

/** An Idempotency-Key is kept for a day. */
const AGE_MS = 3600_000;

/** A fixture with its times shifted as if it were written an hour ago. */
export async function readFixture(version: string): Promise<Fixture> {
  const read = (part: string) => readFile(new URL(`${version}/${part}.json`, FOLDER), 'utf8');
  const texts = await Promise.all(PARTS.map(read));
  const [, writtenAt = ''] = /"createdAt\\":\\"([^"\\]+)/.exec(texts.join('')) ?? [];
  const shiftMs = Date.now() - AGE_MS - Date.parse(writtenAt);
  const [redis, staging, expected] = texts.map((text) => JSON.parse(moveTimes(text, shiftMs)));
  return { redis, staging, expected };
}

/** Shifts ISO times, and times in milliseconds from 2001 to 2286. */
function moveTimes(text: string, shiftMs: number): string {
  return text
    .replace(/\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g, (time) =>
      new Date(Date.parse(time) + shiftMs).toISOString(),
    )
    .replace(/\b[1-9]\d{12}\b/g, (ms) => String(Number(ms) + shiftMs));
}

/** The OpenAPI document of a version. */
export async function readContract(version: string): Promise<Record<string, unknown>> {
  return JSON.parse(await readFile(new URL(`${version}/openapi.json`, FOLDER), 'utf8'));
}

export async function writeFixture(version: string, fixture: Fixture, contract: unknown): Promise<void> {
  const folder = new URL(`${version}/`, FOLDER);
  await mkdir(folder, { recursive: true });
  await writeFile(new URL('openapi.json', folder), `${JSON.stringify(contract)}\n`);
  for (const part of PARTS)
    await writeFile(new URL(`${part}.json`, folder), `${JSON.stringify(fixture[part], null, 2)}\n`);
}

/** All keys but streams, which only carry events. */
export async function dumpRedis(redis: RedisConnection): Promise<Fixture['redis']> {
  const dump: Fixture['redis'] = {};
  for (const key of (await redis.keys('*')).toSorted()) {
    const value = await dumpKey(redis, key, await redis.type(key));
    // A lease may have expired before it was read.
    if (value !== null && (await redis.exists(key)) === 1) dump[key] = value;
  }
  return dump;
}

async function dumpKey(redis: RedisConnection, key: string, type: string): Promise<Value | null> {
  if (type === 'hash') return { hash: await redis.hgetall(key) };
  if (type === 'list') return { list: await redis.lrange(key, 0, -1) };
  if (type === 'set') return { set: await redis.smembers(key) };
  if (type === 'string') return { string: (await redis.get(key)) ?? '' };
  if (type !== 'zset') return null;
  const flat = await redis.zrange(key, '0', '-1', 'WITHSCORES');
  return { sorted: pairs(flat) };
}

export async function loadRedis(redis: RedisConnection, dump: Fixture['redis']): Promise<void> {
  for (const [key, value] of Object.entries(dump)) {
    if ('hash' in value) await redis.hset(key, value.hash);
    else if ('list' in value) await redis.rpush(key, ...value.list);
    else if ('set' in value) await redis.sadd(key, ...value.set);
    else if ('string' in value) await redis.set(key, value.string);
    else for (const [member, score] of value.sorted) await redis.zadd(key, score, member);
  }
}

export async function dumpStaging(dataDir: string): Promise<Fixture['staging']> {
  const root = join(dataDir, 'staging');
  const files = await readdir(root, { recursive: true, withFileTypes: true });
  const dump: Fixture['staging'] = {};
  for (const file of files.filter((entry) => entry.isFile())) {
    const path = join(file.parentPath, file.name);
    const bytes = await readFile(path);
    const isText = /\.(nd)?json$/.test(path);
    dump[path.slice(root.length + 1)] = isText
      ? { text: bytes.toString('utf8') }
      : { base64: bytes.toString('base64') };
  }
  return dump;
}

export async function loadStaging(dataDir: string, dump: Fixture['staging']): Promise<void> {
  for (const [name, content] of Object.entries(dump)) {
    const path = join(dataDir, 'staging', name);
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await writeFile(path, 'text' in content ? content.text : Buffer.from(content.base64, 'base64'));
  }
}

function pairs(flat: string[]): [string, string][] {
  return Array.from({ length: flat.length / 2 }, (_, i) => [flat[2 * i] ?? '', flat[2 * i + 1] ?? '']);
}
