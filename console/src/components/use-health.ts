import { useServerDocument } from '../api/use-server-document';

interface Health {
  status: 'ok' | 'degraded' | 'unavailable' | 'closing';
  /** Everything that is configured. */
  dependencies?: Partial<Record<string, 'up' | 'down'>>;
}

const EVERY_MS = 10_000;

/** What /health/ready says, read again every ten seconds. */
export const useHealth = () => useServerDocument<Health>('health/ready', EVERY_MS);
