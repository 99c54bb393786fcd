import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { temporaryFolder } from '../../packages/shared/src/testing/temporary-folder.js';
import { prepareNode } from './prepare-node.mjs';
import { runCommand } from './run-command.mjs';

function makeRoot() {
  const root = temporaryFolder();
  return root;
}

test.each(['24.0.0', '26.3.0'])('leaves Node %s as it is', async (version) => {
  const root = makeRoot();
  await prepareNode({ root, version });
  expect(existsSync(join(root, 'node_modules'))).toBe(false);
});

test('installs Node beside one that is too old, once, and again when it is damaged', async () => {
  const root = makeRoot();
  const program = join(root, 'node_modules/.bin/node');
  const said = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  onTestFinished(() => said.mockRestore());
  const prepare = async () => {
    await prepareNode({ root, version: '20.19.0' });
    expect((await runCommand(program, ['--version'])).output).toMatch(/^v24\./);
  };
  await prepare();
  expect(said.mock.calls).toEqual([[expect.stringMatching(/Node 20\.19\.0.*24\.22\.3.*50 MiB/)]]);
  await prepare();
  expect(said).toHaveBeenCalledTimes(1);
  writeFileSync(program, 'half of a program');
  await prepare();
  expect(said).toHaveBeenCalledTimes(2);
});
