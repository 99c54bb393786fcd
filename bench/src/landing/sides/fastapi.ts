import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePort } from '@pixdock/shared/testing/free-port';
import { killOnExit } from '@pixdock/shared/testing/kill-on-exit';
import { formOf, send } from '../send.js';
import type { Side } from '../side.js';
import type { Surroundings } from './all.js';
import { kill } from './node-server.js';

/** Debian's Python, which has Debian's packages. */
const PYTHON = '/usr/bin/python3';
const SERVER = fileURLToPath(new URL('../servers/upload-route.py', import.meta.url));

/** The way of the tutorials: a FastAPI route with Pillow. @returns null where it is not installed */
export async function startFastApi({ sink, folder }: Surroundings): Promise<Side | null> {
  const found = spawnSync(PYTHON, ['-c', 'import fastapi, python_multipart, uvicorn, PIL']);
  if (found.status !== 0) return null;
  const port = await freePort();
  const env = { PORT: String(port), TARGET: `${sink.endpoint}/${sink.bucket}`, TMPDIR: folder };
  const child = killOnExit(spawn(PYTHON, [SERVER], { env, stdio: ['ignore', 'ignore', 'inherit'] }));
  const url = `http://127.0.0.1:${port}/images`;
  await untilReady(url, child);
  return {
    name: 'fastapi',
    processes: { server: child.pid ?? 0 },
    async land(picture) {
      const began = performance.now();
      await send(url, formOf(picture));
      return performance.now() - began;
    },
    redisBytes: () => null,
    stop: () => kill(child),
  };
}

async function untilReady(url: string, child: ChildProcess): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    if (child.exitCode !== null) break;
    if (await fetch(url).then(Boolean, () => false)) return;
    await sleep(100);
  }
  throw new Error('the FastAPI server does not respond');
}
