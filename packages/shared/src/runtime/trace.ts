import {
  type Attributes,
  type Context,
  context,
  createContextKey,
  propagation,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  type SpanOptions,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import { asError } from './as-error.js';
import { sleep } from './clock.js';

/** The trace that a job belongs to, as a traceparent (W3C Trace Context): it continues `trace`, or begins its own with a link. */
export interface CarriedTrace {
  trace?: string | undefined;
  link?: string | undefined;
}

const TRACER = 'pixdock';
const LINK = createContextKey('pixdock link');
const NOTHING: CarriedTrace = {};
const FLUSH_MS = 2000;

/** Whether a preload has registered OpenTelemetry. Without one, no function here creates anything. */
export const isTracing = (): boolean => propagation.fields().length > 0;

/** Runs `work` in a span below the active one; without an active span, only runs it. */
export function inSpan<T>(name: string, attributes: Attributes, work: () => Promise<T>): Promise<T> {
  if (trace.getActiveSpan() === undefined) return work();
  const span = trace.getTracer(TRACER).startSpan(name, { attributes });
  return runIn(span, context.active(), work);
}

/** Runs `work` in the span of a request. `traceparent` is that of the caller, if any. */
export function inRequestSpan<T>(
  name: string,
  traceparent: string | undefined,
  work: (span: Span) => Promise<T>,
): Promise<T> {
  const parent = contextOf(traceparent);
  const span = trace.getTracer(TRACER).startSpan(name, { kind: SpanKind.SERVER }, parent);
  return runIn(span, parent, () => work(span));
}

export interface TracedJob extends CarriedTrace {
  name: string;
  /** When the job was added, in ms; null after its first attempt. */
  addedAtMs: number | null;
  attributes: Attributes;
}

/** Runs an attempt at a job in a span, which begins with the wait in the queue. */
export function inJobSpan<T>(job: TracedJob, work: () => Promise<T>): Promise<T> {
  const tracer = trace.getTracer(TRACER);
  const parent = contextOf(job.trace);
  const linked = job.link === undefined ? undefined : trace.getSpanContext(contextOf(job.link));
  const options: SpanOptions = {
    kind: SpanKind.CONSUMER,
    attributes: job.attributes,
    links: linked === undefined ? [] : [{ context: linked }],
    ...startOf(job),
  };
  const span = tracer.startSpan(job.name, options, parent);
  if (job.addedAtMs !== null) tracer.startSpan('queue wait', startOf(job), trace.setSpan(parent, span)).end();
  return runIn(span, parent, work);
}

const startOf = ({ addedAtMs }: TracedJob) => (addedAtMs === null ? {} : { startTime: addedAtMs });

/** Runs `work` so that the jobs that it adds begin their own traces, linked to `link`. */
export function linkedTo<T>(link: string | undefined, work: () => Promise<T>): Promise<T> {
  return link === undefined ? work() : context.with(ROOT_CONTEXT.setValue(LINK, link), work);
}

/** For the payload of a job that continues the active trace. */
export function carryTrace(): CarriedTrace {
  const active = context.active();
  if (trace.getSpan(active) !== undefined) return { trace: traceparentOf(active) };
  return linkOf(active);
}

/** For the payload of a job that adds many others, which begin their own traces. */
export function carryLink(): Pick<CarriedTrace, 'link'> {
  const active = context.active();
  return trace.getSpan(active) === undefined ? linkOf(active) : { link: traceparentOf(active) };
}

/** Adds facts to the active span, if any. */
export function noteInSpan(attributes: Attributes): void {
  trace.getActiveSpan()?.setAttributes(attributes);
}

/** The trace of a log line. */
export function traceFields(): object {
  const span = trace.getActiveSpan()?.spanContext();
  return span === undefined ? NOTHING : { trace_id: span.traceId, span_id: span.spanId };
}

/** Sends the spans that have ended, as far as the collector responds in time. */
export async function flushTraces(): Promise<void> {
  const registered: object = trace.getTracerProvider();
  const provider = 'getDelegate' in registered ? (registered as Delegating).getDelegate() : registered;
  if (!('forceFlush' in provider)) return;
  const timeout = new AbortController();
  const flushed = (provider as Flushing).forceFlush().catch(() => {});
  await Promise.race([flushed, sleep(FLUSH_MS, timeout.signal)]);
  timeout.abort();
}

interface Delegating {
  getDelegate(): object;
}

interface Flushing {
  forceFlush(): Promise<void>;
}

/** The message of an error is only logged: it may contain addresses and paths. */
async function runIn<T>(span: Span, parent: Context, work: () => Promise<T>): Promise<T> {
  try {
    return await context.with(trace.setSpan(parent, span), work);
  } catch (error) {
    span.setAttribute('error.type', asError(error).name);
    span.setStatus({ code: SpanStatusCode.ERROR });
    throw error;
  } finally {
    span.end();
  }
}

function contextOf(traceparent: string | undefined): Context {
  return traceparent === undefined ? ROOT_CONTEXT : propagation.extract(ROOT_CONTEXT, { traceparent });
}

function traceparentOf(active: Context): string | undefined {
  const carrier: { traceparent?: string } = {};
  propagation.inject(active, carrier);
  return carrier.traceparent;
}

function linkOf(active: Context): Pick<CarriedTrace, 'link'> {
  const link = active.getValue(LINK);
  return typeof link === 'string' ? { link } : NOTHING;
}
