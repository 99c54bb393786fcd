import { spawnSync } from 'node:child_process';
import { existsSync, globSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { installWithApt } from '../harness/apt.js';
import { ask } from '../harness/client.js';
import { startApiOnly } from '../harness/stack.js';
import { toOpenApi30 } from './open-api-30.js';

const USAGE = 'pnpm generate-clients [FOLDER] [--jar FILE]';
/** The last version of OpenAPI Generator that the npm registry has with its program; later ones download it from Maven Central. */
const GENERATOR = '@openapitools/openapi-generator-cli@1.0.18-5.0.0-beta2';
const JARS = [
  'jackson-annotations',
  'jackson-core',
  'jackson-databind',
  'jackson-datatype-jsr310',
  'jsr305',
  'geronimo-annotation-1.3-spec',
].map((name) => `/usr/share/java/${name}.jar`);

interface Language {
  name: string;
  /** Debian's packages. */
  packages: string[];
  options: string;
  isInstalled(): boolean;
  /** @throws with the errors of the compiler */
  compile(folder: string): Promise<void>;
}

const JAVA: Language = {
  name: 'java',
  packages: [
    'default-jdk-headless',
    'libjackson2-databind-java',
    'libjackson2-modules-java8-java',
    'libjsr305-java',
    'libgeronimo-annotation-1.3-spec-java',
  ],
  options: 'library=native,dateLibrary=java8,openApiNullable=false',
  isInstalled: () => runs('javac', '-version') && JARS.every((jar) => existsSync(jar)),
  async compile(folder) {
    const files = globSync(`${folder}/src/main/**/*.java`);
    for (const file of files) await writeFile(file, withoutSwagger(await readFile(file, 'utf8')));
    const options = ['-proc:none', '-Xmaxerrs', '10', '-d', join(folder, 'classes'), '-cp', JARS.join(':')];
    run('javac', [...options, ...files]);
  },
};

const PHP: Language = {
  name: 'php',
  packages: ['php-cli'],
  options: 'invokerPackage=Pixdock',
  isInstalled: () => runs('php', '--version'),
  async compile(folder) {
    for (const file of globSync(`${folder}/lib/**/*.php`)) run('php', ['-l', file]);
  },
};

/** Debian lacks the library of these annotations, which only describe the code. */
const withoutSwagger = (code: string) =>
  code.replaceAll(/^import io\.swagger\.annotations\..*\n|^\s*@ApiModel(?:Property)?\(.*\)\n/gm, '');

/** @throws with what the program wrote */
function run(command: string, args: string[]): void {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', maxBuffer: 2 ** 26 });
  if (status !== 0) throw new Error(`${stdout}${stderr}`);
}

const runs = (command: string, argument: string) => spawnSync(command, [argument]).status === 0;
const say = (line: string) => void process.stdout.write(`${line}\n`);

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { jar: { type: 'string' }, help: { type: 'boolean', default: false } },
});
if (values.help || positionals.length > 1) say(USAGE);
else if (!runs('java', '-version') && !(await installWithApt(JAVA.packages, say)))
  say('Skipped: the generator needs Java. Install it first: apt-get install default-jdk-headless');
else process.exitCode = (await generateClients()) ? 0 : 1;

async function generateClients(): Promise<boolean> {
  const [given] = positionals;
  const folder = given ?? (await mkdtemp(join(tmpdir(), 'pixdock-clients-')));
  await mkdir(folder, { recursive: true });
  const input = join(folder, 'openapi.json');
  await writeFile(input, JSON.stringify(toOpenApi30(await readDocument())));
  let isPassed = true;
  for (const language of [JAVA, PHP])
    try {
      say(`${language.name}: ${await makeClient(language, input, join(folder, language.name))}`);
    } catch (error) {
      isPassed = false;
      say(`${language.name}: ${(error as Error).message}`);
    }
  if (given === undefined) await rm(folder, { recursive: true });
  return isPassed;
}

async function readDocument(): Promise<object> {
  const stack = await startApiOnly();
  try {
    return (await ask<object>(stack, '/openapi.json')).body;
  } finally {
    await stack.stop();
  }
}

/** @returns what came of it */
async function makeClient(language: Language, input: string, output: string): Promise<string> {
  const { name, options, packages } = language;
  const [command, ...program] =
    values.jar === undefined ? ['npx', '--yes', GENERATOR] : ['java', '-jar', values.jar];
  const args = ['generate', '-i', input, '-g', name, '-o', output, `--additional-properties=${options}`];
  run(command ?? '', [...program, ...args]);
  if (!language.isInstalled() && !(await installWithApt(packages, say)))
    return `generated, not compiled. Install the compiler first: apt-get install ${packages.join(' ')}`;
  await language.compile(output);
  return 'compiled';
}
