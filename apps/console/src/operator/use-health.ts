import { usePolled } from '../parts/use-polled.js';
import { language } from '../state/preferences.js';
import { ask } from '../state/request.js';
import { type Metrics, readMetrics } from './read-metrics.js';

/** The state of the service now. */
export interface HealthState {
  isReady: boolean;
  /** Why images are not accepted. */
  reason: string | null;
  storageTrouble: { code: string; since: string; fix: string } | null;
  metrics: Metrics;
  /** Images per second that this API process accepts; null after the first read. */
  acceptedPerSecond: number | null;
}

const PAUSE_MS = 5000;

/** Reads `/readyz` and `/metrics` again and again. */
export function useHealth() {
  const { value: health, error } = usePolled(openHealth, PAUSE_MS);
  return { health, error };
}

function openHealth(): (signal: AbortSignal) => Promise<HealthState> {
  let last: { at: number; accepted: number } | null = null;
  return async (signal) => {
    const [ready, text] = await Promise.all([
      fetch('readyz', {
        headers: { Accept: 'application/json', 'Accept-Language': language.value },
        signal,
      }),
      ask('metrics', signal).then((response) => response.text()),
    ]);
    const body = await ready.json();
    const metrics = readMetrics(text);
    const accepted = metrics.sum('pixdock_accepted_images_total');
    const at = performance.now();
    const acceptedPerSecond = last === null ? null : ((accepted - last.accepted) * 1000) / (at - last.at);
    last = { at, accepted };
    return {
      isReady: ready.ok,
      reason: ready.ok ? null : body.detail,
      storageTrouble: body.storageTrouble ?? null,
      metrics,
      acceptedPerSecond,
    };
  };
}
