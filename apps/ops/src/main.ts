#!/usr/bin/env node
import { languageOf } from '@pixdock/contract/messages/language';
import { mistypedSettings } from '@pixdock/shared/runtime/mistyped-settings';
import { run } from './cli.js';
import { addDotEnv } from './dot-env.js';
import { say } from './messages/common.js';
import { runCommand } from './run-command.js';

const output = { out: console.log, err: console.error, clear: console.clear };
process.exitCode = await runCommand(
  () => {
    const environment = addDotEnv('.env', process.env);
    for (const mistyped of mistypedSettings(environment))
      output.err(`! ${say(languageOf(environment), 'mistyped', mistyped)}`);
    return run(process.argv.slice(2), environment, output);
  },
  output,
  languageOf(process.env),
);
