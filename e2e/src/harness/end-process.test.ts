import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { killOnExit } from '@pixdock/shared/testing/kill-on-exit';
import { expect, test, vi } from 'vitest';
import { endProcess } from './end-process.js';

async function startShell(script: string) {
  const child = killOnExit(spawn('/bin/sh', ['-c', script], { stdio: ['ignore', 'pipe', 'ignore'] }));
  await once(child.stdout, 'data');
  return child;
}

test('does not kill a process that ends on SIGTERM', async () => {
  const child = await startShell('trap "exit 3" TERM; echo ready; while :; do sleep 0.05; done');
  await endProcess(child, 20_000);
  expect([child.exitCode, child.signalCode]).toEqual([3, null]);
  await endProcess(child, 20_000);
});

test('kills a process that ignores SIGTERM, and rejects', async () => {
  const child = await startShell('trap "" TERM; echo ready; while :; do sleep 0.05; done');
  await expect(endProcess(child, 200)).rejects.toThrow('did not end within 200 ms of SIGTERM');
  expect(child.signalCode).toBe('SIGKILL');
});

test('kills a process that is stopped', async () => {
  const child = await startShell('echo ready; while :; do sleep 0.05; done');
  child.kill('SIGSTOP');
  // The kernel delivers a pending SIGTERM before SIGSTOP.
  await vi.waitFor(() => expect(readFileSync(`/proc/${child.pid}/stat`, 'utf8')).toMatch(/\) T /), 5000);
  await expect(endProcess(child, 200)).rejects.toThrow('it was killed');
});
