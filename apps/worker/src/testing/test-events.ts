import { createLog, type Logger } from '@pixdock/shared/runtime/log';
import { openEvents, type WorkerEvents } from '../events.js';
import { openCounters } from '../metrics.js';

/** Events that are logged and counted, but not in Redis. */
export function openTestEvents(log: Logger = createLog('test', { level: 'silent' })): WorkerEvents {
  return openEvents(log, openCounters(), { add: async () => {} });
}
