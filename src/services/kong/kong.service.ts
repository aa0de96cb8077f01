import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { SignJWT } from 'jose';
import type { Clock } from '../../config/clock';
import { AppError } from '../../errors/app-error';
import type { KongClient } from '../../integrations/kong/kong-client';
import { type KongCredential, newCredentialKey } from '../../integrations/kong/kong-credential';
import {
  KongConsumerGoneError,
  KongError,
  KongNameError,
  KongUnreachableError,
} from '../../integrations/kong/kong-errors';
import type { KongConsumer } from '../../integrations/kong/kong-types';
import { network, RateLimit } from '../../security/rate-limits/rate-limit';
import type { KeyValueStore } from '../../stores/key-value-store';
import type { LoginService } from '../auth/login.service';
import type { Caller } from '../caller';
import type { KongConsumers } from './kong-consumers';
import type { KongCredentials } from './kong-credentials';
import type { KongOutbox } from './kong-outbox';

export interface KongToken {
  accessToken: string;
  tokenType: 'Bearer';
  /** Seconds. */
  expiresIn: number;
}

/** How long a sign-in waits for the deletion of older credentials, which goes on without it. */
const EVICTION_MS = 1500;
const TOKENS_PER_KEY = { amount: 30, seconds: 60 };
const TOKENS_PER_CLIENT = { amount: 120, seconds: 60 };

/**
 * Sign-in at a Kong gateway: a consumer and a jwt credential per user, tokens signed with that
 * credential. Kong keeps the secret; here there is only the key, its owner and its end.
 */
export class KongService {
  private readonly perKey: RateLimit;
  private readonly perClient: RateLimit;

  constructor(
    private readonly kong: KongClient | null,
    private readonly logins: LoginService,
    private readonly consumers: KongConsumers,
    private readonly credentials: KongCredentials,
    private readonly outbox: KongOutbox,
    /** Seconds that a token lives. */
    private readonly tokenTtl: number,
    store: KeyValueStore,
    private readonly clock: Clock,
  ) {
    this.perKey = new RateLimit(store, 'kong:key', TOKENS_PER_KEY);
    this.perClient = new RateLimit(store, 'kong:client', TOKENS_PER_CLIENT);
  }

  /**
   * Checks the password, sees that the user is a consumer in Kong, and makes a credential for him
   * there. The row is written before Kong is asked: whatever happens in between, what Kong may hold
   * is known here and will be deleted.
   * @returns the key of the credential, the `iss` of its tokens
   * @throws AppError INVALID_CREDENTIALS, ACCOUNT_DISABLED, RATE_LIMITED, GATEWAY_NOT_CONFIGURED,
   *   GATEWAY_UNREACHABLE, GATEWAY_FAILED, GATEWAY_NAME_UNSUPPORTED, GATEWAY_NAME_TAKEN
   */
  async signIn(input: { username: string; password: string }, caller: Caller): Promise<{ key: string }> {
    const kong = this.configured();
    const user = await this.logins.verify(input, caller);
    const consumer = await mapKongErrors(() => this.consumers.of(user, kong));
    const key = newCredentialKey();
    await this.credentials.reserve(key, user);
    try {
      const credential = await mapKongErrors(() => this.makeCredential(kong, consumer, user, key));
      const became = await this.credentials.confirm(key, credential.id, user, input.username, caller);
      if (became === 'ended') this.outbox.abandon({ key, userId: user.id, consumer: user.username });
      if (became === 'last')
        await Promise.race([
          this.outbox.deliver([user.id]).catch(() => undefined),
          sleep(EVICTION_MS, undefined, { ref: false }),
        ]);
      return { key };
    } catch (error) {
      this.outbox.abandon({ key, userId: user.id, consumer: user.username });
      throw error;
    }
  }

  /**
   * A token for the holder of a key, signed with the credential's own secret and algorithm, which
   * are read from Kong and kept nowhere.
   * @throws AppError UNKNOWN_GATEWAY_KEY, RATE_LIMITED, GATEWAY_NOT_CONFIGURED,
   *   GATEWAY_UNREACHABLE, GATEWAY_FAILED
   */
  async issueToken(key: string, caller: Caller): Promise<KongToken> {
    const kong = this.configured();
    await this.perClient.consume(network(caller.address));
    await this.perKey.consume(key);
    const owner = /^[\w-]{16,128}$/.test(key) ? await this.credentials.honoured(key) : undefined;
    if (!owner) throw new AppError('UNKNOWN_GATEWAY_KEY');
    const credential = await mapKongErrors(() => kong.findCredential(owner.consumer, key));
    if (!credential) throw new AppError('UNKNOWN_GATEWAY_KEY');
    const now = Math.floor(this.clock.now().getTime() / 1000);
    const expiresIn = Math.min(this.tokenTtl, Math.floor(new Date(owner.expires_at).getTime() / 1000) - now);
    if (expiresIn < 1) throw new AppError('UNKNOWN_GATEWAY_KEY');
    const accessToken = await mapKongErrors(() =>
      new SignJWT({})
        .setProtectedHeader({ alg: credential.algorithm, typ: 'JWT' })
        .setIssuer(key)
        .setSubject(owner.user_id)
        .setIssuedAt(now)
        .setExpirationTime(now + expiresIn)
        .setJti(randomUUID())
        .sign(credential.signingKey()),
    );
    // asked again: a logout while Kong was answering must not be outrun
    if (!(await this.credentials.honoured(key))) throw new AppError('UNKNOWN_GATEWAY_KEY');
    return { accessToken, tokenType: 'Bearer', expiresIn };
  }

  /** Whom the gateway has let through. @throws AppError UNAUTHENTICATED, GATEWAY_NOT_CONFIGURED */
  consumer({ kongConsumer }: Caller): { id: string; username: string } {
    this.configured();
    if (!kongConsumer) throw new AppError('UNAUTHENTICATED', { reason: 'missing' });
    return kongConsumer;
  }

  /** A consumer that was deleted in Kong since it was found is made again, once. */
  private async makeCredential(
    kong: KongClient,
    consumer: KongConsumer,
    user: { id: string; username: string },
    key: string,
  ): Promise<KongCredential> {
    try {
      return await kong.createCredential(consumer, { key });
    } catch (error) {
      if (!(error instanceof KongConsumerGoneError)) throw error;
      return await kong.createCredential(await this.consumers.of(user, kong), { key });
    }
  }

  private configured(): KongClient {
    if (!this.kong) throw new AppError('GATEWAY_NOT_CONFIGURED');
    return this.kong;
  }
}

/** Kong's errors as errors of the catalogue. */
async function mapKongErrors<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof KongNameError) throw new AppError('GATEWAY_NAME_UNSUPPORTED', {}, { cause });
    if (cause instanceof KongUnreachableError) throw new AppError('GATEWAY_UNREACHABLE', { retryAfter: 5 }, { cause });
    if (cause instanceof KongError) throw new AppError('GATEWAY_FAILED', { retryAfter: 5 }, { cause });
    throw cause;
  }
}
