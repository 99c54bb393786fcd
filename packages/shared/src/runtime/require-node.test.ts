import { expect, test, vi } from 'vitest';
import { requireNode } from './require-node.js';

/** What a program on this Node prints to stderr, and its exit code. */
function startOn(node: string, env: NodeJS.ProcessEnv = {}) {
  const stderr = { write: vi.fn() };
  const exit = vi.fn();
  requireNode({ versions: { node }, env, stderr, exit } as unknown as NodeJS.Process);
  return { printed: stderr.write.mock.calls.flat().join(''), codes: exit.mock.calls.flat() };
}

test('ends a program on an older Node with one sentence, in the language of the operator', () => {
  const { printed, codes } = startOn('20.20.2');
  expect(printed).toMatch(/^Pixdock needs Node 24 .*Node 20\.20\.2\..*node_modules\/\.bin\/node\.\n$/);
  expect(codes).toEqual([78]);
  expect(startOn('22.1.0', { LANG: 'zh_CN.UTF-8' }).printed).toMatch(/^Pixdock 需要 Node 24 /);
});

test.each(['24.0.0', '26.3.0', '100.0.0'])('starts a program on Node %s', (node) => {
  expect(startOn(node)).toEqual({ printed: '', codes: [] });
});
