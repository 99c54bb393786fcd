import type { Language } from '@pixdock/contract/messages/text';
import { type CountedGroup, type Failures, openFailures } from '@pixdock/shared/state/failures/failures';
import { OWNER } from '@pixdock/shared/state/keys/stored-key';
import { text } from '../messages/common.js';
import { say } from '../messages/failures.js';
import { openRedis } from '../open-redis.js';
import { CannotRun, type Context, EXIT, type ExitCode } from '../run-command.js';

interface FailuresOptions {
  owner?: string | undefined;
  json?: boolean | undefined;
}

/** Groups per owner, unless one owner is named. */
const PER_OWNER = 20;
const PAGE = 100;

/** `pixdock-ops failures`: lists the failed images of all owners by error code, host and day, newest day first. */
export async function failures(
  context: Context,
  { owner, json = false }: FailuresOptions,
): Promise<ExitCode> {
  const { output, language } = context;
  if (owner !== undefined && !OWNER.test(owner))
    throw new CannotRun(text('not-an-owner', { owner }), text('not-an-owner.fix'));
  using installation = await openRedis(context);
  const all = openFailures(installation.redis, installation.prefix);
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
