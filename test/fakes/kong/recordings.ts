import fixture from './fixtures/exchanges.json';

/**
 * One exchange with a real Kong 3.9.1 as the fixture holds it; fixtures/README.md explains the
 * members.
 */
export interface Recording {
  n: number;
  group: string;
  name: string;
  /** When Kong answered: seconds since 1970. */
  at: number;
  on: 'admin' | 'proxy';
  method: string;
  path: string;
  headers?: 'json' | Record<string, string | string[]>;
  body?: string;
  bodyHex?: string;
  bodyBytes?: number;
  status?: number;
  answerHeaders?: Record<string, string>;
  /** The usual headers of a JSON answer of the Admin API, with this Content-Length. */
  adminJsonBytes?: number;
  json?: Record<string, unknown>;
  text?: string;
  /** Members of a body that was not recorded whole. */
  part?: Record<string, string>;
  cut?: boolean;
  error?: 'CLIENT_TIMEOUT' | 'ECONNREFUSED';
  /** Sent this many times at once. */
  times?: number;
  statuses?: number[];
  loser?: Record<string, unknown>;
  distinctIds?: number;
  recreated?: boolean;
  /** What was done to the gateway before. */
  first?: 'stopDatabase' | 'startDatabase' | 'hangDatabase' | 'hang' | 'stop' | 'start' | 'failAfter' | 'hangAfter';
}

/**
 * A request that was made between the recordings, so that they fit together; its answer is not
 * compared.
 */
type UnrecordedRequest = Pick<Recording, 'at' | 'on' | 'method' | 'path' | 'headers' | 'body'> & {
  unrecorded: string;
};

export type Step = Recording | UnrecordedRequest;

export const steps = fixture.exchanges as Step[];
export const recordings = steps.filter((step): step is Recording => 'n' in step);
export const aboutRecordings = fixture.about;

export function isRecording(step: Step): step is Recording {
  return 'n' in step;
}

/** The headers that were answered, but for dates and connection handling; latencies are `*`. */
export function recordedHeaders({ answerHeaders, adminJsonBytes }: Recording): Record<string, string> {
  if (adminJsonBytes === undefined) return answerHeaders ?? {};
  return {
    'content-type': 'application/json; charset=utf-8',
    'content-length': String(adminJsonBytes),
    'access-control-allow-origin': '*',
    'access-control-allow-credentials': 'true',
    'x-kong-admin-latency': '*',
    server: 'kong/3.9.1',
  };
}
