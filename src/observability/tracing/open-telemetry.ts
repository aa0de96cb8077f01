import { AsyncLocalStorage } from 'node:async_hooks';
import type { Context, Span } from '@opentelemetry/api';
import type { Logger } from 'pino';
import type { SamplerName } from './samplers';
import type { Attributes, RequestSpan, SpanStart, Tracing } from './tracing';

export interface TracingOptions {
  /** Base address of the collector. */
  endpoint: string;
  /** As in OTEL_EXPORTER_OTLP_HEADERS: `name=value` pairs, which may hold a secret. */
  headers?: string | undefined;
  serviceName: string;
  sampler: SamplerName;
  /** The share of traces that is kept, 0 to 1, for the samplers by ratio. */
  samplerRatio: number;
  logger: Logger;
}

/** Milliseconds for one batch of spans, its repetitions included, and so for the last one of a shutdown. */
const EXPORT_MS = 2000;
/** A collector that is away is logged once in this time. */
const REPORT_MS = 60_000;

/** Loads the SDK and sends spans to a collector, in the background and as OTLP over HTTP. */
export async function openTracing(options: TracingOptions): Promise<Tracing> {
  const [api, core, sdk, resources, { OTLPTraceExporter }] = await Promise.all([
    import('@opentelemetry/api'),
    import('@opentelemetry/core'),
    import('@opentelemetry/sdk-trace'),
    import('@opentelemetry/resources'),
    import('@opentelemetry/exporter-trace-otlp-http'),
  ]);
  const { endpoint, headers = '', serviceName, sampler, samplerRatio, logger } = options;
  core.setGlobalErrorHandler(reportOccasionally(logger));
  const exporter = new OTLPTraceExporter({
    url: `${endpoint.replace(/\/$/, '')}/v1/traces`,
    headers: core.parseKeyPairsIntoRecord(headers),
    timeoutMillis: EXPORT_MS,
  });
  const samplers = {
    always_on: () => new sdk.AlwaysOnSampler(),
    always_off: () => new sdk.AlwaysOffSampler(),
    traceidratio: () => new sdk.TraceIdRatioBasedSampler(samplerRatio),
  };
  const name = sampler.replace('parentbased_', '') as keyof typeof samplers;
  const provider = new sdk.TracerProvider({
    resource: resources.defaultResource().merge(resources.resourceFromAttributes({ 'service.name': serviceName })),
    sampler: name === sampler ? samplers[name]() : new sdk.ParentBasedSampler({ root: samplers[name]() }),
    spanProcessors: [new sdk.BatchSpanProcessor({ exporter })],
  });
  const tracer = provider.getTracer('graphql-identity');
  const propagator = new core.W3CTraceContextPropagator();
  const contexts = new AsyncLocalStorage<Context>();
  const { trace, ROOT_CONTEXT, SpanStatusCode, SpanKind } = api;
  const kinds = { server: SpanKind.SERVER, client: SpanKind.CLIENT, internal: SpanKind.INTERNAL };
  const current = () => contexts.getStore() ?? ROOT_CONTEXT;

  const fail = (span: Span, errorType: string) => {
    span.setAttribute('error.type', errorType).setStatus({ code: SpanStatusCode.ERROR });
  };

  return {
    async run<T>({ name, kind, attributes = {} }: SpanStart, work: () => Promise<T>): Promise<T> {
      const parent = current();
      const span = tracer.startSpan(name, { kind: kinds[kind], attributes }, parent);
      try {
        return await contexts.run(trace.setSpan(parent, span), work);
      } catch (error) {
        fail(span, errorType(error));
        throw error;
      } finally {
        span.end();
      }
    },
    startRequest(method, headers): RequestSpan {
      const parent = propagator.extract(ROOT_CONTEXT, headers, api.defaultTextMapGetter);
      const span = tracer.startSpan(method, { kind: SpanKind.SERVER }, parent);
      const context = trace.setSpan(parent, span);
      return {
        activate: (work) => contexts.run(context, work),
        end: (name: string, attributes: Attributes, isError: boolean) => {
          span.updateName(name).setAttributes(attributes);
          if (isError) fail(span, String(attributes['http.response.status_code']));
          span.end();
        },
      };
    },
    headers() {
      const carrier: Record<string, string> = {};
      propagator.inject(current(), carrier, api.defaultTextMapSetter);
      return carrier;
    },
    logFields() {
      const { traceId, spanId } = trace.getSpanContext(current()) ?? {};
      return traceId && spanId ? { traceId, spanId } : {};
    },
    async close() {
      const timeout = new Promise<void>((resolve) => setTimeout(resolve, EXPORT_MS).unref());
      await Promise.race([provider.shutdown().catch(() => undefined), timeout]);
    },
  };
}

/** A code, or the name of the class: messages may hold what a client has sent. */
function errorType(error: unknown): string {
  const { code, name } = error as { code?: unknown; name?: unknown };
  return typeof code === 'string' ? code : typeof name === 'string' ? name : 'Error';
}

function reportOccasionally(logger: Logger): (error: unknown) => void {
  let reportedAt = Number.NEGATIVE_INFINITY;
  return (error) => {
    if (performance.now() - reportedAt < REPORT_MS) return;
    reportedAt = performance.now();
    const { code, name } = error as { code?: unknown; name?: unknown };
    logger.warn({ reason: code ?? name }, 'spans could not be sent; OTEL_EXPORTER_OTLP_ENDPOINT names the collector');
  };
}
