import { userInfo } from 'node:os';
import { readSettings } from '@pixdock/shared/runtime/env';
import { readAuditSettings } from '@pixdock/shared/runtime/settings';
import { type AuditEntry, openAudit } from '@pixdock/shared/state/audit';
import { say } from './messages/common.js';
import type { Context, ExitCode } from './run-command.js';

/** Names what a command changes. */
export type About = (facts: Partial<Pick<AuditEntry, 'owner' | 'object'>>) => void;

/** Runs a command that changes something, and adds it to the audit trail whether or not it succeeds. */
export async function audited(
  { environment, output, language }: Context,
  action: string,
  work: (about: About) => Promise<ExitCode>,
): Promise<ExitCode> {
  const settings = readSettings(environment, readAuditSettings, language);
  // stdout is for results.
  const audit = openAudit(
    settings,
    (line) => output.err(line.trimEnd()),
    (error) => output.err(say(language, 'audit-lost', { reason: String(error) })),
  );
  let facts = {};
  let outcome: AuditEntry['outcome'] = 'failed';
  try {
    const exit = await work((named) => {
      facts = { ...facts, ...named };
    });
    outcome = 'done';
    return exit;
  } finally {
    audit.write({
      action: `pixdock-ops ${action}`,
      outcome,
      status: null,
      owner: null,
      keyId: null,
      object: null,
      address: null,
      requestId: null,
      user: environment.SUDO_USER ?? userName(),
      ...facts,
    });
    await audit.close();
  }
}

/** The number of a user without a name, as in many containers. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.());
  }
}
