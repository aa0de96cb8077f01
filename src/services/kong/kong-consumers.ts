import type { SqlEntityManager } from '@mikro-orm/postgresql';
import { isUuid } from '../../database/uuid';
import { AppError } from '../../errors/app-error';
import type { KongClient } from '../../integrations/kong/kong-client';
import type { KongConsumer } from '../../integrations/kong/kong-types';
import { findConsumerOwner } from '../../queries/kong-credentials';
import type { JobQueue } from '../jobs/job-queue';

/** Marks the consumers and credentials of this server. */
export const OWN_TAG = 'graphql-identity';

const DELETION = 'kong.delete-consumer';
const FIRST_PAUSE_S = 2;
const LONGEST_PAUSE_S = 300;

interface ConsumerOwner {
  id: string;
  username: string;
}

export interface KongConsumersDependencies {
  em: SqlEntityManager;
  /** Null where no Kong is configured. */
  kong: KongClient | null;
  queue: JobQueue;
  /** Whether a user may take over an older consumer of the same name that has no `custom_id`. */
  adopts: boolean;
}

/**
 * The consumers in Kong that stand for users. A name alone proves nothing: anyone may register one,
 * and it is free again after a deletion. So a consumer carries its user's id as `custom_id`.
 */
export class KongConsumers {
  constructor(private readonly dependencies: KongConsumersDependencies) {
    const { kong, queue } = dependencies;
    if (!kong) return;
    queue.handle(DELETION, {
      run: (payload) => this.delete(payload as unknown as ConsumerOwner, kong),
      retryAfter: (_error, { tries }) => Math.min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2 ** Math.min(tries - 1, 10)),
    });
  }

  /**
   * The consumer of a user, made if it is missing. One that a deleted account of the same name has
   * left behind is deleted first, with its credentials.
   * @throws AppError GATEWAY_NAME_TAKEN for the consumer of another user, KongError, KongNameError
   */
  async ensure(user: ConsumerOwner, kong: KongClient): Promise<KongConsumer> {
    const wanted = { customId: user.id, tags: [OWN_TAG] };
    const consumer = await kong.ensureConsumer(user.username, wanted);
    if (consumer.customId === user.id) return consumer;
    if (consumer.customId === null) return this.adopt(consumer, user, kong);
    if (!(await this.isLeftOver(consumer))) throw new AppError('GATEWAY_NAME_TAKEN', { member: 'user name' });
    await kong.deleteConsumer({ id: consumer.id });
    const fresh = await kong.ensureConsumer(user.username, wanted);
    if (fresh.customId !== user.id) throw new AppError('GATEWAY_NAME_TAKEN', { member: 'user name' });
    return fresh;
  }

  /** Plans the deletion of a user's consumer with the commit. @param em of the transaction */
  async scheduleDeletion(em: SqlEntityManager, { id, username }: ConsumerOwner): Promise<void> {
    const { kong, queue } = this.dependencies;
    if (kong) await queue.add(em, { kind: DELETION, payload: { id, username } });
  }

  private async adopt(consumer: KongConsumer, user: ConsumerOwner, kong: KongClient): Promise<KongConsumer> {
    if (!this.dependencies.adopts) throw new AppError('GATEWAY_NAME_TAKEN', { member: 'user name' });
    const tags = [...new Set([...consumer.tags, OWN_TAG])];
    const adopted = await kong.adoptConsumer(consumer.id, { customId: user.id, tags });
    return adopted ?? kong.ensureConsumer(user.username, { customId: user.id, tags: [OWN_TAG] });
  }

  private async isLeftOver({ customId, tags }: KongConsumer): Promise<boolean> {
    if (customId === null || !isUuid(customId) || !tags.includes(OWN_TAG)) return false;
    return !(await findConsumerOwner.row(this.dependencies.em, { id: customId }));
  }

  /** By Kong's id, because the name may belong to the consumer of another account by now. */
  private async delete({ id, username }: ConsumerOwner, kong: KongClient): Promise<void> {
    const consumer = await kong.findConsumer(username);
    if (consumer?.customId === id) await kong.deleteConsumer({ id: consumer.id });
  }
}
