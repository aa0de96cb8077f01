import type { SqlEntityManager } from '@mikro-orm/postgresql';
import { isUuid } from '../../database/uuid';
import { AppError } from '../../errors/app-error';
import type { KongClient } from '../../integrations/kong/kong-client';
import type { KongConsumer } from '../../integrations/kong/kong-types';
import { findConsumerOwner } from '../../queries/kong-credentials';

/** Marks the consumers that this server made. */
const OWN_TAG = 'graphql-identity';

/**
 * The consumers in Kong that stand for users. A name alone proves nothing: anyone may register one,
 * and it is free again after a deletion. So a consumer carries its user's id as `custom_id`.
 */
export class KongConsumers {
  constructor(
    private readonly em: SqlEntityManager,
    /** Whether a user may take over an older consumer of the same name that has no `custom_id`. */
    private readonly adopt: boolean,
  ) {}

  /**
   * The consumer of a user, made if it is missing. One that a deleted account of the same name has
   * left behind is deleted first, with its credentials.
   * @throws AppError GATEWAY_NAME_TAKEN for the consumer of another user, KongError, KongNameError
   */
  async ensure(user: { id: string; username: string }, kong: KongClient): Promise<KongConsumer> {
    const wanted = { customId: user.id, tags: [OWN_TAG] };
    const consumer = await kong.ensureConsumer(user.username, wanted);
    if (this.belongs(consumer, user.id)) return consumer;
    if (!(await this.isLeftOver(consumer))) throw new AppError('GATEWAY_NAME_TAKEN');
    await kong.deleteConsumer({ id: consumer.id });
    const fresh = await kong.ensureConsumer(user.username, wanted);
    if (!this.belongs(fresh, user.id)) throw new AppError('GATEWAY_NAME_TAKEN');
    return fresh;
  }

  private belongs({ customId }: KongConsumer, userId: string): boolean {
    return customId === null ? this.adopt : customId === userId;
  }

  private async isLeftOver({ customId, tags }: KongConsumer): Promise<boolean> {
    if (customId === null || !isUuid(customId) || !tags.includes(OWN_TAG)) return false;
    return !(await findConsumerOwner.row(this.em, { id: customId }));
  }
}
