import { randomUUID } from 'node:crypto';
import type { SqlEntityManager } from '@mikro-orm/postgresql';
import { compactVerify, decodeJwt, SignJWT } from 'jose';
import type { Clock } from '../../config/clock';
import { AppError } from '../../errors/app-error';
import type { KongClient } from '../../integrations/kong/kong-client';
import { type KongCredential, newCredentialKey } from '../../integrations/kong/kong-credential';
import {
  KongConsumerGoneError,
  KongCustomIdTakenError,
  KongError,
  KongNameError,
  KongUnreachableError,
} from '../../integrations/kong/kong-errors';
import type { KongConsumer } from '../../integrations/kong/kong-types';
import { tokensIssued } from '../../observability/metrics/metrics';
import { findAccountState } from '../../queries/account-state';
import { network, RateLimit } from '../../security/rate-limits/rate-limit';
import { toAccountState } from '../../security/tokens/account-state';
import type { KeyValueStore } from '../../stores/key-value-store';
import type { Login } from '../auth/login';
import type { Caller } from '../caller';
import { type KongConsumers, OWN_TAG } from './kong-consumers';
import type { KongCredentials } from './kong-credentials';
import type { KongDeletions } from './kong-deletions';
import type { KongGroups } from './kong-groups';

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
const LOGOUTS_PER_CLIENT = { amount: 120, seconds: 60 };
const KEY = /^[\w-]{16,128}$/;

export interface KongServiceDependencies {
  em: SqlEntityManager;
  /** Null where no Kong is configured. */
  kong: KongClient | null;
  login: Login;
  consumers: KongConsumers;
  credentials: KongCredentials;
  deletions: KongDeletions;
  /** Null where roles are no ACL groups. */
  groups: KongGroups | null;
  store: KeyValueStore;
  clock: Clock;
  /** Lifetime of a token in seconds. */
  tokenTtl: number;
  /** Limit in milliseconds for all calls of a sign-in to Kong. */
  signInTimeoutMs: number;
}

/**
 * Sign-in at Kong: a consumer and a jwt credential for each user, tokens signed with that
 * credential. Kong keeps the secret; this server keeps the key, its owner and its expiry.
 */
export class KongService {
  private readonly perKey: RateLimit;
  private readonly perClient: RateLimit;
  private readonly logoutsPerClient: RateLimit;

  constructor(private readonly dependencies: KongServiceDependencies) {
    this.perKey = new RateLimit(dependencies.store, 'kong:key', TOKENS_PER_KEY);
    this.perClient = new RateLimit(dependencies.store, 'kong:client', TOKENS_PER_CLIENT);
    this.logoutsPerClient = new RateLimit(dependencies.store, 'kong:logout', LOGOUTS_PER_CLIENT);
  }

  /**
   * Verifies the password, makes sure that the user is a consumer in Kong, and makes a credential
   * there. The key is recorded before Kong makes the credential, so that every credential that Kong
   * may hold can be deleted.
   * @returns the key of the credential, the `iss` of its tokens
   * @throws AppError INVALID_CREDENTIALS, ACCOUNT_DISABLED, RATE_LIMITED, GATEWAY_NOT_CONFIGURED,
   *   GATEWAY_UNREACHABLE, GATEWAY_FAILED, GATEWAY_NAME_UNSUPPORTED, GATEWAY_NAME_TAKEN
   */
  async signIn(input: { username: string; password: string }, caller: Caller): Promise<{ key: string }> {
    const { login, consumers, credentials, deletions, groups, signInTimeoutMs } = this.dependencies;
    const configured = this.requireKong();
    const user = await login.verify(input, caller);
    const kong = configured.within(signInTimeoutMs);
    const consumer = await mapKongErrors(async () => {
      const ensured = await consumers.ensure(user, kong);
      await groups?.grant(user.id, ensured, kong);
      return ensured;
    });
    const key = newCredentialKey();
    const abandon = () => deletions.abandon({ key, userId: user.id, consumer: user.username });
    await credentials.reserve(key, user);
    try {
      const { id: kongId } = await mapKongErrors(() => this.createCredential({ kong, consumer, user, key }));
      const confirmed = await credentials.confirm({ key, kongId, user, identifier: input.username }, caller);
      if (!confirmed.isLive) abandon();
      else if (confirmed.evicted > 0) await deletions.run(EVICTION_MS);
      await groups?.schedule(user.id);
      return { key };
    } catch (error) {
      abandon();
      throw error;
    }
  }

  /**
   * A token for the holder of a key, signed with the credential's secret and algorithm, which are
   * read from Kong and kept nowhere.
   * @throws AppError UNKNOWN_GATEWAY_KEY, RATE_LIMITED, GATEWAY_NOT_CONFIGURED,
   *   GATEWAY_UNREACHABLE, GATEWAY_FAILED
   */
  async issueToken(key: string, caller: Caller): Promise<KongToken> {
    const { em, credentials, clock, tokenTtl } = this.dependencies;
    const kong = this.requireKong();
    await this.perClient.consume(network(caller.address));
    await this.perKey.consume(key);
    const owner = KEY.test(key) ? await credentials.findValid(key) : undefined;
    if (!owner) throw new AppError('UNKNOWN_GATEWAY_KEY');
    const credential = await mapKongErrors(() => kong.findCredential(owner.consumer, key));
    if (!credential) throw new AppError('UNKNOWN_GATEWAY_KEY');
    const now = Math.floor(clock.now().getTime() / 1000);
    const expiresIn = Math.min(tokenTtl, Math.floor(owner.expiresAt.getTime() / 1000) - now);
    if (expiresIn < 1) throw new AppError('UNKNOWN_GATEWAY_KEY');
    const account = await findAccountState.row(em, { userId: owner.userId });
    if (!account) throw new AppError('UNKNOWN_GATEWAY_KEY');
    const scope = [...toAccountState(account).held].join(' ');
    const accessToken = await mapKongErrors(() =>
      new SignJWT({ scope })
        .setProtectedHeader({ alg: credential.algorithm, typ: 'JWT' })
        .setIssuer(key)
        .setSubject(owner.userId)
        .setIssuedAt(now)
        .setExpirationTime(now + expiresIn)
        .setJti(randomUUID())
        .sign(credential.signingKey()),
    );
    // a logout may have ended the key while Kong was answering
    if (!(await credentials.findValid(key))) throw new AppError('UNKNOWN_GATEWAY_KEY');
    tokensIssued.inc({ kind: 'kong' });
    return { accessToken, tokenType: 'Bearer', expiresIn };
  }

  /**
   * Ends the credential that has signed a token, expired or not. The `iss` of a token is public, so
   * the signature is verified with the secret, which is read from Kong.
   * @returns false for a token that no valid credential has signed
   * @throws AppError RATE_LIMITED, GATEWAY_UNREACHABLE, GATEWAY_FAILED
   */
  async logout(token: string, caller: Caller): Promise<boolean> {
    const { kong, credentials } = this.dependencies;
    const key = kong && issuerOf(token);
    const owner = key && KEY.test(key) ? await credentials.findValid(key) : undefined;
    if (!kong || !key || !owner) return false;
    await this.logoutsPerClient.consume(network(caller.address));
    const isVerified = await mapKongErrors(async () => {
      const credential = await kong.findCredential(owner.consumer, key);
      return credential !== null && (await hasSigned(credential, token));
    });
    return isVerified && credentials.revoke(key, caller);
  }

  /** The consumer that Kong has authenticated. @throws AppError UNAUTHENTICATED, GATEWAY_NOT_CONFIGURED */
  consumer({ kongConsumer }: Caller): { id: string; username: string } {
    this.requireKong();
    if (!kongConsumer) throw new AppError('UNAUTHENTICATED', { reason: 'missing' });
    return kongConsumer;
  }

  /** Makes the consumer again, once, when it was deleted in Kong since it was read. */
  private async createCredential({ kong, consumer, user, key }: CredentialRequest): Promise<KongCredential> {
    const credential = { key, tags: [OWN_TAG] };
    try {
      return await kong.createCredential(consumer, credential);
    } catch (error) {
      if (!(error instanceof KongConsumerGoneError)) throw error;
      return await kong.createCredential(await this.dependencies.consumers.ensure(user, kong), credential);
    }
  }

  private requireKong(): KongClient {
    const { kong } = this.dependencies;
    if (!kong) throw new AppError('GATEWAY_NOT_CONFIGURED');
    return kong;
  }
}

interface CredentialRequest {
  kong: KongClient;
  consumer: KongConsumer;
  user: { id: string; username: string };
  key: string;
}

function issuerOf(token: string): string | null {
  try {
    return decodeJwt(token).iss ?? null;
  } catch {
    return null;
  }
}

async function hasSigned(credential: KongCredential, token: string): Promise<boolean> {
  const signingKey = credential.signingKey();
  return compactVerify(token, signingKey, { algorithms: [credential.algorithm] }).then(
    () => true,
    () => false,
  );
}

/** Kong's errors as errors of the catalogue. */
async function mapKongErrors<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (cause) {
    if (cause instanceof KongCustomIdTakenError)
      throw new AppError('GATEWAY_NAME_TAKEN', { member: 'user id (custom_id)' }, { cause });
    if (cause instanceof KongNameError) throw new AppError('GATEWAY_NAME_UNSUPPORTED', {}, { cause });
    if (cause instanceof KongUnreachableError) throw new AppError('GATEWAY_UNREACHABLE', { retryAfter: 5 }, { cause });
    if (cause instanceof KongError) throw new AppError('GATEWAY_FAILED', { retryAfter: 5 }, { cause });
    throw cause;
  }
}
