import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { temporaryFolder } from '@pixdock/shared/testing/temporary-folder';
import { expect, test } from 'vitest';
import { installWithApt } from '../harness/apt.js';
import { listFiles, readText } from './checkout.js';

const UNITS = listFiles('deploy/systemd').filter((path) => path.endsWith('.service'));
const ROOT_PACKAGE = JSON.parse(readText('package.json')) as { version: string; packageManager: string };
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

test('docker-compose.yml pulls the images of this version from one place', () => {
  const images = readText('docker-compose.yml').matchAll(/image: \$\{(.+)\}\/pixdock-(\w+):\$\{(.+)\}$/gm);
  const named = Array.from(images, ([, place, app, version]) => [app, place, version]);
  const version = `PIXDOCK_VERSION:-${ROOT_PACKAGE.version}`;
  expect(named).toEqual(['api', 'worker', 'ops'].map((app) => [app, named[0]?.[1], version]));
});

test.each(['Dockerfile', ...listFiles().filter((path) => path.endsWith('.md'))])(
  '%s names the pnpm that package.json pins',
  (path) => {
    const named = Array.from(readText(path).matchAll(/pnpm@\d[\w.]*/g), ([name]) => name);
    expect(named.filter((name) => name !== ROOT_PACKAGE.packageManager)).toEqual([]);
  },
);

test('systemd-analyze finds no fault in the units', async (context) => {
  const isInstalled = () => spawnSync('systemd-analyze', ['--version']).status === 0;
  if (!isInstalled()) await installWithApt(['systemd'], (line) => console.log(line));
  context.skip(!isInstalled(), 'systemd-analyze is not installed: apt-get install systemd');
  const folder = temporaryFolder();
  const copies = UNITS.map((unit) => join(folder, basename(unit)));
  // This machine may have Node elsewhere.
  for (const [n, copy] of copies.entries())
    writeFileSync(copy, readText(UNITS[n] ?? '').replace(/^ExecStart=\S+/m, `ExecStart=${process.execPath}`));
  const args = ['verify', '--man=no', '--recursive-errors=no', ...copies];
  const { status, stderr } = spawnSync('systemd-analyze', args, { encoding: 'utf8' });
  // It may also complain about other units of this machine.
  expect([status, stderr.split('\n').filter((line) => line.includes('pixdock'))]).toEqual([0, []]);
});

test.each(['docs/deploy.md', 'docs/deploy.zh-CN.md'])(
  '%s explains settings that deploy/nginx.conf has',
  (page) => {
    const named = [...readText(page).matchAll(/^\| `((?:[a-z]+\d?_)+[^`]+)`/gm)].map(([, text]) => text);
    expect(named.length).toBeGreaterThan(3);
    expect(named.filter((text) => !NGINX.includes(`${text};`))).toEqual([]);
  },
);

test.each(['docs/deploy.md', 'docs/deploy.zh-CN.md'])('mounts NAS in compose as %s does', (page) => {
  const [, options = ''] = / nfs (\S+),_netdev /.exec(readText(page)) ?? [];
  expect(options).toContain('hard');
  expect(readText('deploy/compose.nas.yml')).toContain(`},${options}\n`);
});
