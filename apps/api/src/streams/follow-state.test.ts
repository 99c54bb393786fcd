import { beforeEach, expect, it } from 'vitest';
import type { Follower, Versioned } from '../waits/shared-reads.js';
import type { ServerEvent } from './event-stream.js';
import { followState, versionOf } from './follow-state.js';

interface State extends Versioned {
  isLast?: boolean;
}

const at = (version: number, isLast = false): State => ({ id: 'img_1', owner: 'acme', version, isLast });

let sent: (ServerEvent | 'end')[];
let isBlocked: boolean;
let followers: Set<Follower<State>>;
beforeEach(() => {
  sent = [];
  isBlocked = false;
  followers = new Set();
});

function follow(first: State, after = 0) {
  const stream = {
    isBlocked: () => isBlocked,
    send: (event: ServerEvent) => void sent.push(event),
    end: () => void sent.push('end'),
  };
  const reads = {
    follow(_id: string, follower: Follower<State>) {
      followers.add(follower);
      return () => void followers.delete(follower);
    },
  };
  const toView = ({ version }: State) => ({ version });
  return followState(stream, reads, first, after, {
    type: 'image',
    toView,
    isSettled: ({ isLast }) => isLast === true,
  });
}

const change = (state: State) => {
  for (const follower of followers) follower.onState(state);
};
const ids = () => sent.map((event) => (event === 'end' ? 'end' : event.id));

it('sends each newer state, and ends after the final one', () => {
  follow(at(1));
  for (const state of [at(1), at(2), at(2), at(1), at(5), at(6, true)]) change(state);
  expect(ids()).toEqual(['1', '2', '5', '6', 'end']);
  expect(sent[1]).toEqual({ id: '2', type: 'image', data: '{"version":2}' });
});

it('sends the first state to a client that resumes only if it is newer', () => {
  follow(at(3), 3);
  expect(ids()).toEqual([]);
  change(at(4));
  follow(at(4), 3);
  expect(ids()).toEqual(['4', '4']);
});

it('ends at once, and reads nothing, if the image is final', () => {
  follow(at(9, true)).onClose();
  expect(ids()).toEqual(['9', 'end']);
  expect(followers.size).toBe(0);
});

it('skips intermediate states while the client is slow, but never the final one', () => {
  isBlocked = true;
  const { onReady } = follow(at(1));
  for (const state of [at(2), at(3), at(7, true)]) change(state);
  expect(ids()).toEqual([]);
  isBlocked = false;
  onReady();
  expect(ids()).toEqual(['7', 'end']);
});

it('stays open when the state cannot be read, and leaves when it is closed', () => {
  const { onClose } = follow(at(1));
  for (const follower of followers) follower.onError(new Error('Redis is away'));
  change(at(2));
  expect(ids()).toEqual(['1', '2']);
  onClose();
  expect(followers.size).toBe(0);
});

it.each([
  ['7', 7],
  ['0', 0],
  [undefined, 0],
  ['', 0],
  ['x7', 0],
  ['-1', 0],
  ['9'.repeat(16), 0],
])('reads the version in Last-Event-ID: %s', (value, version) => {
  expect(versionOf(value)).toBe(version);
});
