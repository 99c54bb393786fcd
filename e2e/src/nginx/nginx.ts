import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { freePort } from '@pixdock/shared/testing/free-port';
import { killOnExit } from '@pixdock/shared/testing/kill-on-exit';
import { readText } from '../documents/checkout.js';
import { until } from '../harness/client.js';
import { endProcess } from '../harness/end-process.js';

const STOP_WITHIN_MS = 10_000;

/** Debian's nginx is outside the PATH of other users than root. */
export const findNginx = (): string | null =>
  ['nginx', '/usr/sbin/nginx'].find((name) => spawnSync(name, ['-v']).status === 0) ?? null;

export interface Nginx {
  /** Of the server with TLS. */
  url: string;
  /** Of the server without TLS. */
  plainUrl: string;
  /** The certificate of `url`, in PEM. */
  certificate: string;
  /** The lines that nginx wrote for each request, and its errors. */
  accessLog(): Promise<string>;
  errorLog(): Promise<string>;
  stop(): Promise<void>;
}

/** Runs nginx with deploy/nginx.conf in front of the API; only addresses, ports and paths are changed. */
export async function startNginx(nginx: string, api: string): Promise<Nginx> {
  const folder = await mkdtemp(join(tmpdir(), 'pixdock-nginx-'));
  const at = (name: string) => join(folder, name);
  const [plain, secure] = await Promise.all([freePort(), freePort()]);
  await mkdir(at('temp'));
  execFileSync(
    'openssl',
    ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2']
      .concat(['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'])
      .concat(['-keyout', at('key.pem'), '-out', at('certificate.pem')]),
    { stdio: 'ignore' },
  );
  const changes: [string, string][] = [
    ['server 127.0.0.1:3000;', `server ${new URL(api).host};`],
    ['listen 80;', `listen 127.0.0.1:${plain};`],
    ['listen 443 ssl;', `listen 127.0.0.1:${secure} ssl;`],
    ['/etc/nginx/pixdock.pem', at('certificate.pem')],
    ['/etc/nginx/pixdock.key', at('key.pem')],
    ['/var/log/nginx/pixdock.log', at('access.log')],
  ];
  const site = changes.reduce((text, [from, to]) => {
    if (text.split(from).length !== 2) throw new Error(`deploy/nginx.conf has "${from}" not exactly once`);
    return text.replace(from, to);
  }, readText('deploy/nginx.conf'));
  await writeFile(at('site.conf'), site);
  const temp = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (kind) => `${kind}_temp_path ${at(`temp/${kind}`)};`,
  );
  await writeFile(
    at('nginx.conf'),
    // As Debian's nginx.conf, which includes conf.d.
    `daemon off; user ${userInfo().username}; worker_processes 1; pid ${at('pid')}; error_log ${at('error.log')} warn;
     events { worker_connections 768; }
     http { sendfile on; tcp_nopush on; gzip on; default_type application/octet-stream; ${temp.join(' ')} include ${at('site.conf')}; }`,
  );
  const options = ['-p', folder, '-c', at('nginx.conf'), '-e', at('error.log')];
  const child = killOnExit(spawn(nginx, options, { stdio: 'ignore' }));
  const read = (name: string) => readFile(at(name), 'utf8');
  await until('nginx to run', 20, async () => {
    if (child.exitCode !== null) throw new Error(await read('error.log'));
    return existsSync(at('pid')) ? true : null;
  });
  return {
    url: `https://localhost:${secure}`,
    plainUrl: `http://127.0.0.1:${plain}`,
    certificate: await read('certificate.pem'),
    accessLog: () => read('access.log'),
    errorLog: () => read('error.log'),
    async stop() {
      await endProcess(child, STOP_WITHIN_MS);
      await rm(folder, { recursive: true, force: true });
    },
  };
}
