import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { SUMMARY } from '../messages/summary.mjs';
import { ROOT } from './root.mjs';
import { lineOf } from './say.mjs';

/** What runs where, and the one command to try. */
export function summaryBlock({ dataDir, apiUrl, consoleUrl, lanes, redis, oss, servicesEnv, key }) {
  // Where the terminal's own Node is too old, ours is there.
  const installed = join(ROOT, 'node_modules/.bin/node');
  const node = existsSync(installed) ? installed : 'node';
  const ops = [node, `--env-file=${servicesEnv}`, join(ROOT, 'apps/ops/dist/main.js'), '--help'];
  const rows = [
    ['Console', SUMMARY.console({ url: consoleUrl })],
    ['API', SUMMARY.api({ url: apiUrl })],
    ['Worker', SUMMARY.worker({ lanes })],
    ['Redis', redis],
    ['OSS', oss],
    ['Data', dataDir],
    ['Logs', join(dataDir, 'logs')],
    ['Ops', ops.map(shellQuote).join(' ')],
    ['Key', key === null ? SUMMARY.ownKey() : SUMMARY.key(key)],
  ].map(([name, value]) => `  ${name.padEnd(7)} ${lineOf(value)}`);
  const headers = `-H 'Authorization: Bearer ${key?.key ?? 'YOUR_KEY'}' -H 'Prefer: wait=60'`;
  const photo = curlFile('file', join(ROOT, 'examples', 'photo.jpg'));
  return SUMMARY.running({ rows, curl: `curl -sS ${headers} -F ${photo} ${apiUrl}/v1/images` });
}

/** The `-F` argument of curl that sends a file. Paths with `;` or `,` need curl quotes inside the shell quotes. */
export function curlFile(field, path) {
  const plain = !/[;,"\\]/.test(path);
  const quoted = `"${path.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
  return shellQuote(`${field}=@${plain ? path : quoted}`);
}

/** Quotes text as one word of a POSIX shell, unless it needs no quotes. */
export const shellQuote = (text) =>
  /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
