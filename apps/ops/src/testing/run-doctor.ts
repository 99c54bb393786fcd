import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
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

/** A response of OSS; without a body if it is for HEAD. */
interface Reply {
  status: number;
  headers: IncomingMessage['headers'];
  body: Buffer;
}

/** Starts a proxy in front of the local OSS that may change its responses, and returns its URL. */
export async function startProxy(
  port: number,
  change: (asked: IncomingMessage, reply: Reply) => Partial<Reply>,
): Promise<string> {
  return serve(async (asked, response) => {
    const { method, url, headers } = asked;
    const forwarded = httpRequest({ host: '127.0.0.1', port, method, path: url, headers, agent: false });
    const answer = Promise.withResolvers<IncomingMessage>();
    forwarded.on('response', answer.resolve).on('error', answer.reject);
    forwarded.end(await buffer(asked));
    const message = await answer.promise;
    const reply = { status: message.statusCode ?? 0, headers: message.headers, body: await buffer(message) };
    const { status, headers: sent, body } = { ...reply, ...change(asked, reply) };
    const length = method === 'HEAD' ? sent['content-length'] : String(body.length);
    response.writeHead(status, { ...sent, 'content-length': length }).end(body);
  });
}

function faultsOf({ steps }: Report): Record<string, string> {
  return Object.fromEntries(
    steps.flatMap((step) => (step.status === 'fault' ? [[step.step, step.code]] : [])),
  );
}

function statusesOf({ steps }: Report): Record<string, string> {
  return Object.fromEntries(steps.map(({ step, status }) => [step, status]));
}
