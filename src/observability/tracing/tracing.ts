import type { IncomingHttpHeaders } from 'node:http';

export type Attributes = Record<string, string | number | boolean>;

/** A span to be: its name and attributes hold names of the code, never what a client or a user has typed. */
export interface SpanStart {
  name: string;
  kind: 'server' | 'client' | 'internal';
  attributes?: Attributes;
}

/** The span of an HTTP request, which lasts longer than any one function. */
export interface RequestSpan {
  /** Runs work below it. */
  activate(work: () => void): void;
  /** @param name with the route, which is not known when the request begins */
  end(name: string, attributes: Attributes, isError: boolean): void;
}

export interface Tracing {
  /** Runs work in a span below the one that is active; an error that it throws marks the span. */
  run<T>(start: SpanStart, work: () => Promise<T>): Promise<T>;
  /** Begins a request, in the trace that its headers name. */
  startRequest(method: string, headers: IncomingHttpHeaders): RequestSpan;
  /** Headers that continue the trace in another service (W3C Trace Context). */
  headers(): Record<string, string>;
  /** Fields of a line of the log. */
  logFields(): { traceId?: string; spanId?: string };
  /** Sends what is left, for at most some seconds. */
  close(): Promise<void>;
}

let active: Tracing | null = null;

/** What spans go to; null while tracing is off, which is always so without OTEL_EXPORTER_OTLP_ENDPOINT. */
export const currentTracing = (): Tracing | null => active;

export function useTracing(tracing: Tracing | null): void {
  active = tracing;
}

/** Runs work in a span where tracing is on. @param start is called only then */
export function traced<T>(start: () => SpanStart, work: () => Promise<T>): Promise<T> {
  return active ? active.run(start(), work) : work();
}

/** Headers that continue the trace in another service; none while tracing is off. */
export const traceHeaders = (): Record<string, string> => active?.headers() ?? {};

/** The trace and the span of a line of the log. */
export const traceFields = (): { traceId?: string; spanId?: string } => active?.logFields() ?? {};
