import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const source = (path: URL) => readFileSync(new URL(path.href.replace(/\.js$/, '.ts')), 'utf8');

it('imports only modules that run in a browser', () => {
  const files = new Set<string>([new URL('./index.js', import.meta.url).href]);
  const foreign: string[] = [];
  for (const file of files)
    for (const [, target = ''] of source(new URL(file)).matchAll(
      /^(?:import|export) (?!type )[^;]*? from '([^']+)'/gm,
    ))
      if (target.startsWith('.')) files.add(new URL(target, file).href);
      else foreign.push(target);
  // They have no imports of their own that a browser lacks.
  const shared =
    /^@pixdock\/contract\/(?:messages\/|encoded-file-name$|similar-name$|status$)|^(?:standardwebhooks|eventsource-parser)$/;
  expect(foreign.filter((target) => !shared.test(target))).toEqual([]);
  expect(files.size).toBeGreaterThan(8);
  for (const file of files) expect(source(new URL(file))).not.toMatch(/\b(?:process|Buffer|require)\b[.(]/);
});
