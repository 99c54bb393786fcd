import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { SERVICE_FLAGS } from './services.mjs';

// Node exits while V8 wants to compile hundreds of hot functions.
const EXIT_WHILE_HOT = `
  const loops = Array.from({ length: 40 }, (_, n) => \`
    for (let i = 0; i < numbers.length; i++) {
      sum += numbers[i] * factor + \${n};
      if ((sum & 7) === 3) found.push({ x\${n}: sum, y: [sum, factor] });
      switch (sum % 5) { case 0: sum += 1; break; case 1: sum -= 2; break; case 2: sum ^= 3; break; default: sum = (sum * 2) | 0; }
    }\`);
  const functions = Array.from({ length: 300 }, (_, n) =>
    new Function('numbers', 'factor', \`let sum = \${n}; const found = []; \${loops.join('')} return found.length + sum;\`));
  const numbers = Array.from({ length: 20 }, (_, i) => i * 3);
  const end = performance.now() + 400;
  let kept = [];
  for (let next = 0; performance.now() < end; next = (next + 1) % functions.length) {
    for (let factor = 0; factor < 30; factor++) functions[next](numbers, factor);
    kept.push(new Array(100).fill(0));
    if (kept.length > 20_000) kept = [];
  }
  process.exit(0);`;

test('lets a service exit while V8 compiles', async () => {
  // With threads that compile, an API hung in more than every second run.
  for (let run = 0; run < 4; run++)
    await expect(
      promisify(execFile)(process.execPath, [...SERVICE_FLAGS, '-e', EXIT_WHILE_HOT], {
        timeout: 20_000,
        killSignal: 'SIGKILL',
      }),
    ).resolves.toBeDefined();
});
