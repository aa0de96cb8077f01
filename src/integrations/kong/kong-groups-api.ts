import { type KongAdmin, type KongCall, unexpectedRefusal } from './kong-admin';
import { groupPage, type KongGroup } from './kong-types';
import { ValidatedCalls } from './validated-calls';

/** Kong's largest page. */
const PAGE_SIZE = '1000';

/** The ACL groups of consumers, over the Admin API. */
export class KongGroupsApi {
  private readonly calls: ValidatedCalls;

  constructor(private readonly admin: KongAdmin) {
    this.calls = new ValidatedCalls(admin);
  }

  /** The ACL groups of a consumer, by Kong's id; none without the consumer. */
  async list(consumerId: string): Promise<KongGroup[]> {
    const groups: KongGroup[] = [];
    let offset: string | undefined;
    do {
      const call: KongCall = {
        method: 'GET',
        path: ['consumers', consumerId, 'acls'],
        // Kong's own `next` link drops the size
        query: { size: PAGE_SIZE, ...(offset ? { offset } : {}) },
        operation: 'GET /consumers/{id}/acls',
      };
      const page = await this.calls.read(call, groupPage);
      groups.push(...(page?.data ?? []));
      offset = page?.offset ?? undefined;
    } while (offset !== undefined);
    return groups;
  }

  /** Adds a consumer to an ACL group; nothing happens when it is in it, or does not exist. */
  async add(consumerId: string, { group, tags }: Omit<KongGroup, 'id'>): Promise<void> {
    const call = {
      method: 'POST',
      path: ['consumers', consumerId, 'acls'],
      operation: 'POST /consumers/{id}/acls',
      body: { group, tags },
    } as const;
    const answer = await this.admin.call(call);
    if (answer.kind === 'refused' && answer.status !== 409) throw unexpectedRefusal(call, answer);
  }

  /** Takes a consumer out of an ACL group, by the id of the membership. */
  async remove(consumerId: string, id: string): Promise<void> {
    await this.calls.remove({
      method: 'DELETE',
      path: ['consumers', consumerId, 'acls', id],
      operation: 'DELETE /consumers/{id}/acls/{id}',
    });
  }
}
