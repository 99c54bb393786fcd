import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '@pixdock/shared/testing/free-port';
import { killOnExit } from '@pixdock/shared/testing/kill-on-exit';
import { stringify } from 'yaml';
import { until } from '../harness/client.js';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const ALERTS = join(ROOT, 'deploy/alerts.yml');
/** Where `npm test` puts Debian's package. */
const OWN = join(ROOT, 'node_modules/.pixdock/prometheus/usr/bin');

/** The folder with `prometheus` and `promtool`; null if this machine has neither. */
export const PROMETHEUS = [...(process.env.PATH ?? '').split(delimiter), OWN].find((folder) =>
  ['prometheus', 'promtool'].every((name) => existsSync(join(folder, name))),
);

/** Runs promtool. @throws with its output when it fails */
export function promtool(...args: string[]): string {
  return execFileSync(join(PROMETHEUS ?? '', 'promtool'), args, {
    cwd: ROOT,
    encoding: 'utf8',
    stdio: 'pipe',
  });
}

interface Result {
  metric: Record<string, string>;
  value: [seconds: number, value: string];
}

interface Rule {
  name: string;
  health: 'ok' | 'err' | 'unknown';
  lastError?: string;
}

/** Starts a Prometheus that scrapes these addresses every second, and evaluates our alerts. */
export async function startPrometheus(targets: Record<string, string>) {
  const folder = await mkdtemp(join(tmpdir(), 'pixdock-prometheus-'));
  const port = await freePort();
  const jobs = Object.entries(targets).map(([job, target]) => ({
    job_name: job,
    static_configs: [{ targets: [target] }],
  }));
  const config = {
    global: { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' },
    rule_files: [ALERTS],
    scrape_configs: jobs,
  };
  await writeFile(join(folder, 'prometheus.yml'), stringify(config));
  const address = `127.0.0.1:${port}`;
  const child = killOnExit(
    spawn(
      join(PROMETHEUS ?? '', 'prometheus'),
      [
        `--config.file=${folder}/prometheus.yml`,
        `--storage.tsdb.path=${folder}`,
        `--web.listen-address=${address}`,
      ],
      { stdio: 'ignore' },
    ),
  );
  const get = async <T>(path: string): Promise<T> => {
    const response = await fetch(`http://${address}/api/v1/${path}`);
    const { status, data, error } = (await response.json()) as { status: string; data: T; error?: string };
    if (status !== 'success') throw new Error(error);
    return data;
  };
  const query = async (expr: string): Promise<Result[]> =>
    (await get<{ result: Result[] }>(`query?query=${encodeURIComponent(expr)}`)).result;
  return {
    query,
    async rules(): Promise<Rule[]> {
      const { groups } = await get<{ groups: { rules: Rule[] }[] }>('rules');
      return groups.flatMap(({ rules }) => rules);
    },
    /** Waits for this many more scrapes of each target. */
    async scrapes(times: number): Promise<void> {
      const counts = async () => {
        const found = await query('count_over_time((up == 1)[5m:1s])');
        return found.length < jobs.length ? 0 : Math.min(...found.map(({ value }) => Number(value[1])));
      };
      const before = await until('Prometheus to respond', 90, counts);
      await until(`${times} scrapes`, 90, async () => ((await counts()) >= before + times ? true : null));
    },
    async stop() {
      child.kill('SIGKILL');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
