import type { SqlEntityManager } from '@mikro-orm/postgresql';
import type { Logger } from 'pino';
import type { Clock } from '../../config/clock';
import type { ChangeFeed } from '../../database/change-feed';
import type { KongClient } from '../../integrations/kong/kong-client';
import type { KongConsumer } from '../../integrations/kong/kong-types';
import { findAccountState } from '../../queries/account-state';
import { findStaleGroups, setKongGroups } from '../../queries/kong-credentials';
import type { JobQueue } from '../jobs/job-queue';
import { OWN_TAG } from './kong-consumers';

const SYNC = 'kong.sync-groups';
const SYNC_ALL = 'kong.sync-all-groups';
const BATCH = 100;
const EVERY_S = 30;
const LONGEST_PAUSE_S = 30;

export interface KongGroupsDependencies {
  em: SqlEntityManager;
  kong: KongClient;
  queue: JobQueue;
  clock: Clock;
  logger: Logger;
}

/**
 * The roles of users as ACL groups of their consumers, so that Kong's acl plugin can decide by
 * them. Invariant: a change of roles reaches Kong through a job, because the database keeps which
 * groups were last written; groups of other makers stay.
 */
export class KongGroups {
  constructor(private readonly dependencies: KongGroupsDependencies) {
    const { queue } = dependencies;
    const retryAfter = (_error: unknown, { tries }: { tries: number }) =>
      Math.min(LONGEST_PAUSE_S, 2 ** Math.min(tries, 10));
    queue.handle(SYNC, { run: ({ userId }) => this.syncStale(userId as string | null), retryAfter });
    queue.handle(SYNC_ALL, { run: () => this.syncStale(null), retryAfter, repeatAfter: EVERY_S });
  }

  start(feed: ChangeFeed): void {
    feed.onChange((account) => {
      this.schedule(account === '*' ? null : account).catch((error: unknown) =>
        this.dependencies.logger.warn(
          { err: error },
          'changed roles could not be queued for Kong; a later look does it',
        ),
      );
    });
  }

  /** Before a sign-in is answered: adds the groups that the user's first request may need. */
  async grant(userId: string, { id }: KongConsumer, kong: KongClient): Promise<void> {
    const existing = new Set((await kong.groups.list(id)).map(({ group }) => group));
    for (const group of await this.rolesOf(userId))
      if (!existing.has(group)) await kong.groups.add(id, { group, tags: [OWN_TAG] });
  }

  /** Queues the user, if the roles have changed. @param userId null for all users */
  async schedule(userId: string | null): Promise<void> {
    const { em, queue } = this.dependencies;
    if ((await this.findStale(userId)).length > 0)
      await queue.add(em, { kind: SYNC, key: `${SYNC}:${userId ?? '*'}`, payload: { userId } });
  }

  private async syncStale(userId: string | null): Promise<void> {
    let stale: string[];
    do {
      stale = await this.findStale(userId);
      for (const each of stale) await this.sync(each);
    } while (stale.length === BATCH);
  }

  private async findStale(userId: string | null): Promise<string[]> {
    const { em, clock } = this.dependencies;
    const rows = await findStaleGroups.rows(em, { userId, now: clock.now(), limit: BATCH });
    return rows.map(({ user_id }) => user_id);
  }

  private async sync(userId: string): Promise<void> {
    const { em, kong } = this.dependencies;
    const account = await findAccountState.row(em, { userId });
    if (!account) return;
    const wanted = [...account.roles].sort();
    const consumer = await kong.findConsumer(account.username);
    if (consumer?.customId === userId) {
      const existing = await kong.groups.list(consumer.id);
      for (const { id, group, tags } of existing)
        if (tags.includes(OWN_TAG) && !wanted.includes(group)) await kong.groups.remove(consumer.id, id);
      const present = new Set(existing.map(({ group }) => group));
      for (const group of wanted)
        if (!present.has(group)) await kong.groups.add(consumer.id, { group, tags: [OWN_TAG] });
    }
    await setKongGroups.rows(em, { userId, groups: `{${wanted.join(',')}}` });
  }

  private async rolesOf(userId: string): Promise<string[]> {
    return (await findAccountState.row(this.dependencies.em, { userId }))?.roles ?? [];
  }
}
