import { setMaxListeners } from 'node:events';
import { detailOf } from '@pixdock/contract/messages/detail';
import { SourceFault } from './fault.js';
import type { SourceLimits } from './types.js';

type Phase = 'connect' | 'headers' | 'idle';

export interface Clock {
  /** Aborts when a time is up, or one of the callers' signals does. */
  signal: AbortSignal;
  /** Starts the time of a phase, and ends the one before. */
  enter(phase: Phase): void;
  /** Ends a phase: what takes time now is not the source. */
  rest(): void;
  /** The time that was up. */
  late(): SourceFault | null;
  stop(): void;
}

/** The times of one fetch, all of its hops together. */
export function startClock(limits: SourceLimits, signals: readonly AbortSignal[]): Clock {
  const controller = new AbortController();
  const phases = { connect: limits.connectMs, headers: limits.headersMs, idle: limits.idleMs };
  let late: SourceFault | null = null;
  let timer: NodeJS.Timeout | undefined;
  const expire = (fault: SourceFault) => {
    late ??= fault;
    controller.abort(fault);
  };
  const total = setTimeout(() => expire(tooSlow('total', limits.totalMs)), limits.totalMs);
  const pass = () => controller.abort(new Error('aborted by the caller'));
  // As many fetches as run at a time may share one.
  setMaxListeners(0, ...signals);
  for (const signal of signals) {
    if (signal.aborted) pass();
    signal.addEventListener('abort', pass, { once: true });
  }
  return {
    signal: controller.signal,
    enter(phase) {
      clearTimeout(timer);
      timer = setTimeout(() => expire(tooSlow(phase, phases[phase])), phases[phase]);
    },
    rest: () => clearTimeout(timer),
    late: () => late,
    stop() {
      clearTimeout(timer);
      clearTimeout(total);
      for (const signal of signals) signal.removeEventListener('abort', pass);
    },
  };
}

function tooSlow(phase: Phase | 'total', ms: number): SourceFault {
  const detail = detailOf(`source-${phase}-timeout`, { seconds: ms / 1000 });
  return new SourceFault('source_timeout', detail, true);
}
