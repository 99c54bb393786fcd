import { languageOf } from '@pixdock/contract/messages/language';
import { mistypedSettings } from '@pixdock/shared/runtime/mistyped-settings';
import { run } from './cli.js';
import { addDotEnv } from './dot-env.js';
import { say } from './messages/common.js';
import { runCommand } from './run-command.js';

const OUTPUT = { out: console.log, err: console.error, clear: console.clear };

/** The program `pixdock-ops`. */
export async function runOps(host: NodeJS.Process): Promise<void> {
  host.exitCode = await runCommand(
    () => {
      const environment = addDotEnv('.env', host.env);
      for (const mistyped of mistypedSettings(environment))
        OUTPUT.err(`! ${say(languageOf(environment), 'mistyped', mistyped)}`);
      return run(host.argv.slice(2), environment, OUTPUT);
    },
    OUTPUT,
    languageOf(host.env),
  );
}
