import { say } from '@pixdock/e2e/harness/say';
import { accept } from './accept/bench.js';
import { backlog } from './backlog/bench.js';
import type { Command } from './command/bench.js';
import { footprint } from './footprint/bench.js';
import { heic } from './heic/bench.js';
import { hosts } from './hosts/bench.js';
import { landing } from './landing/bench.js';
import { memory } from './memory/bench.js';
import { overload } from './overload/bench.js';
import { redis } from './redis/bench.js';
import { scale } from './scale/bench.js';
import { slowOss } from './slow-oss/bench.js';
import { start } from './start/bench.js';
import { status } from './status/bench.js';

const BENCHES: Readonly<Record<string, Command>> = {
  landing,
  status,
  accept,
  overload,
  backlog,
  memory,
  footprint,
  redis,
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
