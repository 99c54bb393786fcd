import { setMaxListeners } from 'node:events';
import { detailOf } from '@pixdock/contract/messages/detail';
import { SourceFault } from './fault.js';
import type { SourceLimits } from './types.js';

type Phase = 'connect' | 'headers' | 'idle';

export interface Clock {
  /** Aborts at a timeout, or when one of the callers' signals aborts. */
  signal: AbortSignal;
  /** Starts the timeout of a phase, and stops that of the phase before. */
  enter(phase: Phase): void;
  /** Stops the timeout of a phase while the worker does not wait for the source. */
  rest(): void;
  /** The timeout that came first; null if none did. */
  late(): SourceFault | null;
  stop(): void;
}

/**
 * Runs one fetch, including all hops, within its timeouts. Returns the fault of the source, if it has one.
 * @throws the reason of a signal that aborts, and faults of this machine
 */
export async function withinLimits<T>(
  limits: SourceLimits,
  signals: readonly AbortSignal[],
  act: (clock: Clock) => Promise<T>,
): Promise<T | SourceFault> {
  const clock = startClock(limits, signals);
  try {
    return await act(clock);
  } catch (error) {
    for (const signal of signals) signal.throwIfAborted();
    const fault = clock.late() ?? error;
    if (fault instanceof SourceFault) return fault;
    throw fault;
  } finally {
    clock.stop();
  }
}

/** The timeouts of one fetch. */
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
  // All fetches in progress may share one signal.
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
