import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { poll } from './poll.js';

class Page extends EventTarget {
  hidden = false;
  show(isShown: boolean): void {
    this.hidden = !isShown;
    this.dispatchEvent(new Event('visibilitychange'));
  }
}

let page: Page;
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  page = new Page();
  // Node has no page.
  vi.stubGlobal('document', page);
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** Starts a poll every second whose actions take as long. */
function start(actMs: number) {
  const control = new AbortController();
  const act = vi.fn(() => new Promise<void>((resolve) => setTimeout(resolve, actMs)));
  const ended = vi.fn();
  void poll(act, 1000, control.signal).then(ended);
  return { act, ended, control };
}

test('begins the next action a pause after the last one has ended', async () => {
  const { act, control } = start(5000);
  await vi.advanceTimersByTimeAsync(5999);
  expect(act).toHaveBeenCalledTimes(1);
  await vi.advanceTimersByTimeAsync(1);
  expect(act).toHaveBeenCalledTimes(2);
  control.abort();
});

test('waits while the page is hidden, and continues at once when it is shown', async () => {
  const { act, control } = start(0);
  await vi.advanceTimersByTimeAsync(0);
  page.show(false);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(act).toHaveBeenCalledTimes(1);
  page.show(true);
  await vi.advanceTimersByTimeAsync(0);
  expect(act).toHaveBeenCalledTimes(2);
  control.abort();
});

test.each([true, false])('ends with its signal, whether the page is visible: %s', async (isShown) => {
  const { act, ended, control } = start(0);
  await vi.advanceTimersByTimeAsync(0);
  page.show(isShown);
  await vi.advanceTimersByTimeAsync(500);
  control.abort();
  await vi.advanceTimersByTimeAsync(60_000);
  expect([act.mock.calls.length, ended.mock.calls.length]).toEqual([1, 1]);
});
