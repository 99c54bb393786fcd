import type { ServerResponse } from 'node:http';
import { decide, type Reviewer } from '../review/reviewer.js';

const variants = { main: { width: 320, height: 320 } };
export const PROFILES = {
  asked: { review: ['http', 'manual'], reviewFields: ['externalId'], variants },
  people: { review: ['manual'], variants: { main: {}, thumb: { width: 64 } } },
  receipts: { visibility: 'private', variants },
};

/** Of a person who reviews alice's images. */
export const REVIEW_KEY = {
  key: 'key-of-the-reviewer-of-alice',
  owner: 'alice',
  scopes: ['read', 'review'],
} as const;
export const REVIEWER = { Authorization: `Bearer ${REVIEW_KEY.key}` };

const MIB = 1024 * 1024;
const DRIP_MS = 500;

/** What an image of alice can make of a reviewer, by the first word of its externalId. */
export const MISBEHAVIOURS: Record<string, (response: ServerResponse) => void> = {
  hang: () => {},
  drip(response) {
    response.writeHead(200);
    const timer = setInterval(() => response.write(' '), DRIP_MS);
    response.once('close', () => clearInterval(timer));
  },
  large: (response) => void response.writeHead(200).end(Buffer.alloc(10 * MIB, ' ')),
  redirect: (response) => void response.writeHead(307, { location: '/review' }).end(),
  fail: (response) => void response.writeHead(500).end(),
};

/** Approves at once, except the images that misbehave. */
export const answerIn =
  (reviewer: Reviewer): Reviewer['answer'] =>
  ({ event: { data } }, response) => {
    reviewer.asked.length = 0;
    const misbehave = MISBEHAVIOURS[data.externalId?.split('-')[0] ?? ''];
    if (misbehave === undefined) decide(response, 'approve');
    else misbehave(response);
  };
