import { z } from 'zod';
import { reason } from './messages/reason.js';

/** A point in time of a request: RFC 3339 with any offset. */
export const pointInTime = z.iso.datetime({ offset: true, error: reason('not-a-time') });
