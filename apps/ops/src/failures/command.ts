import { languageOf } from '@pixdock/contract/messages/language';
import type { Language } from '@pixdock/contract/messages/text';
import { OWNER } from '@pixdock/shared/state/keys/stored-key';
import { type CountedGroup, type Failures, openFailures } from '@pixdock/shared/state/records/failures';
import type { Environment } from '../dot-env.js';
import { text } from '../messages/common.js';
import { say } from '../messages/failures.js';
import { withRedis } from '../open-redis.js';
import { EXIT, type ExitCode, type Output } from '../output.js';
import { CannotRun, runCommand } from '../run-command.js';

interface FailuresOptions {
  owner?: string | undefined;
  json?: boolean | undefined;
}

/** Groups per owner, unless one owner is named. */
const PER_OWNER = 20;
const PAGE = 100;

/** `pixdock-ops failures`: lists the failed images of all owners by error code, host and day, newest day first. */
export function failures(
  environment: Environment,
  output: Output,
  { owner, json = false }: FailuresOptions,
): Promise<ExitCode> {
  const language = languageOf(environment);
  return runCommand(
    async () => {
      if (owner !== undefined && !OWNER.test(owner))
        throw new CannotRun(text('not-an-owner', { owner }), text('not-an-owner.fix'));
      return withRedis(environment, language, async (redis, { prefix }) => {
        const all = openFailures(redis, prefix);
        const owners = owner === undefined ? await all.owners() : [owner];
        let isEmpty = true;
        for (const one of owners) {
          const { groups, isCut } = await groupsOf(all, one, owner === undefined ? PER_OWNER : null);
          if (groups.length > 0) isEmpty = false;
          for (const group of groups) output.out(lineOf(one, group, json, language));
          if (isCut) output.err(say(language, 'more', { owner: one }));
        }
        if (isEmpty) output.err(say(language, 'none'));
        return EXIT.ok;
      });
    },
    output,
    language,
  );
}

/** @param max null for all */
async function groupsOf(
  failed: Failures,
  owner: string,
  max: number | null,
): Promise<{ groups: CountedGroup[]; isCut: boolean }> {
  const groups: CountedGroup[] = [];
  for (let cursor: string | null = null; ; ) {
    const page = await failed.list(owner, {}, cursor, max === null ? PAGE : max - groups.length);
    groups.push(...page.groups);
    cursor = page.next;
    if (cursor === null || groups.length === max) return { groups, isCut: cursor !== null };
  }
}

function lineOf(owner: string, group: CountedGroup, json: boolean, language: Language): string {
  return json ? JSON.stringify({ owner, ...group }) : say(language, 'group', { owner, ...group });
}
