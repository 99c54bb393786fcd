import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openDecisions, UNDO_MS } from './open-decisions.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const open = (send = vi.fn(async () => {})) => ({ send, decisions: openDecisions(send) });
const choicesIn = ({ made }: ReturnType<typeof openDecisions>) => made.value.map(({ id }) => id);

test('sends a decision once it can no longer be undone', () => {
  const { send, decisions } = open();
  decisions.make('a', 'approve');
  vi.advanceTimersByTime(UNDO_MS - 1);
  expect(send).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(send.mock.calls).toEqual([['a', 'approve']]);
  decisions.undo();
  expect(choicesIn(decisions)).toEqual(['a']);
});

test('undoes the latest choices, one after the other', () => {
  const { send, decisions } = open();
  decisions.make('a', 'approve');
  decisions.make('b', 'skip');
  decisions.make('c', 'reject');
  decisions.undo();
  decisions.undo();
  expect(choicesIn(decisions)).toEqual(['a']);
  vi.advanceTimersByTime(UNDO_MS);
  expect(send.mock.calls).toEqual([['a', 'approve']]);
});

test('keeps the first choice when the next one comes before the next image is drawn', () => {
  const { send, decisions } = open();
  decisions.make('a', 'approve');
  decisions.make('a', 'skip');
  vi.advanceTimersByTime(UNDO_MS);
  expect(send.mock.calls).toEqual([['a', 'approve']]);
});

test('sends at once when the view is closed, but no skipped image', () => {
  const { send, decisions } = open();
  decisions.make('a', 'reject');
  decisions.make('b', 'skip');
  decisions.flush();
  vi.advanceTimersByTime(UNDO_MS);
  expect(send.mock.calls).toEqual([['a', 'reject']]);
});

test('returns an image to the queue if its decision did not reach the server', async () => {
  const { decisions } = open(vi.fn(() => Promise.reject(new Error('away'))));
  decisions.make('a', 'approve');
  await vi.advanceTimersByTimeAsync(UNDO_MS);
  expect([choicesIn(decisions), decisions.error.value]).toEqual([[], new Error('away')]);
});
