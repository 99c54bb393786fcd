import { sleep } from '@pixdock/shared/runtime/clock';
import { decide, type Reviewer } from '../../review/reviewer.js';
import { openDriver } from '../driver.js';
import type { Random } from '../random.js';
import type { App, Run } from '../run.js';
import { untilAccepted } from '../until-accepted.js';
import type { Fault } from './fault.js';

/** Twice the duration of a job's lock, plus the time to notice. */
const ZOMBIE_MS = 20_000;
const DEPLOYS = 10;
const KILLS = 3;
const CLIENTS = 30;
const REVIEWER_TROUBLE_MS = 6000;
const TOO_MUCH = JSON.stringify({ decision: 'approve', more: 'a'.repeat(10 * 1024 * 1024) });

export const SERVICE_FAULTS: readonly Fault[] = [
  {
    name: 'worker-kill-twice',
    what: 'kill -9 of the worker, and again 1 s after its restart',
    strike: (run) => again(run, 'worker', 'SIGKILL', 2, () => 1000),
  },
  {
    name: 'worker-deploys',
    what: 'SIGTERM to the worker and a restart, ten times',
    strike: (run, random) => again(run, 'worker', 'SIGTERM', DEPLOYS, () => random.below(1000)),
  },
  {
    name: 'worker-zombie',
    what: 'SIGSTOP of the worker beyond its lock; another worker takes over; SIGCONT',
    async strike(run) {
      const { worker } = run.stack;
      worker.kill('SIGSTOP');
      const spare = await run.startSpare('worker');
      await sleep(ZOMBIE_MS).finally(() => worker.kill('SIGCONT'));
      await sleep(2000);
      await spare.stop();
    },
  },
  {
    name: 'api-deploys',
    what: 'SIGTERM to the API and a restart, ten times',
    strike: (run, random) => again(run, 'api', 'SIGTERM', DEPLOYS, () => random.below(1000)),
  },
  {
    name: 'api-kill',
    what: 'kill -9 of the API, three times',
    strike: (run, random) => again(run, 'api', 'SIGKILL', KILLS, () => random.below(3000)),
  },
  {
    name: 'clients-gone',
    what: 'thirty clients disconnect in the middle of an upload; half of them repeat it',
    strike: goAway,
  },
  {
    name: 'reviewer-kill',
    what: 'the reviewer breaks its connections and accepts none for 6 s, twice',
    async strike({ reviewer }) {
      for (let kill = 0; kill < 2; kill++) {
        await reviewer.stop();
        await sleep(REVIEWER_TROUBLE_MS);
        await reviewer.listen();
        await sleep(1000);
      }
    },
  },
  {
    name: 'reviewer-wrong',
    what: 'the reviewer hangs, fails, redirects, sends 10 MB or knows no decision, and is slow',
    async strike({ reviewer }, random) {
      const { answer } = reviewer;
      reviewer.answer = (image, response) => random.pick([...WRONG_ANSWERS, answer])(image, response);
      await sleep(REVIEWER_TROUBLE_MS);
      reviewer.answer = (image, response) => void sleep(1000).then(() => answer(image, response));
      await sleep(REVIEWER_TROUBLE_MS);
      reviewer.answer = answer;
    },
  },
];

const WRONG_ANSWERS: readonly Reviewer['answer'][] = [
  () => {},
  (_, response) => void response.writeHead(500).end(),
  (_, response) => void response.writeHead(307, { location: '/elsewhere' }).end(),
  (_, response) => void response.writeHead(200).end(TOO_MUCH),
  (_, response) => void decide(response, 'publish'),
];

async function again(run: Run, app: App, signal: NodeJS.Signals, times: number, pauseMs: () => number) {
  for (let nth = 0; nth < times; nth++) {
    await run.end(app, signal);
    await run.start(app);
    await sleep(pauseMs());
  }
}

async function goAway(run: Run, random: Random): Promise<void> {
  const driver = openDriver(run);
  const names = Array.from({ length: CLIENTS }, (_, i) => `gone-${run.history.images.size}-${i}`);
  const picture = random.pick(run.pictures.good);
  await Promise.all(names.map((name) => driver.abortUpload(name, picture)));
  const back = names.filter((_, i) => i % 2 === 0);
  await Promise.all(back.map((name) => untilAccepted(() => driver.upload(name, picture))));
}
