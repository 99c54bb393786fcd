import { freePort } from '@pixdock/shared/testing/free-port';
import { descendants } from '@pixdock/shared/testing/processes';
import { startSourceServer } from '@pixdock/shared/testing/source-server';
import { type Leaks, openLeaks } from '../harness/leaks.js';
import { type Service, startService } from '../harness/processes.js';
import { openReviewParts } from '../harness/review-settings.js';
import { clocks, type Stack, startStack } from '../harness/stack.js';
import { startTcpProxy, type TcpProxy } from '../harness/tcp-proxy.js';
import { startWebhookReceiver, type WebhookReceiver } from '../harness/webhook-receiver.js';
import { decide, type Reviewer } from '../review/reviewer.js';
import { type History, openHistory } from './history.js';
import { makePictures, type Picture, type Pictures } from './pictures.js';
import { PROFILES, REVIEWER_KEY } from './wishes.js';

export type App = 'api' | 'worker';

/** Real services, and the history of what happened to them: all that clients and checks need. */
export interface Installation {
  stack: Pick<Stack, 'dataDir' | 'oss' | 'env'> & { redis: Pick<Stack['redis'], 'cli'> };
  /** The API that gets the next request. */
  nextApi: () => Service;
  /** Uploads that began before this wall-clock time may be left to the sweep. */
  apiStartedAtMs: () => number;
  history: History;
  leaks: Leaks;
  pictures: Pictures;
  /** A source URL of the picture, unique by `mark`. */
  urlOf: (picture: Picture, mark: string) => string;
  /** Output of all services, including those that have ended. */
  logs(): string;
  stop(): Promise<void>;
}

/** One API and one worker. */
export interface Run extends Installation {
  stack: Stack;
  reviewer: Reviewer;
  /** Sits between the services and Redis. */
  proxy: TcpProxy;
  /** Gets webhooks once a scenario creates an endpoint. */
  receiver: WebhookReceiver;
  /** Ends a service and waits for its exit; records its decoders. */
  end(app: App, signal?: NodeJS.Signals): Promise<void>;
  /** Records the decoders of the worker, to check later that they end with it. */
  watchDecoders: () => void;
  start(app: App, env?: Record<string, string>): Promise<void>;
  /** Starts a second instance beside the running one. */
  startSpare(app: App): Promise<Service>;
}

/** Responses about published images must not reveal the OSS endpoint. */
export const FILE_DOMAIN = 'https://img.example.com';

/** A lost job is found within 40 s; the ten minutes of production would outlast every check. */
export const HEALING = 'sweep=5000,heal=20000';

/** Makes the pictures, and serves them. @param address by default 127.0.0.1 */
export async function startSources(address?: string) {
  const pictures = await makePictures();
  const all = [...pictures.good, ...pictures.bad];
  const images = Object.fromEntries(all.map(({ bytes, type }, i) => [`p${i}`, { bytes, type }]));
  const { url, host, stop } = await startSourceServer({ images, ...(address && { address }) });
  const urlOf = (picture: Picture, mark: string) => `${url}/image/p${all.indexOf(picture)}/${mark}`;
  return { pictures, host, urlOf, stop };
}

/** Starts a reviewer that answers as wished. @param receivers further private targets of webhooks */
export async function startReview(history: History, receivers: readonly string[] = [], address?: string) {
  const key = { key: REVIEWER_KEY, owner: 'acme', scopes: ['read', 'review'] } as const;
  const parts = await openReviewParts(PROFILES, [key], receivers, address);
  const { reviewer } = parts;
  reviewer.answer = ({ event: { data } }, response) => {
    const { answer } = history.images.get(data.externalId ?? '')?.wish ?? {};
    if (answer === undefined) history.addFinding(data.id, 'was reviewed without a reason');
    if (answer === 'approve') history.noteFirst('approvals', data.id);
    // A soak would fill the memory with pictures.
    reviewer.asked.length = 0;
    decide(response, answer ?? 'hold');
  };
  return parts;
}

export async function startRun(): Promise<Run> {
  const source = await startSources();
  const proxy = await startTcpProxy();
  const receiver = await startWebhookReceiver();
  const history = openHistory();
  const review = await startReview(history, [receiver.host]);
  const settings = {
    ...review.settings,
    SOURCE_ALLOW: source.host,
    ALIYUN_OSS_FILE_DOMAIN: FILE_DOMAIN,
    PIXDOCK_FAULTPOINT: 'by-message',
    ...clocks(HEALING),
  };
  const stack = await startStack(settings, {
    between: { api: proxy, worker: proxy },
    onStored: ({ key }) => history.noteFirst('stored', `img_${OBJECT_ID.exec(key)?.[1]}`),
  });
  const services: Service[] = [stack.api, stack.worker];

  let isOver = false;
  const decoders = new Map<Service, number[]>();

  function watchDecoders(): void {
    const { worker } = stack;
    const known = decoders.get(worker) ?? [];
    decoders.set(worker, [...new Set([...known, ...descendants(worker.pid)])]);
    if (known.length > 0) return;
    void worker.exited.then(() => {
      for (const pid of decoders.get(worker) ?? []) history.deadDecoders.add(pid);
    });
  }

  return {
    stack,
    proxy,
    receiver,
    history,
    leaks: openLeaks(stack.env),
    nextApi: () => stack.api,
    apiStartedAtMs: () => stack.api.startedAtMs,
    pictures: source.pictures,
    reviewer: review.reviewer,
    urlOf: source.urlOf,
    watchDecoders,
    async end(app, signal = 'SIGKILL') {
      if (app === 'worker') watchDecoders();
      stack[app].kill(signal);
      await stack[app].exited;
    },
    async start(app, env = {}) {
      if (isOver) throw new Error('the run is over');
      await (app === 'api' ? stack.restartApi(env) : stack.restartWorker(env));
      services.push(stack[app]);
    },
    async startSpare(app) {
      const spare = await startService(app, { ...stack.env, PORT: String(await freePort()) });
      services.push(spare);
      return spare;
    },
    logs: () => services.map((service) => service.output()).join(''),
    async stop() {
      isOver = true;
      // A service that a scenario has stopped does not receive SIGTERM.
      for (const service of services) service.kill('SIGCONT');
      await Promise.all(services.map((service) => service.stop()));
      await stack.stop();
      await source.stop();
      receiver.stop();
      await review.stop();
      await proxy.stop();
    },
  };
}

const OBJECT_ID = /\/([0-9a-f]{32})\//;
