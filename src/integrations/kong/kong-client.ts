import { KongAdmin, type KongAdminOptions, type KongAnswer, unexpectedRefusal } from './kong-admin';
import type { HmacAlgorithm } from './kong-algorithms';
import { type KongCredential, newCredentialKey } from './kong-credential';
import { KongConsumerGoneError, KongCustomIdTakenError, KongFailureError } from './kong-errors';
import { KongGroupsApi } from './kong-groups-api';
import { type ConsumerReference, consumerAnswer, credentialAnswer, type KongConsumer } from './kong-types';
import { kongUsername } from './kong-username';
import { ValidatedCalls } from './validated-calls';
import { type WriteOnce, writeOnce } from './write-once';

export interface NewConsumer {
  customId?: string;
  tags?: string[];
}

export interface NewCredential {
  /**
   * Set by a caller who records it first, so that a credential whose answer was lost can be deleted
   * later. Default: a new one.
   */
  key?: string;
  algorithm?: HmacAlgorithm;
  tags?: string[];
}

/** Limit in milliseconds for the read that finds out whether a lost write was applied. */
const READ_AFTER_LOSS_MS = 1500;

/**
 * What sign-in needs of Kong's Admin API: consumers and their jwt credentials. Every answer is
 * validated. Every method may throw KongUnreachableError (503) or KongFailureError (502), and
 * KongNameError for a name Kong cannot hold.
 */
export class KongClient {
  /** Which ACL groups a consumer is in. */
  readonly groups: KongGroupsApi;
  private readonly admin: KongAdmin;
  private readonly calls: ValidatedCalls;
  private readonly whenLost: Pick<WriteOnce<unknown>, 'readTimeoutMs' | 'logger'>;

  constructor(private readonly options: KongAdminOptions) {
    this.admin = new KongAdmin(options);
    this.calls = new ValidatedCalls(this.admin);
    this.groups = new KongGroupsApi(this.admin);
    this.whenLost = { readTimeoutMs: Math.min(READ_AFTER_LOSS_MS, this.admin.timeoutMs), logger: options.logger };
  }

  /** The same client for one sequence of calls, which together may take `budgetMs`. */
  within(budgetMs: number): KongClient {
    return new KongClient({ ...this.options, deadline: performance.now() + budgetMs });
  }

  /** Whether Kong and its database answer; `GET /status` would not read the database. */
  async isHealthy(): Promise<boolean> {
    const call = { method: 'GET', path: ['consumers'], query: { size: '1' }, operation: 'GET /consumers' } as const;
    const answer = await this.admin.call(call).catch(() => null);
    return answer?.kind === 'done';
  }

  /** Budget of one call in milliseconds. */
  get timeoutMs(): number {
    return this.admin.timeoutMs;
  }

  /** The consumer of one of our users, or null. Usernames are case-sensitive in Kong. */
  async findConsumer(username: string, timeoutMs?: number): Promise<KongConsumer | null> {
    const name = kongUsername(username);
    const call = {
      method: 'GET',
      path: ['consumers', name],
      operation: 'GET /consumers/{username}',
      timeoutMs,
    } as const;
    const found = await this.calls.read(call, consumerAnswer);
    if (found && found.username !== name) {
      throw new KongFailureError({
        operation: call.operation,
        status: 200,
        problem: 'the answer is about another consumer',
      });
    }
    return found;
  }

  /**
   * The consumer of one of our users, made if it is missing: GET, POST on 404, GET again when
   * another process was faster.
   * @param fresh for a new consumer only; an existing one keeps its own
   */
  async ensureConsumer(username: string, fresh: NewConsumer = {}): Promise<KongConsumer> {
    const existing = await this.findConsumer(username);
    if (existing) return existing;
    const name = kongUsername(username);
    const call = {
      method: 'POST',
      path: ['consumers'],
      operation: 'POST /consumers',
      body: {
        username: name,
        ...(fresh.customId ? { custom_id: fresh.customId } : {}),
        ...(fresh.tags ? { tags: fresh.tags } : {}),
      },
    } as const;
    let isCustomIdTaken = false;
    return writeOnce({
      ...this.whenLost,
      operation: call.operation,
      write: async () => {
        const answer = await this.admin.call(call);
        isCustomIdTaken = fresh.customId !== undefined && clashesOn(answer, 'custom_id');
        if (isCustomIdTaken || clashesOn(answer, 'username')) return null;
        const created = this.calls.validate(call, answer, consumerAnswer);
        if (created.username !== name) throw unexpectedRefusal(call, answer);
        return created;
      },
      read: async (timeoutMs) => {
        const found = await this.findConsumer(username, timeoutMs);
        if (!found && isCustomIdTaken) throw new KongCustomIdTakenError(call.operation);
        return found;
      },
    });
  }

  /**
   * Writes the `custom_id` and tags of a consumer that another client made.
   * @returns null when the consumer does not exist
   * @throws KongCustomIdTakenError
   */
  async adoptConsumer(id: string, { customId, tags }: Required<NewConsumer>): Promise<KongConsumer | null> {
    const call = {
      method: 'PATCH',
      path: ['consumers', id],
      operation: 'PATCH /consumers/{id}',
      body: { custom_id: customId, tags },
    } as const;
    const answer = await this.admin.call(call);
    if (answer.kind === 'absent') return null;
    if (clashesOn(answer, 'custom_id')) throw new KongCustomIdTakenError(call.operation);
    return this.calls.validate(call, answer, consumerAnswer);
  }

  /**
   * A new jwt credential. Kong makes the secret; the key is ours, so that one whose answer was lost
   * is found again instead of being made twice. After an error with `outcomeUnknown` the credential
   * may exist, or come to exist, under that key.
   * @throws KongConsumerGoneError when the consumer does not exist
   */
  async createCredential(
    consumer: ConsumerReference,
    { key = newCredentialKey(), algorithm = 'HS256', tags }: NewCredential = {},
  ): Promise<KongCredential> {
    const call = {
      method: 'POST',
      path: ['consumers', segmentOf(consumer), 'jwt'],
      operation: 'POST /consumers/{consumer}/jwt',
      body: { key, algorithm, ...(tags ? { tags } : {}) },
    } as const;
    return writeOnce({
      ...this.whenLost,
      operation: call.operation,
      write: async () => {
        const answer = await this.admin.call(call);
        if (answer.kind === 'absent') throw new KongConsumerGoneError(call.operation);
        if (clashesOn(answer, 'key')) return null;
        const created = this.calls.validate(call, answer, credentialAnswer);
        if (created.key !== key || created.algorithm !== algorithm || !belongsTo(created, consumer))
          throw unexpectedRefusal(call, answer);
        return created;
      },
      read: (timeoutMs) => this.findCredential(consumer, key, timeoutMs),
    });
  }

  /**
   * One credential of this consumer by key or id, with its secret, or null. Another consumer's
   * counts as absent.
   */
  async findCredential(
    consumer: ConsumerReference,
    keyOrId: string,
    timeoutMs?: number,
  ): Promise<KongCredential | null> {
    const call = {
      method: 'GET',
      path: ['consumers', segmentOf(consumer), 'jwt', keyOrId],
      operation: 'GET /consumers/{consumer}/jwt/{key}',
      timeoutMs,
    } as const;
    const found = await this.calls.read(call, credentialAnswer);
    if (found && !(belongsTo(found, consumer) && (found.key === keyOrId || found.id === keyOrId.toLowerCase()))) {
      throw new KongFailureError({
        operation: call.operation,
        status: 200,
        problem: 'the answer is about another credential',
      });
    }
    return found;
  }

  /**
   * Deletes a credential by key or id; one that does not exist counts as deleted. A UUID-shaped key
   * (none of ours is) has to be deleted by its id, because Kong takes it for one.
   * @returns whether it existed
   */
  async deleteCredential(consumer: ConsumerReference, keyOrId: string): Promise<boolean> {
    return this.calls.remove({
      method: 'DELETE',
      path: ['consumers', segmentOf(consumer), 'jwt', keyOrId],
      operation: 'DELETE /consumers/{consumer}/jwt/{key}',
    });
  }

  /** Deletes a consumer with its credentials; one that does not exist counts as deleted. */
  async deleteConsumer(consumer: ConsumerReference): Promise<void> {
    await this.calls.remove({
      method: 'DELETE',
      path: ['consumers', segmentOf(consumer)],
      operation: 'DELETE /consumers/{consumer}',
    });
  }
}

function segmentOf(consumer: ConsumerReference): string {
  return typeof consumer === 'string' ? kongUsername(consumer) : consumer.id;
}

function belongsTo(credential: KongCredential, consumer: ConsumerReference): boolean {
  return typeof consumer === 'string' || credential.consumerId === consumer.id;
}

/** Only `fields` tells which unique member a 409 is about. */
function clashesOn(answer: KongAnswer, field: string): boolean {
  return answer.kind === 'refused' && answer.status === 409 && Object.hasOwn(answer.refusal.fields ?? {}, field);
}
