import { type GraphQLObjectType, getNamedType, isObjectType } from 'graphql';
import { describeSchema } from '../../src/graphql/server/schema';
import { rootFields } from '../support/minimal-operation';
import { ACCOUNT_PAYLOADS, RELATIONS } from './access-expectations';

/**
 * Every field of every type by what it reveals. A field that is not here fails: say first who may
 * read it.
 */
const REVEALS = {
  nothing: [
    'CodeCheckPayload.valid DeletePayload.id DeletePayload.ok DonePayload.ok RevokeSessionsPayload.count',
    'PageInfo.endCursor PageInfo.hasNextPage PageInfo.hasPreviousPage PageInfo.startCursor',
    'Settings.kongSignIn Settings.passwordMinLength Settings.registration',
  ],
  account: [
    'User.createdAt User.dob User.email User.firstName User.id User.isActive User.isVerified User.lastLoginAt',
    'User.lastName User.phone User.scopes User.username UserConnection.totalCount UserEdge.cursor',
  ],
  profile: ['Profile.avatar Profile.fullName Profile.id Profile.phone Profile.userId'],
  role: ['Role.description Role.id Role.name Role.precedence'],
  permission: ['Permission.description Permission.id Permission.name'],
  session: [
    'Session.address Session.channel Session.createdAt Session.current Session.expiresAt Session.id',
    'Session.lastSeenAt Session.userAgent SessionEdge.cursor',
  ],
  login: [
    'LoginAttempt.address LoginAttempt.at LoginAttempt.channel LoginAttempt.count LoginAttempt.id',
    'LoginAttempt.identifier LoginAttempt.outcome LoginAttempt.userAgent LoginAttempt.userId LoginAttemptEdge.cursor',
  ],
  /** Numbers over all accounts. */
  loginCount: ['LoginCount.failed LoginCount.from LoginCount.succeeded'],
  event: [
    'AuditEvent.action AuditEvent.actorId AuditEvent.actorName AuditEvent.address AuditEvent.at AuditEvent.count',
    'AuditEvent.detail AuditEvent.id AuditEvent.targetId AuditEvent.targetType AuditEvent.userAgent',
    'AuditEventEdge.cursor',
  ],
  change: ['AccountChange.at AccountChange.kind'],
  invitation: ['Invitation.email Invitation.expiresAt Invitation.id Invitation.roles'],
  token: [
    'TokenSet.accessToken TokenSet.expiresIn TokenSet.refreshExpiresIn TokenSet.refreshToken TokenSet.scope',
    'TokenSet.sessionId TokenSet.tokenType',
  ],
  /** Claims, for the client that holds the token. */
  claim: [
    'Introspection.active Introspection.aud Introspection.clientId Introspection.exp Introspection.iat',
    'Introspection.iss Introspection.jti Introspection.nbf Introspection.reason Introspection.scope Introspection.sid',
    'Introspection.sub Introspection.tokenType Introspection.username',
  ],
  gateway: [
    'KongConsumer.id KongConsumer.username KongSignInPayload.key KongTokenPayload.accessToken',
    'KongTokenPayload.expiresIn KongTokenPayload.tokenType',
  ],
} as const;

type Secret = keyof typeof REVEALS;

const ROLE_PAYLOADS = ['createRole', 'updateRole', 'grantPermission', 'revokePermission'];
/** What the operation has just created or logged in is its caller's own. */
const OWN_ACCOUNT = ['me', 'createUser', 'login', 'acceptInvitation'];
/** Fields of objects that lead to accounts, each with a rule of its own: graph-access.test.ts. */
const TO_ACCOUNTS = ['Profile.user', 'Role.users', 'Session.user', 'LoginAttempt.user', 'AuditEvent.actor'];
const ACCOUNTS = ['user', 'users', ...OWN_ACCOUNT, ...ACCOUNT_PAYLOADS, ...TO_ACCOUNTS];
const TO_ROLES = ['Permission.roles', 'User.roles'];

/** The fields with a rule through which each of it is reached. Another one fails: decide first whether it may. */
const REACHED_BY: Record<Exclude<Secret, 'nothing'>, readonly string[]> = {
  account: ACCOUNTS,
  profile: ['profile', 'updateProfile', 'login', 'User.profile'],
  role: ['role', 'roles', ...ROLE_PAYLOADS, ...ACCOUNTS, ...TO_ROLES],
  permission: [
    ...['permission', 'permissions', 'createPermission', 'Role.permissions'],
    ...['role', 'roles', ...ROLE_PAYLOADS, ...ACCOUNTS, ...TO_ROLES],
  ],
  session: ['sessions', 'User.sessions'],
  login: ['loginAttempts', 'User.loginAttempts'],
  loginCount: ['loginCounts'],
  event: ['auditEvents', 'User.auditEvents', 'securityEvents'],
  change: ['accountChanged'],
  invitation: ['inviteUser'],
  token: ['login', 'refresh'],
  claim: ['introspect'],
  gateway: ['kongConsumer', 'kongSignIn', 'kongToken'],
};

const schema = describeSchema();
const kindOf = new Map(
  Object.entries(REVEALS).flatMap(([secret, lines]) =>
    lines.flatMap((line) => line.split(' ').map((field) => [field, secret as Secret] as const)),
  ),
);

/** Fields that answer with a value, as `Type.field`, below a type, up to what has a rule of its own. */
function leavesBelow(name: string, seen = new Set<string>()): string[] {
  const type = schema.getType(name);
  if (!isObjectType(type) || seen.has(name)) return [];
  seen.add(name);
  return Object.values(type.getFields()).flatMap((field) => {
    const below = getNamedType(field.type);
    if ((RELATIONS[`${name}.${field.name}`] ?? 'as-object') !== 'as-object') return [];
    return isObjectType(below) ? leavesBelow(below.name, seen) : [`${name}.${field.name}`];
  });
}

const relations = Object.keys(RELATIONS).map((name) => {
  const [type = '', field = ''] = name.split('.');
  return { name, field: (schema.getType(type) as GraphQLObjectType).getFields()[field]! };
});
const subscriptions = Object.values(schema.getSubscriptionType()!.getFields()).map((field) => ({
  name: field.name,
  field,
}));

const reached = [...rootFields(schema), ...subscriptions, ...relations].map(({ name, field }) => ({
  name,
  leaves: leavesBelow(getNamedType(field.type).name),
}));

test('every field of every payload has an expectation, and there is none for what does not exist', () => {
  const leaves = [...new Set(reached.flatMap((root) => root.leaves))].sort();
  expect(leaves.length).toBeGreaterThan(60);
  expect(leaves).toEqual([...kindOf.keys()].sort());
});

test.each(Object.entries(REACHED_BY))(
  'what reveals "%s" is reached by the expected root fields alone',
  (secret, roots) => {
    const through = reached.filter(({ leaves }) => leaves.some((leaf) => kindOf.get(leaf) === secret));
    expect(through.map(({ name }) => name).sort()).toEqual([...new Set(roots)].sort());
  },
);
