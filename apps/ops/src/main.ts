#!/usr/bin/env node
import { languageOf } from '@pixdock/contract/messages/language';
import { run } from './cli.js';
import { addDotEnv } from './dot-env.js';
import { runCommand } from './run-command.js';

const output = { out: console.log, err: console.error, clear: console.clear };
process.exitCode = await runCommand(
  () => run(process.argv.slice(2), addDotEnv('.env', process.env), output),
  output,
  languageOf(process.env),
);
