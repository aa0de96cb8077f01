import type { HistoryService } from '../services/audit/history.service';
import type { LoginCounts } from '../services/audit/login-counts';
import type { KongService } from '../services/kong/kong.service';
import type { RecoveryService } from '../services/recovery/recovery.service';
import type { RoleDependencies } from '../services/roles/role-input';
import type { SessionService } from '../services/sessions/session.service';
import type { ProfileService } from '../services/users/profile.service';
import type { UserView } from '../services/users/user-view';
import { HistoryResolver } from './history/history.resolver';
import { LoginCountsResolver } from './history/login-counts.resolver';
import { KongResolver } from './kong/kong.resolver';
import { LiveResolver, type LiveServices } from './live/live.resolver';
import { BatchLoader } from './loaders';
import { PermissionResolver } from './permission/permission.resolver';
import { LoginProfileResolver, ProfileResolver } from './profile/profile.resolver';
import { RecoveryResolver } from './recovery/recovery.resolver';
import { RoleResolver } from './role/role.resolver';
import { RoleUsersResolver } from './role/role-users.resolver';
import { SessionResolver } from './session/session.resolver';
import { type SettingsDependencies, SettingsResolver } from './settings/settings.resolver';
import { TokenResolver, type TokenServices } from './token/token.resolver';
import { InvitationResolver, type InvitationResolverDependencies } from './user/invitation.resolver';
import { UserConnectionResolver, UserResolver, type UserResolverDependencies } from './user/user.resolver';
import {
  AuditEventActorResolver,
  LoginAttemptUserResolver,
  ProfileUserResolver,
  SessionUserResolver,
} from './user/user-references.resolver';
import { UserRelationsResolver } from './user/user-relations.resolver';

/** What resolvers call, and what the operations on users and roles depend on. */
export interface GraphqlServices
  extends UserResolverDependencies,
    InvitationResolverDependencies,
    RoleDependencies,
    TokenServices,
    LiveServices,
    SettingsDependencies {
  sessions: SessionService;
  profiles: ProfileService;
  recovery: RecoveryService;
  history: HistoryService;
  loginCounts: LoginCounts;
  kong: KongService;
}

/** Every resolver of the schema, one object of each class. */
export function createResolvers(services: GraphqlServices): readonly object[] {
  const users = new BatchLoader<UserView>((ids) => services.users.findMany(ids));
  return [
    new UserResolver(services),
    new UserConnectionResolver(services.users),
    new UserRelationsResolver(services),
    new ProfileUserResolver(users),
    new SessionUserResolver(users),
    new LoginAttemptUserResolver(users),
    new AuditEventActorResolver(users),
    new InvitationResolver(services),
    new RoleResolver(services),
    new RoleUsersResolver(services.users),
    new PermissionResolver(services),
    new TokenResolver(services),
    new SessionResolver(services.sessions),
    new ProfileResolver(services.profiles),
    new LoginProfileResolver(services.profiles),
    new RecoveryResolver(services.recovery),
    new HistoryResolver(services.history),
    new LoginCountsResolver(services.loginCounts),
    new SettingsResolver(services),
    new KongResolver(services.kong),
    new LiveResolver(),
  ];
}
