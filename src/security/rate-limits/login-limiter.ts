import type { Rate } from '../../config/config';
import { AppError } from '../../errors/app-error';
import type { KeyValueStore } from '../../stores/key-value-store';
import { KeyedSemaphore } from './keyed-semaphore';
import { digest, network, RateLimit } from './rate-limit';

const DAY = 86_400;
/**
 * Failures on one account in a day, without a success between them: 26, and then one an hour, which
 * makes 50; as many again from the addresses that its owner is known at, so that nobody else can
 * use his up. Together 100 at most (NIST SP 800-63B-4 section 3.2.2): slow for a guesser, no
 * lock-out. Where the limit of one address is set higher than this, this is as high.
 */
const FAST_FAILURES = 26;
const SLOWLY: Rate = { amount: 1, seconds: 3600 };
/** One address may fail this many times more than one account from it. */
const ADDRESS_FACTOR = 20;
const KNOWN_ADDRESS_MS = 30 * DAY * 1000;

export interface AttemptKeys {
  /**
   * Id of the account, or what was typed where there is none: both ways into an account share one
   * counter.
   */
  account: string;
  address: string;
  /** Set at channels that count every request of one identifier, successes too. */
  everyRequestOf?: string;
}

/** The one set of counters for logins, whatever channel they come through. */
export class LoginLimiter {
  private readonly pair: RateLimit;
  private readonly address: RateLimit;
  private readonly request: RateLimit;
  private readonly account: RateLimit;
  private readonly slow: RateLimit;
  private readonly pairSemaphore: KeyedSemaphore;
  private readonly addressSemaphore: KeyedSemaphore;

  constructor(
    private readonly store: KeyValueStore,
    limit: Rate,
  ) {
    const perAddress = { amount: limit.amount * ADDRESS_FACTOR, seconds: limit.seconds };
    this.pair = new RateLimit(store, 'login:pair', limit);
    this.address = new RateLimit(store, 'login:address', perAddress);
    this.request = new RateLimit(store, 'login:request', limit);
    this.account = new RateLimit(store, 'login:account', {
      amount: Math.max(FAST_FAILURES, limit.amount),
      seconds: DAY,
    });
    this.slow = new RateLimit(store, 'login:slow', SLOWLY);
    this.pairSemaphore = new KeyedSemaphore(limit.amount);
    this.addressSemaphore = new KeyedSemaphore(perAddress.amount);
  }

  /**
   * Counts an attempt as failed, before `check` looks at the password, until it calls `succeeded`.
   * More attempts at once than may fail wait for each other: an attempt that will succeed must not
   * be refused for others that will too.
   * @throws AppError RATE_LIMITED with `retryAfter` in seconds; whatever `check` throws
   */
  async attempt<T>(keys: AttemptKeys, check: (succeeded: () => Promise<void>) => Promise<T>): Promise<T> {
    const address = network(keys.address);
    const pair = `${keys.account}\n${address}`;
    return this.pairSemaphore.run(pair, () =>
      this.addressSemaphore.run(address, async () => {
        await this.address.consume(address);
        if (keys.everyRequestOf !== undefined) await this.request.consume(`${keys.everyRequestOf}\n${address}`);
        await this.pair.consume(pair);
        const accountKey = (await this.isKnown(pair)) ? `${keys.account}\nknown` : keys.account;
        await this.consumeAccount(accountKey);
        const succeeded = async () => {
          await Promise.all([
            this.forgive(keys),
            this.address.giveBack(address),
            this.store.set(known(pair), '1', KNOWN_ADDRESS_MS).catch(() => undefined),
          ]);
        };
        return check(succeeded).catch(async (error: unknown) => {
          // the password was not looked at: that was no attempt
          if (!(error instanceof AppError))
            await Promise.all([
              this.pair.giveBack(pair),
              this.address.giveBack(address),
              this.account.giveBack(accountKey),
            ]);
          throw error;
        });
      }),
    );
  }

  /** Forgets the failures of an account: all that count for this address. */
  async forgive({ account, address }: { account: string; address: string }): Promise<void> {
    await Promise.all([
      this.pair.clear(`${account}\n${network(address)}`),
      ...[account, `${account}\nknown`].flatMap((key) => [this.account.clear(key), this.slow.clear(key)]),
    ]);
  }

  private async isKnown(pair: string): Promise<boolean> {
    return (await this.store.get(known(pair)).catch(() => null)) !== null;
  }

  private async consumeAccount(key: string): Promise<void> {
    try {
      await this.account.consume(key);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      await this.slow.consume(key);
    }
  }
}

const known = (pair: string): string => `known:${digest(pair)}`;
