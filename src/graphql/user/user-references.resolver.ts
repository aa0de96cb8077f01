import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import type { AuditEventView, LoginAttemptView } from '../../services/audit/history.service';
import type { SessionView } from '../../services/sessions/session.service';
import type { UserView } from '../../services/users/user-view';
import { AuditEvent, LoginAttempt } from '../history/history.types';
import type { BatchLoader } from '../loaders';
import { Profile } from '../profile/profile.types';
import type { GraphqlContext } from '../server/context';
import { Session } from '../session/session.types';
import { User } from './user.types';

/** Leads back to the account; null where there is none, or none any more. */
abstract class UserReference {
  constructor(private readonly users: BatchLoader<UserView>) {}

  protected async find(id: string | null, context: GraphqlContext): Promise<User | null> {
    return id === null ? null : this.users.load(context, id);
  }
}

@Resolver(() => Profile)
export class ProfileUserResolver extends UserReference {
  @FieldResolver(() => User, { nullable: true, description: 'The user of the profile.' })
  user(@Root() profile: Profile, @Ctx() context: GraphqlContext): Promise<User | null> {
    return this.find(profile.userId, context);
  }
}

@Resolver(() => Session)
export class SessionUserResolver extends UserReference {
  @FieldResolver(() => User, { nullable: true, description: 'The user who logged in.' })
  user(@Root() session: SessionView, @Ctx() context: GraphqlContext): Promise<User | null> {
    return this.find(session.userId, context);
  }
}

@Resolver(() => LoginAttempt)
export class LoginAttemptUserResolver extends UserReference {
  @FieldResolver(() => User, { nullable: true, description: 'The account of that name, if there is one.' })
  user(@Root() attempt: LoginAttemptView, @Ctx() context: GraphqlContext): Promise<User | null> {
    return this.find(attempt.userId, context);
  }
}

@Resolver(() => AuditEvent)
export class AuditEventActorResolver extends UserReference {
  @FieldResolver(() => User, { nullable: true, description: 'The account that did it, while it exists.' })
  actor(@Root() event: AuditEventView, @Ctx() context: GraphqlContext): Promise<User | null> {
    return this.find(event.actorId, context);
  }
}
