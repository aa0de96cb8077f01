import path from 'node:path';
import type { SqlEntityManager } from '@mikro-orm/postgresql';
import type { Logger } from 'pino';
import { type Clock } from './config/clock';
import type { Config } from './config/config';
import { ChangeFeed } from './database/change-feed';
import { createSchema } from './graphql/build-schema';
import { GatewayResolver } from './graphql/gateway/gateway.resolver';
import { HistoryResolver } from './graphql/history/history.resolver';
import { PermissionResolver } from './graphql/permission/permission.resolver';
import { LoginProfileResolver, ProfileResolver } from './graphql/profile/profile.resolver';
import { RecoveryResolver } from './graphql/recovery/recovery.resolver';
import { RoleResolver } from './graphql/role/role.resolver';
import { SessionResolver } from './graphql/session/session.resolver';
import { TokenResolver } from './graphql/token/token.resolver';
import { UserConnectionResolver, UserResolver } from './graphql/user/user.resolver';
import { KongClient } from './kong/kong-client';
import { openMailer } from './mail/open-mailer';
import { AccessTokens } from './security/access-tokens';
import { Authority } from './security/authority';
import { LoginLimiter } from './security/login-limiter';
import { PasswordHasher } from './security/password-hasher';
import { RefreshTokens } from './security/refresh-tokens';
import type { SigningKeys } from './security/signing-keys';
import { AccountRevocation } from './services/account-revocation';
import { AuditLog } from './services/audit-log';
import { BackgroundMail } from './services/background-mail';
import { CleanUp } from './services/clean-up';
import { CurrentUsers } from './services/current-users';
import { GatewayService } from './services/gateway.service';
import { GatewayConsumers } from './services/gateway-consumers';
import { GatewayCredentials } from './services/gateway-credentials';
import { GatewayOutbox } from './services/gateway-outbox';
import { HistoryService } from './services/history.service';
import { LiveSessions } from './services/live-sessions';
import { LoginService } from './services/login.service';
import { OneTimeCodes } from './services/one-time-codes';
import { PasswordService } from './services/password.service';
import { PermissionService } from './services/permission.service';
import { ProfileService } from './services/profile.service';
import { RecoveryService } from './services/recovery.service';
import { RoleService } from './services/role.service';
import { RoleCatalogue } from './services/role-catalogue';
import { SessionService } from './services/session.service';
import { SessionContinuation } from './services/session-continuation';
import { SessionValues } from './services/session-values';
import { TokenService } from './services/token.service';
import { TokenIssuer } from './services/token-issuer';
import { UserService } from './services/user.service';
import { UserReader } from './services/user-reader';
import type { KeyValueStore } from './stores/key-value-store';

/** What everything else is built on. */
export interface Foundation {
  config: Config;
  em: SqlEntityManager;
  feed: ChangeFeed;
  store: KeyValueStore;
  hasher: PasswordHasher;
  keys: SigningKeys;
  logger: Logger;
  clock: Clock;
  /** Run in reverse order when the app closes. */
  onClose(closer: () => Promise<unknown>): void;
}

/** Builds tokens, use cases and the schema over them, each once and in the order of their dependencies. */
export function composeServices({ config, em, feed, store, hasher, keys, logger, clock, onClose }: Foundation) {
  const { issuer, audience, identityTtl, identityRefreshable, accessTtl, refreshTtl, refreshGrace, sessionMaxAge } = config.tokens;
  const accessTokens = new AccessTokens(
    keys,
    { issuer, audience, identityTtl, identityRefreshable, accessTtl, typedIdentityTokens: config.strict },
    clock,
  );
  const refreshTokens = new RefreshTokens(keys, issuer);
  const authority = new Authority(em, accessTokens, feed, clock);
  const limiter = new LoginLimiter(store, config.loginLimit);

  const audit = new AuditLog(clock);
  const roleCatalogue = new RoleCatalogue(em, feed);
  const users = new UserReader(em, roleCatalogue);
  const values = new SessionValues(em, store, accessTtl, clock, logger);
  const tokenIssuer = new TokenIssuer(authority, accessTokens, values, new LiveSessions(em));
  const sessions = new SessionService(em, authority, values, audit, clock);
  const continuation = new SessionContinuation(
    em,
    refreshTokens,
    sessions,
    { refreshTtl, maxAge: sessionMaxAge, grace: refreshGrace },
    clock,
  );
  const revocation = new AccountRevocation(sessions, clock);
  const logins = new LoginService(em, hasher, limiter, continuation, tokenIssuer, users, clock);
  const tokens = new TokenService(em, authority, accessTokens, refreshTokens, sessions, continuation, tokenIssuer, config.strict, clock);
  const passwords = new PasswordService(em, hasher, limiter, revocation, values, audit, config.passwords);
  const userService = new UserService(
    em,
    authority,
    hasher,
    roleCatalogue,
    revocation,
    values,
    users,
    passwords,
    audit,
    config.passwords,
    config.seed.defaultRoles,
    clock,
  );
  const roles = new RoleService(em, roleCatalogue, audit);
  const permissions = new PermissionService(em, roleCatalogue, audit);

  const mail = new BackgroundMail(
    openMailer({
      smtpUrl: config.mail.smtpUrl,
      from: config.mail.from,
      folder: path.join(config.dataDir, 'mail'),
      showText: !config.production,
      logger,
      clock,
    }),
    logger,
  );
  onClose(() => mail.close());
  const codes = new OneTimeCodes(em, keys.codes, clock);
  const recovery = new RecoveryService(
    em,
    codes,
    hasher,
    limiter,
    mail,
    revocation,
    values,
    audit,
    config.passwords,
    config.http.publicUrl,
    store,
    clock,
  );
  const profiles = new ProfileService(em, clock);
  const history = new HistoryService(em);
  const kong = config.kong.adminUrl ? new KongClient({ adminUrl: config.kong.adminUrl, timeoutMs: config.kong.timeoutMs, logger }) : null;
  const outbox = new GatewayOutbox(em, kong, clock, logger);
  outbox.start(feed);
  onClose(() => outbox.stop());
  const credentials = new GatewayCredentials(em, audit, config.kong, clock);
  const consumers = new GatewayConsumers(em, !config.strict);
  const gateway = new GatewayService(kong, logins, consumers, credentials, outbox, accessTtl, store, clock);
  const cleanUp = new CleanUp(em, clock, logger);
  cleanUp.start();
  onClose(() => cleanUp.stop());

  const schema = createSchema(
    [
      new UserResolver(users, new CurrentUsers(users, feed), userService, passwords),
      new UserConnectionResolver(users),
      new RoleResolver(roles),
      new PermissionResolver(permissions),
      new TokenResolver(logins, tokens),
      new SessionResolver(sessions),
      new ProfileResolver(profiles),
      new LoginProfileResolver(profiles),
      new RecoveryResolver(recovery),
      new HistoryResolver(history),
      new GatewayResolver(gateway),
    ],
    async () => {
      await feed.caughtUp();
      await outbox.settled();
    },
  );
  return { schema, authority, users, cleanUp, kong };
}

export type Services = ReturnType<typeof composeServices>;
