import path from 'node:path';
import { createSchema } from '../graphql/server/schema';
import { kongAdminOptions } from '../integrations/kong/kong-admin';
import { KongClient } from '../integrations/kong/kong-client';
import { openMailer } from '../integrations/mail/open-mailer';
import { PasswordPolicy } from '../security/passwords/password-policy';
import { LoginLimiter } from '../security/rate-limits/login-limiter';
import { RateLimit } from '../security/rate-limits/rate-limit';
import { AccessTokens } from '../security/tokens/access-tokens';
import { RefreshTokens } from '../security/tokens/refresh-tokens';
import { TokenAuthenticator } from '../security/tokens/token-authenticator';
import { AuditLog } from '../services/audit/audit-log';
import { HistoryService } from '../services/audit/history.service';
import { LoginCounts } from '../services/audit/login-counts';
import { RefusalLog } from '../services/audit/refusal-log';
import { AccountRevocation } from '../services/auth/account-revocation';
import { Introspection } from '../services/auth/introspect';
import { Login } from '../services/auth/login';
import { Logout } from '../services/auth/logout';
import { Refresh } from '../services/auth/refresh';
import { RefreshTokenRotation } from '../services/auth/refresh-token-rotation';
import { TokenIssuer } from '../services/auth/token-issuer';
import { WriteAuthorization } from '../services/auth/write-authorization';
import { CleanUp } from '../services/jobs/clean-up';
import { JobQueue } from '../services/jobs/job-queue';
import { KongService } from '../services/kong/kong.service';
import { KongConsumers } from '../services/kong/kong-consumers';
import { KongCredentials } from '../services/kong/kong-credentials';
import { KongDeletions } from '../services/kong/kong-deletions';
import { KongGroups } from '../services/kong/kong-groups';
import { AccountWatch } from '../services/live/account-watch';
import { SecurityEventWatch } from '../services/live/security-event-watch';
import { AccountMails } from '../services/recovery/account-mails';
import { mailLinks } from '../services/recovery/mail-links';
import { OneTimeCodes } from '../services/recovery/one-time-codes';
import { RecoveryService } from '../services/recovery/recovery.service';
import { RoleCache } from '../services/roles/role-cache';
import { SessionService } from '../services/sessions/session.service';
import { SessionProjection } from '../services/sessions/session-projection';
import { SessionRevocation } from '../services/sessions/session-revocation';
import { SessionStatusLoader } from '../services/sessions/session-status-loader';
import { CurrentUserCache } from '../services/users/current-user-cache';
import { ProfileService } from '../services/users/profile.service';
import { UserQueries } from '../services/users/user-queries';
import { consoleFolder } from './console-folder';
import type { Infrastructure } from './infrastructure';

/** How long the answer to a change waits for Kong, in milliseconds. */
const KONG_PROPAGATION_MS = 500;

/** Builds tokens, services and the schema over them, each once and in the order of their dependencies. */
export function buildServices({
  config,
  database,
  em,
  feed,
  store,
  hasher,
  keys,
  logger,
  clock,
  onClose,
}: Infrastructure) {
  const { issuer, audience, compatTtl, compatRefreshable, accessTtl, refreshTtl, refreshGrace, sessionMaxAge } =
    config.tokens;
  const accessTokens = new AccessTokens(
    keys,
    { issuer, audience, compatTtl, compatRefreshable, accessTtl, standardCompatTokens: config.strict },
    clock,
  );
  const refreshTokens = new RefreshTokens(keys, issuer);
  const authenticator = new TokenAuthenticator(em, accessTokens, feed, clock);
  const limiter = new LoginLimiter(store, config.loginLimit);

  const audit = new AuditLog(clock);
  const roleCache = new RoleCache(em, feed);
  const users = new UserQueries(em, roleCache);
  const projection = new SessionProjection({ em, store, ttl: accessTtl, clock, logger });
  const compatIdle = Math.max(compatTtl, compatRefreshable);
  const lifetimes = { refreshTtl, compatIdle, maxAge: sessionMaxAge, grace: refreshGrace };
  const sessionRevocation = new SessionRevocation({ em, authenticator, projection, audit, clock });
  const rotation = new RefreshTokenRotation({ em, refreshTokens, revocation: sessionRevocation, lifetimes, clock });
  const sessionStatus = new SessionStatusLoader(em);
  const tokenIssuer = new TokenIssuer(accessTokens, projection, sessionStatus);
  const refusals = new RefusalLog({ em, clock, logger });
  onClose(() => refusals.flush());
  const mailer = openMailer({
    smtpUrl: config.mail.smtpUrl,
    from: config.mail.from,
    productName: config.mail.productName,
    folder: path.join(config.dataDir, 'mail'),
    showText: database.embedded && config.environment === 'development',
    logger,
    clock,
  });
  onClose(() => mailer.close());
  const queue = new JobQueue({ em, clock, logger });
  onClose(() => queue.stop());
  const codes = new OneTimeCodes(em, keys.codes, clock);
  const links = mailLinks(config.http.publicUrl, { hasConsole: consoleFolder(config) !== null });
  const mails = new AccountMails({ em, queue, codes, mailer, audit, links, clock });
  const login = new Login({
    em,
    hasher,
    limiter,
    accessTokens,
    refreshTokens,
    revocation: sessionRevocation,
    issuer: tokenIssuer,
    users,
    mails,
    lifetimes,
    clock,
  });
  const refresh = new Refresh({
    em,
    accessTokens,
    refreshTokens,
    authenticator,
    rotation,
    issuer: tokenIssuer,
    revocation: sessionRevocation,
    lifetimes,
    clock,
  });
  const introspection = new Introspection({
    em,
    refreshTokens,
    authenticator,
    hidesForeignTokens: config.strict,
    clock,
  });
  const authorization = new WriteAuthorization(authenticator);
  const sessions = new SessionService({ em, authorization, projection, audit, clock });
  const revocation = new AccountRevocation(clock);
  const passwords = new PasswordPolicy(hasher, { ...config.passwords, serviceWords: [issuer] });
  const roleDependencies = { em, roleCache, audit, authorization, projection };

  const recovery = new RecoveryService({
    em,
    codes,
    mails,
    hasher,
    loginLimiter: limiter,
    revocation,
    projection,
    audit,
    refusals,
    passwords,
    store,
  });
  const profiles = new ProfileService({ em, authorization, clock });
  const history = new HistoryService(em);
  const kong = config.kong.adminUrl
    ? new KongClient({ ...kongAdminOptions(config.kong, config.kong.adminUrl), logger })
    : null;
  const deletions = new KongDeletions({ em, kong, queue, clock, logger });
  deletions.start(feed);
  onClose(async () => deletions.stop());
  const credentials = new KongCredentials(em, audit, config.kong, clock);
  const consumers = new KongConsumers({ em, kong, queue, adopts: !config.strict });
  const groups = kong && config.kong.acl ? new KongGroups({ em, kong, queue, clock, logger }) : null;
  groups?.start(feed);
  const kongService = new KongService({
    em,
    kong,
    login,
    consumers,
    credentials,
    deletions,
    groups,
    store,
    clock,
    tokenTtl: accessTtl,
    signInTimeoutMs: config.kong.signInTimeoutMs,
  });
  const logout = new Logout({
    em,
    accessTokens,
    refreshTokens,
    authenticator,
    revocation: sessionRevocation,
    kong: kongService,
    clock,
  });
  const cleanUp = new CleanUp(em, clock);
  cleanUp.schedule(queue);
  onClose(async () => cleanUp.stop());
  queue.start(feed);

  const accountWatch = new AccountWatch({ em, feed, users, authenticator, sessionStatus, clock, logger });
  const securityEventWatch = new SecurityEventWatch({ em, feed, authenticator, clock, logger });

  const schema = createSchema(
    {
      ...roleDependencies,
      users,
      currentUsers: new CurrentUserCache(users, feed),
      hasher,
      limiter,
      revocation,
      projection,
      mails,
      refusals,
      passwords,
      registration: config.registration,
      registrations: new RateLimit(store, 'registration', config.registrationLimit),
      defaultRoles: config.seed.defaultRoles,
      clock,
      login,
      refresh,
      logout,
      introspection,
      sessions,
      profiles,
      recovery,
      history,
      loginCounts: new LoginCounts(em, clock),
      passwordMinLength: config.passwords.minLength,
      kongSignIn: kong !== null,
      kong: kongService,
      consumers,
      accountWatch,
      securityEventWatch,
    },
    async () => {
      await feed.caughtUp();
      await deletions.run(KONG_PROPAGATION_MS);
    },
  );
  return { schema, authenticator, cleanUp, queue, kong, mailer, refusals, accountWatch, securityEventWatch };
}

export type Services = ReturnType<typeof buildServices>;
