import { useEffect, useState } from 'preact/hooks';
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

const EVERY_MS = 5000;

/** Reads `/readyz` and `/metrics` every five seconds. */
export function useHealth() {
  const [health, setHealth] = useState<HealthState | null>(null);
  const [error, setError] = useState<unknown>(null);
  useEffect(() => {
    let isOpen = true;
    let last: { at: number; accepted: number } | null = null;
    const read = async () => {
      const [ready, text] = await Promise.all([
        fetch('readyz', { headers: { Accept: 'application/json' } }),
        ask('metrics').then((response) => response.text()),
      ]);
      const body = await ready.json();
      const metrics = readMetrics(text);
      const accepted = metrics.sum('pixdock_accepted_images_total');
      const at = performance.now();
      const acceptedPerSecond = last === null ? null : ((accepted - last.accepted) * 1000) / (at - last.at);
      last = { at, accepted };
      if (!isOpen) return;
      setError(null);
      setHealth({
        isReady: ready.ok,
        reason: ready.ok ? null : body.detail,
        storageTrouble: body.storageTrouble ?? null,
        metrics,
        acceptedPerSecond,
      });
    };
    const readOnce = () => void read().catch((fault: unknown) => isOpen && setError(fault));
    readOnce();
    const timer = setInterval(readOnce, EVERY_MS);
    return () => {
      isOpen = false;
      clearInterval(timer);
    };
  }, []);
  return { health, error };
}
