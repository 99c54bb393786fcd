import { run } from './cli/run.js';

const interrupt = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.on(signal, () => (interrupt.signal.aborted ? process.exit(130) : interrupt.abort()));
// Whoever reads our results, such as `head`, may have enough of them.
process.stdout.on('error', (error) => process.exit('code' in error && error.code === 'EPIPE' ? 141 : 2));

const { stdout, stderr, env: environment } = process;
process.exitCode = await run(process.argv.slice(2), {
  environment,
  stdout,
  stderr,
  signal: interrupt.signal,
});
