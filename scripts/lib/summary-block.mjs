import { join } from 'node:path';
import { SUMMARY } from '../messages/summary.mjs';
import { ROOT } from './root.mjs';
import { lineOf } from './say.mjs';
import { curlFile, shellQuote } from './shell-quote.mjs';

/** What runs where, and the one command to try. */
export function summaryBlock({ dataDir, apiUrl, consoleUrl, lanes, redis, oss, servicesEnv, key }) {
  const rows = [
    ['Console', SUMMARY.console({ url: consoleUrl })],
    ['API', SUMMARY.api({ url: apiUrl })],
    ['Worker', SUMMARY.worker({ lanes })],
    ['Redis', redis],
    ['OSS', oss],
    ['Data', dataDir],
    ['Logs', join(dataDir, 'logs')],
    ['Ops', opsCommand(servicesEnv)],
    ['Key', key === null ? SUMMARY.ownKey() : SUMMARY.key(key)],
  ].map(([name, value]) => `  ${name.padEnd(7)} ${lineOf(value)}`);
  return SUMMARY.running({ rows, curl: exampleCurl({ apiUrl, key: key?.key ?? 'YOUR_KEY' }) });
}

function opsCommand(servicesEnv) {
  const words = ['node', `--env-file=${servicesEnv}`, join(ROOT, 'apps/ops/dist/main.js'), '--help'];
  return words.map(shellQuote).join(' ');
}

function exampleCurl({ apiUrl, key }) {
  const photo = curlFile('file', join(ROOT, 'examples', 'photo.jpg'));
  const headers = [`Authorization: Bearer ${key}`, 'Prefer: wait=60'];
  const words = [...headers.flatMap((header) => ['-H', `'${header}'`]), '-F', photo];
  return ['curl -sS', ...words, `${apiUrl}/v1/images`].join(' ');
}
