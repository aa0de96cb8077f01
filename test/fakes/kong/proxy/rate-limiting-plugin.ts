import type { Exchange, PluginConfig, ProxyPlugin } from './exchange';
import { errorAnswer, type ProxyAnswer } from './proxy-answers';

const WINDOW_SECONDS = { second: 1, minute: 60, hour: 3600, day: 86_400 } as const;
type Window = keyof typeof WINDOW_SECONDS;

/**
 * Kong's rate-limiting plugin with the local policy: fixed windows of the clock, per consumer or,
 * without one, per address.
 */
export class RateLimitingPlugin implements ProxyPlugin {
  readonly priority = 910;
  private readonly counts = new Map<string, number>();

  constructor(
    /** Whole seconds since 1970. */
    private readonly now: () => number,
  ) {}

  access(exchange: Exchange, config: PluginConfig): ProxyAnswer | undefined {
    const who = (config.limit_by !== 'ip' && exchange.consumer?.id) || exchange.clientAddress;
    const usages = this.usages(`${config.id} ${who}`, config);
    const [shortest] = usages;
    if (!shortest) return undefined;
    const stopped = usages.find(({ used, limit }) => used >= limit);
    const counted = stopped ? 0 : 1;
    for (const { window, limit, used } of usages) {
      const name = window[0]!.toUpperCase() + window.slice(1);
      exchange.responseHeaders[`X-RateLimit-Limit-${name}`] = String(limit);
      exchange.responseHeaders[`X-RateLimit-Remaining-${name}`] = String(Math.max(0, limit - used - counted));
    }
    const told = stopped ?? shortest;
    exchange.responseHeaders['RateLimit-Limit'] = String(told.limit);
    exchange.responseHeaders['RateLimit-Remaining'] = String(Math.max(0, told.limit - told.used - counted));
    exchange.responseHeaders['RateLimit-Reset'] = String(told.resetSeconds);
    if (!stopped) {
      for (const { counter, used } of usages) this.counts.set(counter, used + 1);
      return undefined;
    }
    exchange.responseHeaders['Retry-After'] = String(stopped.resetSeconds);
    const message = String(config.error_message);
    return errorAnswer({
      status: Number(config.error_code),
      message,
      requestId: exchange.requestId,
      accept: exchange.headers.get('accept'),
    });
  }

  private usages(subject: string, config: PluginConfig) {
    return (Object.keys(WINDOW_SECONDS) as Window[]).flatMap((window) => {
      const limit = config[window];
      if (typeof limit !== 'number') return [];
      const seconds = WINDOW_SECONDS[window];
      const counter = `${subject} ${window} ${Math.floor(this.now() / seconds)}`;
      return [
        { window, limit, counter, used: this.counts.get(counter) ?? 0, resetSeconds: seconds - (this.now() % seconds) },
      ];
    });
  }
}
