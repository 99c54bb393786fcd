import { bench, sayProgress } from '../command/bench.js';
import { type Circumstances, circumstances, headOf } from '../command/machine.js';
import { measure } from '../landing/measure.js';
import { pictureAt } from '../landing/pictures.js';
import { openStage } from '../landing/stage.js';
import { type Columns, markdownTable } from '../landing/table.js';
import { cpuMicros } from '../redis/use.js';

const COLUMNS: Columns<Processes> = [
  ['APIs', ({ apis }) => String(apis)],
  ['workers', ({ workers }) => String(workers)],
  ['images/s', ({ imagesPerSecond }) => imagesPerSecond.toFixed(1)],
  ['CPU ms per image', ({ msPerImage }) => msPerImage.toFixed(0)],
  ['Redis ms per image', ({ redisMsPerImage }) => redisMsPerImage.toFixed(2)],
  ['other cores', ({ otherLoad }) => otherLoad.toFixed(2)],
];

export const hosts = bench({
  options: { pictures: 300, 'in-flight': 32, workers: [1, 2, 4], apis: [1, 3] },
  measure: ({ 'in-flight': inFlight, ...given }) => runHosts({ ...given, inFlight, say: sayProgress }),
  report: (result) => `${headOf(result)}\n\n${markdownTable(COLUMNS, result.rows)}`,
});

export interface HostsOptions {
  pictures: number;
  inFlight: number;
  workers: readonly number[];
  apis: readonly number[];
  say: (line: string) => void;
}

/** So many processes at one Redis and one folder; each worker has one lane. */
export interface Processes {
  apis: number;
  workers: number;
  imagesPerSecond: number;
  /** CPU time of all processes per image. */
  msPerImage: number;
  /** The same of Redis' main thread, with what idle processes ask of it meanwhile. */
  redisMsPerImage: number;
  /** CPU of other programs, in cores. */
  otherLoad: number;
}

export interface HostsResult extends Circumstances {
  rows: readonly Processes[];
}

const WARM_UP = 8;
/** Small, so that the share of Redis shows. */
const SCALE = 0.25;

/** Lands the same pictures with each number of APIs and of workers. */
export async function runHosts(options: HostsOptions): Promise<HostsResult> {
  const rows: Processes[] = [];
  for (const apis of options.apis)
    for (const workers of options.workers) {
      options.say(`APIs: ${apis}, workers: ${workers}`);
      rows.push(await land(apis, workers, options));
    }
  return { ...circumstances(), rows };
}

async function land(
  apis: number,
  workers: number,
  { pictures: count, inFlight }: HostsOptions,
): Promise<Processes> {
  const how = { name: 'pixdock', isForm: false, profile: 'default' };
  await using stage = await openStage(how, { lanes: 1, scale: SCALE, apis, workers });
  const { sink, side } = stage;
  const { redis } = stage.installation;
  const pictures = Array.from({ length: count }, (_, i) => pictureAt(stage.pictures, i));
  await measure(side, sink, pictures.slice(0, WARM_UP), inFlight);
  const before = cpuMicros(redis);
  const { imagesPerSecond, msPerImage, otherLoad } = await measure(side, sink, pictures, inFlight);
  const redisMsPerImage = (cpuMicros(redis) - before) / 1000 / count;
  return { apis, workers, imagesPerSecond, msPerImage, redisMsPerImage, otherLoad };
}
