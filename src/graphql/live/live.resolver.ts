import { Resolver, Root, Subscription } from 'type-graphql';
import type { AccountChange as AccountChangeEvent, AccountWatch } from '../../services/live/account-watch';
import type { SecurityEventWatch } from '../../services/live/security-event-watch';
import { AuditEvent } from '../history/history.types';
import type { GraphqlContext } from '../server/context';
import { AccountChange } from './account-change.types';

export interface LiveServices {
  accountWatch: AccountWatch;
  securityEventWatch: SecurityEventWatch;
}

/** TypeGraphQL wants a source for each subscription; `liveSources` are the real ones. */
const subscribe = (): never => {
  throw new Error('the schema was built without its live sources');
};

@Resolver()
export class LiveResolver {
  @Subscription(() => AccountChange, { subscribe, description: "Changes of the caller's own account." })
  accountChanged(@Root() change: AccountChangeEvent): AccountChange {
    return change as AccountChange;
  }

  @Subscription(() => AuditEvent, { subscribe, description: 'New security events.' })
  securityEvents(@Root() event: AuditEvent): AuditEvent {
    return event;
  }
}

/** Where the events of each subscription come from. */
export const liveSources = ({ accountWatch, securityEventWatch }: LiveServices) => ({
  accountChanged: ({ caller }: GraphqlContext) => accountWatch.open(caller),
  securityEvents: ({ caller }: GraphqlContext) => securityEventWatch.open(caller),
});
