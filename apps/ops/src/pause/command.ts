import { languageOf } from '@pixdock/contract/messages/language';
import type { Language } from '@pixdock/contract/messages/text';
import { openQueue } from '@pixdock/shared/queue/queue';
import { stagingLayout } from '@pixdock/shared/state/files/layout';
import { openPause, type Pause } from '@pixdock/shared/state/pause';
import type { Environment } from '../dot-env.js';
import { say } from '../messages/pause.js';
import { withRedis } from '../open-redis.js';
import { EXIT, type ExitCode, type Output } from '../output.js';
import { runCommand } from '../run-command.js';
import { expectStaging } from '../services.js';

/** `pixdock-ops pause`: lets the workers of the installation begin no further image. */
export function pause(environment: Environment, output: Output): Promise<ExitCode> {
  return change(environment, output, async (processing, language) =>
    say(language, 'paused', { since: await processing.begin() }),
  );
}

/** `pixdock-ops resume` */
export function resume(environment: Environment, output: Output): Promise<ExitCode> {
  return change(environment, output, async (processing, language) =>
    say(language, (await processing.end()) ? 'resumed' : 'not-paused'),
  );
}

function change(
  environment: Environment,
  output: Output,
  act: (processing: Pause, language: Language) => Promise<string>,
): Promise<ExitCode> {
  const language = languageOf(environment);
  return runCommand(
    () =>
      withRedis(environment, language, async (redis, { dataDir, prefix }) => {
        await expectStaging(dataDir);
        const queue = openQueue(redis, prefix, () => {});
        try {
          output.out(await act(openPause(redis, prefix, stagingLayout(dataDir), queue), language));
          return EXIT.ok;
        } finally {
          await queue.close();
        }
      }),
    output,
    language,
  );
}
