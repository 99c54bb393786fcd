import { run } from './cli/run.js';

const interrupt = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.on(signal, () => (interrupt.signal.aborted ? process.exit(130) : interrupt.abort()));
// The reader of our results, such as `head`, has stopped reading.
process.stdout.on('error', () => interrupt.abort());

const { stdin, stdout, stderr, env: environment } = process;
process.exitCode = await run(process.argv.slice(2), {
  environment,
  stdin,
  stdout,
  stderr,
  signal: interrupt.signal,
});
