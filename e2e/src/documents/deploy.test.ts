import { expect, test } from 'vitest';
import { listFiles, readText } from './checkout.js';

const UNITS = listFiles('deploy/systemd').filter((path) => path.endsWith('.service'));
const NGINX = readText('deploy/nginx.conf');

test.each(UNITS)('%s runs the command of README for its service', (unit) => {
  const [, command = ''] = /^ExecStart=\/usr\/local\/bin\/(.+)$/m.exec(readText(unit)) ?? [];
  expect(command).toMatch(/^node .*apps\/(api|worker)\/dist\/main\.js$/);
  expect(readText('README.md')).toMatch(new RegExp(`^${command.replaceAll('.', '\\.')}( |$)`, 'm'));
});

test.each(UNITS)('%s waits at a stop as long as docker-compose.yml does', (unit) => {
  const [, seconds] = /^TimeoutStopSec=(\d+)$/m.exec(readText(unit)) ?? [];
  const [app = ''] = /api|worker/.exec(unit) ?? [];
  const service = readText('docker-compose.yml').split(new RegExp(`^  ${app}:$`, 'm'))[1] ?? '';
  expect(/stop_grace_period: (\d+)s/.exec(service)?.[1]).toBe(seconds);
});

test('gives the worker of systemd the capabilities that it has in docker-compose.yml', () => {
  const [, composed = ''] = /cap_add: \[(.+)\]/.exec(readText('docker-compose.yml')) ?? [];
  const unit = readText('deploy/systemd/pixdock-worker.service');
  const [, granted = ''] = /^CapabilityBoundingSet=(.+)$/m.exec(unit) ?? [];
  expect(granted.split(' ')).toEqual(composed.split(', ').map((name) => `CAP_${name}`));
});

test('lets the largest batch and the longest wait through nginx', () => {
  const [, mebibytes] = /client_max_body_size (\d+)m;/.exec(NGINX) ?? [];
  const [, gibibytes] = /`MAX_BATCH_BYTES` +\| \d+, (\d+)GiB/.exec(readText('README.md')) ?? [];
  const [, longestWait] =
    /MAX_WAIT_SECONDS = (\d+);/.exec(readText('apps/api/src/http/preferred-wait.ts')) ?? [];
  expect(Number(mebibytes)).toBeGreaterThan(1024 * Number(gibibytes));
  expect(Number(/proxy_read_timeout (\d+)s;/.exec(NGINX)?.[1])).toBeGreaterThan(Number(longestWait));
});

test.each(['docs/deploy.md', 'docs/deploy.zh-CN.md'])(
  '%s explains settings that deploy/nginx.conf has',
  (page) => {
    const named = [...readText(page).matchAll(/^\| `((?:client|proxy)_[^`]+)`/gm)].map(([, text]) => text);
    expect(named.length).toBeGreaterThan(3);
    expect(named.filter((text) => !NGINX.includes(`${text};`))).toEqual([]);
  },
);
