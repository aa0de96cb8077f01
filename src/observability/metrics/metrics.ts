import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { FastCounter, FastHistogram } from './fast-metrics';

// Every metric of the server. Labels take values of the code alone, never text that clients send:
// their number is bounded, and a test sends ten thousand names to see it. docs/operations.md shows
// this list. What every request adds to is fast; the rest are prom-client's own.

/** What `/metrics` shows of this process. */
export const registry = new Registry();

const registers = [registry];
/** Seconds: from a cached token check to the limit of a statement. */
const REQUEST_BUCKETS = [
  0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
];
const CALL_BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.25, 0.5, 1, 5, 30];

function counter<L extends string>(name: string, help: string, labelNames: readonly L[]): Counter<L> {
  return new Counter({ name, help, labelNames, registers });
}

function histogram<L extends string>(
  name: string,
  help: string,
  labelNames: readonly L[],
  buckets: number[],
): Histogram<L> {
  return new Histogram({ name, help, labelNames, buckets, registers });
}

/** @param aggregator how the values of several processes become one */
function gauge<L extends string>(
  name: string,
  help: string,
  labelNames: readonly L[],
  aggregator: 'sum' | 'min' | 'max' = 'sum',
): Gauge<L> {
  return new Gauge({ name, help, labelNames, aggregator, registers });
}

export const httpRequests = new FastCounter(
  {
    name: 'identity_http_requests_total',
    help: 'HTTP requests answered, of every path, by status',
    labelNames: ['status'],
  },
  registry,
);
export const httpDuration = new FastHistogram(
  {
    name: 'identity_http_request_duration_seconds',
    help: 'Time from the headers of a request to the end of its answer, without streams',
    labelNames: [],
  },
  REQUEST_BUCKETS,
  registry,
);
export const operations = new FastCounter(
  {
    name: 'identity_operations_total',
    help: 'Operations run, by channel, root field and outcome: ok, refused, unavailable or error',
    labelNames: ['channel', 'operation', 'outcome'],
  },
  registry,
);
export const operationDuration = new FastHistogram(
  {
    name: 'identity_operation_duration_seconds',
    help: 'Time that an operation took to run, whatever its outcome',
    labelNames: ['channel', 'operation'],
  },
  REQUEST_BUCKETS,
  registry,
);
export const refusals = counter('identity_refusals_total', 'Operations and fields refused to a client, by error code', [
  'channel',
  'code',
]);
export const liveStreams = gauge('identity_live_streams', 'Subscriptions to account changes that are open', []);

export const logins = counter(
  'identity_logins_total',
  'Password checks of logins: success, unknown-user, wrong-password, disabled, rate-limited or unavailable',
  ['channel', 'outcome'],
);
export const tokensIssued = counter('identity_tokens_issued_total', 'Tokens issued: compat, session, refresh or kong', [
  'kind',
]);
export const tokensRefused = counter(
  'identity_tokens_refused_total',
  'Tokens refused, by the reason that introspection names; access as bearer tokens, refresh and compat at a refresh',
  ['kind', 'reason'],
);
export const tokenReuse = counter(
  'identity_token_reuse_detected_total',
  'Sessions ended because a used refresh token was presented again',
  [],
);
export const limitRefusals = counter('identity_rate_limit_refusals_total', 'Requests that a limit has refused', [
  'limit',
]);

export const hashWaiting = gauge(
  'identity_hash_queue_waiting',
  'Passwords that wait for a thread: of known clients (first), of logins, of work that yields to both',
  ['line'],
);
export const hashRunning = gauge('identity_hash_running', 'Passwords that threads are hashing', []);
export const hashWait = histogram(
  'identity_hash_wait_seconds',
  'Time that a password has waited for a thread',
  [],
  CALL_BUCKETS,
);

export const cacheRequests = counter(
  'identity_cache_requests_total',
  'Look-ups in the caches of a process: hit or miss',
  ['cache', 'result'],
);
export const feedTrusted = gauge(
  'identity_change_feed_trusted',
  'Whether cached answers may be used: 1, or 0 while every check asks the database',
  [],
  'min',
);
export const feedLag = gauge(
  'identity_change_feed_lag_seconds',
  'Time since PostgreSQL has last confirmed that no change is missing',
  [],
  'max',
);

export const sqlDuration = histogram(
  'identity_sql_duration_seconds',
  'Statements, with the wait for a connection: ok, failed or unavailable',
  ['outcome'],
  CALL_BUCKETS,
);
export const sqlConnections = gauge(
  'identity_sql_connections',
  'Connections to PostgreSQL: busy, idle, and requests that wait for one (waiting)',
  ['state'],
);
export const redisDuration = histogram(
  'identity_redis_duration_seconds',
  'Commands to Redis: ok, or unavailable',
  ['outcome'],
  CALL_BUCKETS,
);
export const redisUp = gauge('identity_redis_up', 'Whether Redis is connected; absent without REDIS_URL', [], 'min');
export const hashDuration = histogram(
  'identity_hash_duration_seconds',
  'One computation of bcrypt in its thread: ok or failed',
  ['outcome'],
  CALL_BUCKETS,
);
export const kongDuration = histogram(
  'identity_kong_duration_seconds',
  "Calls to Kong's Admin API: ok, failed (an answer that cannot be used) or unavailable",
  ['outcome'],
  CALL_BUCKETS,
);
export const smtpDuration = histogram(
  'identity_smtp_duration_seconds',
  'Mails handed to the SMTP server: ok, failed (refused for good) or unavailable (tried again)',
  ['outcome'],
  CALL_BUCKETS,
);

export const jobsRun = counter('identity_jobs_total', 'Runs of jobs: done, failed (tried again) or given-up', [
  'kind',
  'outcome',
]);
export const jobsWaiting = gauge(
  'identity_jobs_waiting',
  'Jobs in the database that are due; absent while PostgreSQL does not answer',
  ['kind'],
  'max',
);
export const jobsOverdue = gauge(
  'identity_jobs_overdue_seconds',
  'How long the oldest due job has been due; absent while PostgreSQL does not answer',
  ['kind'],
  'max',
);

export const cpuSeconds = counter('process_cpu_seconds_total', 'Processor time used, of all threads', []);
export const residentMemory = gauge('process_resident_memory_bytes', 'Resident memory', []);
export const heapUsed = gauge('nodejs_heap_used_bytes', 'Memory used on the heap of V8', []);
export const startTime = gauge('process_start_time_seconds', 'When the process started, since the epoch', [], 'min');
export const eventLoop = gauge(
  'nodejs_eventloop_utilization_ratio',
  'Share of the time since the last scrape in which the event loop was busy, 0 to 1',
  [],
  'max',
);
