#!/usr/bin/env node
import { run } from './cli.js';
import { addDotEnv } from './dot-env.js';

const output = { out: console.log, err: console.error, clear: console.clear };
process.exitCode = await run(process.argv.slice(2), addDotEnv('.env', process.env), output);
