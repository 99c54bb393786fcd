import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { listFiles, readText } from './checkout.js';

interface Container {
  name: string;
  image: string;
  securityContext: { capabilities: { add?: string[] } };
  resources: { limits: { memory: string } };
}

interface Manifest {
  apiVersion: string;
  kind: string;
  metadata: { name: string };
  spec: { template: { spec: { terminationGracePeriodSeconds: number; containers: [Container] } } };
}

const FILES = listFiles('deploy/kubernetes').filter((path) => path.endsWith('.yaml'));
const MANIFESTS = FILES.flatMap((path) =>
  parseAllDocuments(readText(path)).map((document) => document.toJS() as Manifest),
);
const COMPOSE = parse(readText('docker-compose.yml'), { merge: true }) as {
  services: Record<string, { cap_add?: string[]; mem_limit: string; stop_grace_period: string }>;
};

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const OPTIONS = {
  strict: true,
  noEmit: true,
  skipLibCheck: true,
  module: 'nodenext',
  target: 'esnext',
  types: [],
};

/**
 * Compares manifests with the types of Kubernetes' API. The compiler also refuses a misspelled field, which a schema of
 * Kubernetes lets through.
 * @returns what the compiler says
 */
async function compile(manifests: readonly unknown[]): Promise<string> {
  const program = (manifests as Manifest[]).flatMap(({ apiVersion, kind }, n) => [
    `import type { I${kind} as Kind${n} } from 'kubernetes-models/${apiVersion}';`,
    `export const manifest${n}: Kind${n} = ${JSON.stringify(manifests[n])};`,
  ]);
  // Below e2e, so that the program finds the types.
  const folder = await mkdtemp(at('../../node_modules/.kubernetes-'));
  try {
    await writeFile(join(folder, 'manifests.ts'), program.join('\n'));
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: OPTIONS }));
    execFileSync(at('../../../node_modules/.bin/tsc'), ['-p', folder], { encoding: 'utf8' });
    return '';
  } catch (error) {
    return (error as { stdout: string }).stdout;
  } finally {
    await rm(folder, { recursive: true });
  }
}

test('the manifests for Kubernetes have the fields and types of its API', async () => {
  expect(MANIFESTS.length).toBeGreaterThan(10);
  expect(await compile(MANIFESTS)).toBe('');
  const api = MANIFESTS.find(({ kind }) => kind === 'Deployment') ?? expect.fail('no Deployment');
  const { replicas, ...misspelled } = { replicas: 1, ...api.spec };
  expect(await compile([{ ...api, spec: { ...misspelled, replica: replicas } }])).toContain(
    `'"replica"' does not exist`,
  );
});

test('the images are those of docker-compose.yml', () => {
  const used = FILES.flatMap((path) =>
    Array.from(readText(path).matchAll(/image: (\S+)/g), ([, image]) => image),
  );
  const composed = readText('docker-compose.yml').matchAll(
    /image: \$\{PIXDOCK_IMAGES:-(.+)\}(.+):\$\{PIXDOCK_VERSION:-(.+)\}/g,
  );
  const images = Array.from(composed, ([, place, name, version]) => `${place}${name}:${version}`);
  expect(new Set(used)).toEqual(new Set(images));
});

test.each(['api', 'worker'])(
  'the %s has the memory, the rights and the time to stop of docker-compose.yml',
  (app) => {
    const found = MANIFESTS.find(
      ({ kind, metadata }) => kind === 'Deployment' && metadata.name === `pixdock-${app}`,
    );
    const { containers, terminationGracePeriodSeconds } = found?.spec.template.spec ?? expect.fail(app);
    const composed = COMPOSE.services[app] ?? expect.fail(app);
    expect(containers[0].securityContext.capabilities.add).toEqual(composed.cap_add);
    const [, gibibytes] = /(\d+)g/.exec(composed.mem_limit) ?? [];
    expect(containers[0].resources.limits.memory).toBe(`${gibibytes}Gi`);
    expect(terminationGracePeriodSeconds).toBeGreaterThanOrEqual(
      Number.parseInt(composed.stop_grace_period, 10),
    );
  },
);
