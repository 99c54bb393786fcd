import { runCommand } from '../lib/run-command.mjs';
import { runTests } from '../lib/run-tests.mjs';

// `npm test` with the shell commands STUB_SET_UP, STUB_CHECK (several with &&) and STUB_VITEST, which gets vitest's arguments.
const { STUB_SET_UP = ':', STUB_CHECK = ':', STUB_VITEST = ':' } = process.env;
process.exitCode = await runTests(process.argv.slice(2), {
  async prepare(signal) {
    await runCommand('sh', ['-c', STUB_SET_UP], { signal });
    return process.env;
  },
  check: STUB_CHECK.split(' && '),
  vitest: ['sh', '-c', STUB_VITEST, 'sh'],
});
