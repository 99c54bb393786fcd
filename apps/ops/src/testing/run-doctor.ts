import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { OWN_DOMAIN, SECRET, startOss } from '@pixdock/object-store/testing/start-oss';
import { METADATA_KEY } from '@pixdock/shared/testing/metadata-keys';
import { onTestFinished } from 'vitest';
import { run } from '../cli.js';
import type { Report } from '../doctor/examine.js';

type OssOptions = Parameters<typeof startOss>[0];

/** Starts a local OSS and runs `pixdock-ops` with settings for it. */
export async function startLab(options: OssOptions = {}) {
  const oss = await startOss(options);
  const settings = {
    ALIYUN_OSS_ENDPOINT: `http://localhost:${oss.server.port}`,
    ALIYUN_OSS_REGION: 'cn-hangzhou',
    ALIYUN_OSS_BUCKET: 'lab-bucket',
    ALIYUN_OSS_FILE_DOMAIN: `http://${OWN_DOMAIN}:${oss.server.port}`,
    ALIBABA_CLOUD_ACCESS_KEY_ID: 'LTAIdev',
    ALIBABA_CLOUD_ACCESS_KEY_SECRET: SECRET,
    METADATA_KEY,
  };
  const ops = (args: string[], over: Record<string, string> = {}) => runOps(args, { ...settings, ...over });
  /** Runs `doctor --json`. */
  const doctor = async (over: Record<string, string> = {}) => {
    const { exit, out } = await ops(['doctor', '--json'], over);
    const report: Report = JSON.parse(out);
    return { exit, out, report, faults: faultsOf(report), statuses: statusesOf(report) };
  };
  return { ...oss, settings, ops, doctor };
}

export async function runOps(args: string[], environment: Record<string, string>) {
  const out: string[] = [];
  const err: string[] = [];
  const exit = await run(args, environment, { out: (line) => out.push(line), err: (line) => err.push(line) });
  return { exit, out: out.join('\n'), err: err.join('\n') };
}

/** Starts an HTTP server for a file domain and returns its URL. */
export async function serve(
  respond: (request: IncomingMessage, response: ServerResponse) => unknown,
): Promise<string> {
  const server = createServer((request, response) => void respond(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('not listening on a port');
  return `http://localhost:${address.port}`;
}

function faultsOf({ steps }: Report): Record<string, string> {
  return Object.fromEntries(
    steps.flatMap((step) => (step.status === 'fault' ? [[step.step, step.code]] : [])),
  );
}

function statusesOf({ steps }: Report): Record<string, string> {
  return Object.fromEntries(steps.map(({ step, status }) => [step, status]));
}
