import { randomBytes } from 'node:crypto';
import { languageOf } from '@pixdock/contract/messages/language';
import type { Language } from '@pixdock/contract/messages/text';
import { readStoreSettings, type StoreSettings } from '@pixdock/object-store/settings';
import { readSettings } from '@pixdock/shared/runtime/env';
import type { Environment } from '../dot-env.js';
import { say } from '../messages/conformance.js';
import { EXIT, type ExitCode, type Output } from '../output.js';
import { runCommand } from '../run-command.js';
import { openBench } from './bench.js';
import { CHECKS } from './checks.js';
import { faultOf } from './observations.js';

/** A record of the run that names neither bucket, domain nor credentials. */
interface Transcript {
  at: string;
  region: string;
  addressing: string;
  isCustomDomain: boolean;
  checks: { name: string; expected: string; observed: string; ms: number }[];
}

/**
 * `pixdock-ops conformance`: tries on the bucket in the settings what Pixdock relies on, under a scratch prefix, and prints
 * where it differs from the local OSS.
 */
export function conformance(environment: Environment, output: Output, json: boolean): Promise<ExitCode> {
  const language = json ? 'en' : languageOf(environment);
  return runCommand(
    async () => {
      const settings = readSettings(environment, readStoreSettings, language);
      const transcript = await tryAll(settings, (keys) => output.err(say(language, 'left', { keys })));
      if (json) output.out(JSON.stringify(transcript, null, 2));
      else print(transcript, language, output);
      return transcript.checks.every(isSame) ? EXIT.ok : EXIT.fault;
    },
    output,
    language,
  );
}

async function tryAll(
  settings: StoreSettings,
  onLeft: (keys: readonly string[]) => void,
): Promise<Transcript> {
  const scratch = `${settings.prefix}pixdock-conformance/${randomBytes(8).toString('hex')}/`;
  await using bench = openBench(settings, scratch, onLeft);
  const checks = [];
  for (const { name, expected, observe } of CHECKS) {
    const startedAt = performance.now();
    let observed = '';
    const fault = await faultOf(async () => {
      observed = await observe(bench);
    });
    const ms = Math.round(performance.now() - startedAt);
    checks.push({ name, expected, observed: fault === 'no fault' ? observed : fault, ms });
  }
  const { region, addressing, endpoint } = settings;
  const isCustomDomain = !new URL(endpoint).hostname.endsWith('.aliyuncs.com');
  return { at: new Date().toISOString(), region, addressing, isCustomDomain, checks };
}

function print({ checks }: Transcript, language: Language, { out }: Output): void {
  for (const check of checks) {
    out(`${isSame(check) ? '✓' : '≠'} ${check.name} (${check.ms} ms)`);
    if (!isSame(check)) out(say(language, 'difference', check));
  }
  const differences = checks.filter((check) => !isSame(check)).length;
  out(say(language, 'result', { checks: checks.length, differences }));
}

const isSame = ({ expected, observed }: Transcript['checks'][number]) => expected === observed;
