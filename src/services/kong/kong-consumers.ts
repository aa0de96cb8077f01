import type { SqlEntityManager } from '@mikro-orm/postgresql';
import { sqlRow } from '../../database/positional-sql';
import { isUuid } from '../../database/uuid';
import { AppError } from '../../errors/app-error';
import type { KongClient } from '../../integrations/kong/kong-client';
import type { KongConsumer } from '../../integrations/kong/kong-types';

/** Marks the consumers that were made here. */
const MADE_HERE = 'graphql-identity';

/**
 * The consumers in Kong that stand for users. A name alone proves nothing: accounts are made by
 * anybody, and a name is free again when its account is gone. So a consumer carries its user's id
 * as `custom_id`.
 */
export class KongConsumers {
  constructor(
    private readonly em: SqlEntityManager,
    /**
     * May a user have the consumer of his name that was there before and is nobody's: no
     * `custom_id`?
     */
    private readonly adopt: boolean,
  ) {}

  /**
   * The consumer of a user, made if it is missing. One that a deleted account of the same name has
   * left goes, with all that hangs on it.
   * @throws AppError GATEWAY_NAME_TAKEN for the consumer of somebody else, KongError, KongNameError
   */
  async of(user: { id: string; username: string }, kong: KongClient): Promise<KongConsumer> {
    const wanted = { customId: user.id, tags: [MADE_HERE] };
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
    if (customId === null || !isUuid(customId) || !tags.includes(MADE_HERE)) return false;
    return !(await sqlRow(this.em, 'select 1 from users where id = ?', [customId]));
  }
}
