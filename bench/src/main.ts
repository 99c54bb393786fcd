import { say } from '@pixdock/e2e/harness/say';
import { accept } from './accept/accept.js';
import { backlog } from './backlog/backlog.js';
import type { Command } from './command/bench.js';
import { footprint } from './footprint/footprint.js';
import { heic } from './heic/heic.js';
import { hosts } from './hosts/hosts.js';
import { landing } from './landing/landing.js';
import { memory } from './memory/memory.js';
import { overload } from './overload/overload.js';
import { redisUse } from './redis/redis-use.js';
import { scale } from './scale/scale.js';
import { slowOss } from './slow-oss/slow-oss.js';
import { start } from './start/start.js';
import { status } from './status/status.js';

const BENCHES: Readonly<Record<string, Command>> = {
  landing,
  status,
  accept,
  overload,
  backlog,
  memory,
  footprint,
  redis: redisUse,
  heic,
  hosts,
  'slow-oss': slowOss,
  start,
  scale,
};

const [, , ...args] = process.argv;
const [name = ''] = args[0]?.startsWith('-') === false ? args.splice(0, 1) : ['landing'];
const command = BENCHES[name];
if (command === undefined || args.includes('--help')) {
  for (const [each, { usage }] of Object.entries(BENCHES)) say(`pnpm bench ${each} ${usage}`);
  process.exitCode = command === undefined ? 1 : 0;
} else await command.run(args);
