import type { Rate } from '../../config/config';
import { AppError } from '../../errors/app-error';
import type { KeyValueStore } from '../../stores/key-value-store';
import { KeyedSemaphore } from './keyed-semaphore';
import { network, RateLimit } from './rate-limit';

/** One client may fail so many times more over all accounts than at one. */
const CLIENT_FACTOR = 20;
/**
 * Failures at one account by clients that are new to it; then each of them has one attempt a minute.
 * That slows guessing down, and holds no owner up for longer.
 */
const FAILURES_OF_STRANGERS: Rate = { amount: 26, seconds: 3600 };
const ONE_A_MINUTE: Rate = { amount: 1, seconds: 60 };

/** What an attempt is counted under: the account, or the name that no account has. */
type AttemptTarget = { readonly userId: string } | { readonly name: string };

export interface LoginAttempt {
  target: AttemptTarget;
  /** Address of the client. */
  address: string;
  /**
   * Whether the account was used from the client's network before, or the request proves a device
   * of the account: strangers do not hold such a client up.
   */
  isKnown: boolean;
  /** A session that the request proves to have had: its device counts on its own. */
  device?: string | null;
  /** Set on channels that count every request for one identifier, successes too. */
  everyRequestOf?: string;
}

/** The one set of counters for logins, on every channel. */
export class LoginLimiter {
  /** Failures at one account by one client. */
  private readonly pair: RateLimit;
  /** Failures by one client at all accounts. */
  private readonly client: RateLimit;
  private readonly request: RateLimit;
  private readonly strangers: RateLimit;
  private readonly slowed: RateLimit;
  private readonly pairSemaphore: KeyedSemaphore;
  private readonly clientSemaphore: KeyedSemaphore;

  constructor(store: KeyValueStore, limit: Rate) {
    const perClient = { amount: limit.amount * CLIENT_FACTOR, seconds: limit.seconds };
    this.pair = new RateLimit(store, 'login:pair', limit);
    this.client = new RateLimit(store, 'login:client', perClient);
    this.request = new RateLimit(store, 'login:request', limit);
    this.strangers = new RateLimit(store, 'login:strangers', {
      ...FAILURES_OF_STRANGERS,
      amount: Math.max(FAILURES_OF_STRANGERS.amount, limit.amount),
    });
    this.slowed = new RateLimit(store, 'login:slowed', ONE_A_MINUTE);
    this.pairSemaphore = new KeyedSemaphore(limit.amount);
    this.clientSemaphore = new KeyedSemaphore(perClient.amount);
  }

  /**
   * Counts an attempt as failed, before `check` compares the password, until it calls `succeeded`.
   * More attempts at once than may fail wait for each other: an attempt that will succeed must not
   * be refused for others that will too.
   * @throws AppError RATE_LIMITED with `retryAfter` in seconds; what `check` throws
   */
  async attempt<T>(attempt: LoginAttempt, check: (succeeded: () => Promise<void>) => Promise<T>): Promise<T> {
    const keys = keysOf(attempt);
    const run = () => this.count(attempt, keys, check);
    return this.pairSemaphore.run(keys.pair, () =>
      attempt.isKnown ? run() : this.clientSemaphore.run(keys.client, run),
    );
  }

  private async count<T>(
    { isKnown, everyRequestOf }: LoginAttempt,
    keys: AttemptKeys,
    check: (succeeded: () => Promise<void>) => Promise<T>,
  ): Promise<T> {
    const counted: (() => Promise<void>)[] = [];
    const consume = async (limit: RateLimit, key: string) => {
      await limit.consume(key);
      counted.push(() => limit.giveBack(key));
    };
    if (!isKnown) await consume(this.client, keys.client);
    if (everyRequestOf !== undefined) await this.request.consume(keyOf(everyRequestOf, keys.client));
    await consume(this.pair, keys.pair);
    if (!isKnown) {
      await consume(this.strangers, keys.target).catch((error: unknown) => {
        if (!(error instanceof AppError)) throw error;
        return consume(this.slowed, keys.pair);
      });
    }
    const succeeded = async () => {
      await Promise.all([this.clear(keys), !isKnown && this.client.giveBack(keys.client)]);
    };
    return check(succeeded).catch(async (error: unknown) => {
      // the password was not compared, so that this was no attempt
      if (!(error instanceof AppError)) await Promise.all(counted.map((giveBack) => giveBack()));
      throw error;
    });
  }

  /** Forgives the failures of an account at this client, and those of strangers. */
  async forgive(attempt: Pick<LoginAttempt, 'target' | 'address'>): Promise<void> {
    await this.clear(keysOf(attempt));
  }

  private async clear({ target, pair }: AttemptKeys): Promise<void> {
    await Promise.all([this.pair.clear(pair), this.slowed.clear(pair), this.strangers.clear(target)]);
  }
}

interface AttemptKeys {
  target: string;
  client: string;
  pair: string;
}

/** No two lists of parts have one key, whatever clients type. */
const keyOf = (...parts: readonly string[]): string => JSON.stringify(parts);

function keysOf({ target, address, device }: Pick<LoginAttempt, 'target' | 'address' | 'device'>): AttemptKeys {
  const account = 'userId' in target ? keyOf('user', target.userId) : keyOf('name', target.name);
  const client = keyOf('network', network(address));
  return { target: account, client, pair: keyOf(account, device ? keyOf('device', device) : client) };
}
