export type Maybe<T> = T | null;
export type InputMaybe<T> = Maybe<T>;
/** All built-in and custom scalars, mapped to their actual values */
export type Scalars = {
  ID: { input: string; output: string; }
  String: { input: string; output: string; }
  Boolean: { input: boolean; output: boolean; }
  Int: { input: number; output: number; }
  Float: { input: number; output: number; }
  /** A date-time string at UTC, such as 2007-12-03T10:15:30Z, compliant with the `date-time` format outlined in section 5.6 of the RFC 3339 profile of the ISO 8601 standard for representation of dates and times using the Gregorian calendar.This scalar is serialized to a string in ISO 8601 format and parsed from a string in ISO 8601 format. */
  DateTimeISO: { input: string; output: string; }
  /** The `JSONObject` scalar type represents JSON objects as specified by [ECMA-404](http://www.ecma-international.org/publications/files/ECMA-ST/ECMA-404.pdf). */
  JSONObject: { input: Record<string, unknown>; output: Record<string, unknown>; }
  /** A local date string (i.e., with no associated timezone) in `YYYY-MM-DD` format, e.g. `2020-01-01`. */
  LocalDate: { input: string; output: string; }
};

/** A security event: who did what to whom, when and from where. */
export type AuditEvent = {
  __typename?: 'AuditEvent';
  /** What, such as user.disabled or session.reuse-detected. */
  action: Scalars['String']['output'];
  /** Id of who did it. */
  actorId?: Maybe<Scalars['ID']['output']>;
  /** His user name at that time. */
  actorName?: Maybe<Scalars['String']['output']>;
  /** Address of the client. */
  address?: Maybe<Scalars['String']['output']>;
  /** When. */
  at: Scalars['DateTimeISO']['output'];
  /** More about it; never a credential. */
  detail: Scalars['JSONObject']['output'];
  /** Stable id. */
  id: Scalars['ID']['output'];
  /** Id of a user or session, name of a role or permission. */
  targetId?: Maybe<Scalars['ID']['output']>;
  /** user, role, permission, session or token. */
  targetType?: Maybe<Scalars['String']['output']>;
  /** What the client calls itself (User-Agent). */
  userAgent?: Maybe<Scalars['String']['output']>;
};

/** A page of security events, the newest first. */
export type AuditEventConnection = {
  __typename?: 'AuditEventConnection';
  /** The events. */
  nodes: Array<AuditEvent>;
  /** How to go on. */
  pageInfo: PageInfo;
};

/** Narrows the audit log; all conditions hold together. */
export type AuditFilterInput = {
  /** What was done, exactly. */
  action?: InputMaybe<Scalars['String']['input']>;
  /** Id of who did it. */
  actorId?: InputMaybe<Scalars['ID']['input']>;
  /** Id or name of what it was done to. */
  targetId?: InputMaybe<Scalars['ID']['input']>;
};

/** A change of one's own password. */
export type ChangePasswordInput = {
  /** The password that is in force. */
  currentPassword: Scalars['String']['input'];
  /** The new one. */
  newPassword: Scalars['String']['input'];
};

/** A code to look at. */
export type CheckPasswordResetCodeInput = {
  /** The six digits. */
  code: Scalars['String']['input'];
  /** E-mail address that the code was sent to. */
  email: Scalars['String']['input'];
};

/** Whether a code is right. */
export type CodeCheckPayload = {
  __typename?: 'CodeCheckPayload';
  /** True for the right code, as long as it is not used, expired or tried too often. */
  valid: Scalars['Boolean']['output'];
};

/** A new permission. */
export type CreatePermissionInput = {
  /** What it allows; up to 1000 characters. */
  description?: InputMaybe<Scalars['String']['input']>;
  /** What to do when there is a permission of that name. */
  ifExists?: IfExists;
  /** 1 to 64 letters, digits and _ . : - that do not begin with ROLE_. */
  name: Scalars['String']['input'];
};

/** A new role. */
export type CreateRoleInput = {
  /** What the role is for; up to 1000 characters. */
  description?: InputMaybe<Scalars['String']['input']>;
  /** What to do when there is a role of that name; REPLACE takes UPDATE_ROLE as well. */
  ifExists?: IfExists;
  /** 1 to 64 letters, digits and _ . : - */
  name: Scalars['String']['input'];
  /** Names of permissions, each of which the caller holds. */
  permissions?: InputMaybe<Array<Scalars['String']['input']>>;
  /** Order among roles, 100 by default; the lowest speaks for its holder. */
  precedence?: InputMaybe<Scalars['Int']['input']>;
};

/** A new account. */
export type CreateUserInput = {
  /** Date of birth, YYYY-MM-DD; at least 10 years ago. */
  dob?: InputMaybe<Scalars['String']['input']>;
  /** E-mail address; unique without regard to case. */
  email?: InputMaybe<Scalars['String']['input']>;
  /** First name. */
  firstName?: InputMaybe<Scalars['String']['input']>;
  /** Last name. */
  lastName?: InputMaybe<Scalars['String']['input']>;
  /** At least 6 characters (15 in the strict profile). */
  password: Scalars['String']['input'];
  /** 6 to 20 characters. */
  phone?: InputMaybe<Scalars['String']['input']>;
  /** Names of roles; takes the scopes CREATE_USER and ASSIGN_ROLE, and every scope the roles carry. */
  roles?: InputMaybe<Array<Scalars['String']['input']>>;
  /** At least 4 characters; unique without regard to case. */
  username: Scalars['String']['input'];
};

/** Names a permission to delete. */
export type DeletePermissionInput = {
  /** Its name. Every role loses it, and every token at once. */
  name: Scalars['String']['input'];
};

/** Names a role to delete. */
export type DeleteRoleInput = {
  /** Its name. Its holders lose it at once. */
  name: Scalars['String']['input'];
};

/** Says that it was done; what could not be done is an error. */
export type DonePayload = {
  __typename?: 'DonePayload';
  /** Always true. */
  ok: Scalars['Boolean']['output'];
};

/** Who the gateway says is calling. */
export type GatewayConsumer = {
  __typename?: 'GatewayConsumer';
  /** The consumer's id in Kong. */
  id: Scalars['ID']['output'];
  /** User name. */
  username: Scalars['String']['output'];
};

/** A credential at the Kong gateway. */
export type GatewaySignInPayload = {
  __typename?: 'GatewaySignInPayload';
  /** Key of the credential: the issuer of its tokens. The secret stays in Kong. */
  key: Scalars['String']['output'];
};

/** A key to get a token for. */
export type GatewayTokenInput = {
  /** The key that gatewaySignIn gave. */
  key: Scalars['String']['input'];
};

/** A token for the Kong gateway. */
export type GatewayTokenPayload = {
  __typename?: 'GatewayTokenPayload';
  /** Send it to the gateway as `Authorization: Bearer <token>`. */
  accessToken: Scalars['String']['output'];
  /** Seconds until it expires. */
  expiresIn: Scalars['Int']['output'];
  /** Always Bearer. */
  tokenType: Scalars['String']['output'];
};

/** What to do when the name is taken. */
export type IfExists =
  /** Fail with ..._NAME_TAKEN. */
  | 'REFUSE'
  /** Give the one that exists the members of the input. */
  | 'REPLACE';

/** A token to look at. */
export type IntrospectInput = {
  /** A token of any kind. */
  token: Scalars['String']['input'];
};

/** What a token is worth (RFC 7662 section 2.2). Only `active` is shown to callers who may not see more. */
export type Introspection = {
  __typename?: 'Introspection';
  /** Whether the token is accepted at this moment. */
  active: Scalars['Boolean']['output'];
  /** Audience. */
  aud?: Maybe<Array<Scalars['String']['output']>>;
  /** Client it was issued to. */
  clientId?: Maybe<Scalars['String']['output']>;
  /** When it expires, in seconds since 1970. */
  exp?: Maybe<Scalars['Float']['output']>;
  /** When it was issued, in seconds since 1970. */
  iat?: Maybe<Scalars['Float']['output']>;
  /** Issuer. */
  iss?: Maybe<Scalars['String']['output']>;
  /** Id of the token. */
  jti?: Maybe<Scalars['String']['output']>;
  /** Not before, in seconds since 1970. */
  nbf?: Maybe<Scalars['Float']['output']>;
  /** What it may do now: its scopes that the account still has. */
  scope?: Maybe<Scalars['String']['output']>;
  /** Session of the token. */
  sid?: Maybe<Scalars['String']['output']>;
  /** Subject: user name in identity tokens, user id in session tokens. */
  sub?: Maybe<Scalars['String']['output']>;
  /** Bearer, or refresh_token. */
  tokenType?: Maybe<Scalars['String']['output']>;
  /** User name. */
  username?: Maybe<Scalars['String']['output']>;
};

/** A login, failed or not. */
export type LoginAttempt = {
  __typename?: 'LoginAttempt';
  /** Address of the client. */
  address?: Maybe<Scalars['String']['output']>;
  /** When. */
  at: Scalars['DateTimeISO']['output'];
  /** The door it came to: graphql, identity, session or gateway. */
  door: Scalars['String']['output'];
  /** Stable id. */
  id: Scalars['ID']['output'];
  /** User name or e-mail address as it was typed. */
  identifier: Scalars['String']['output'];
  /** ok, unknown-user, wrong-password or disabled. */
  outcome: Scalars['String']['output'];
  /** What the client calls itself (User-Agent). */
  userAgent?: Maybe<Scalars['String']['output']>;
  /** The account that it meant, if there is one. */
  userId?: Maybe<Scalars['ID']['output']>;
};

/** A page of logins, the newest first. */
export type LoginAttemptConnection = {
  __typename?: 'LoginAttemptConnection';
  /** The logins. */
  nodes: Array<LoginAttempt>;
  /** How to go on. */
  pageInfo: PageInfo;
};

/** Name and password. */
export type LoginInput = {
  /** Password. */
  password: Scalars['String']['input'];
  /** User name or e-mail address. */
  username: Scalars['String']['input'];
};

/** Tokens and the account they stand for. */
export type LoginPayload = {
  __typename?: 'LoginPayload';
  /** The profile of who has logged in; read only when it is asked for. */
  profile: Profile;
  /** The tokens. */
  tokens: TokenSet;
  /** Who has logged in. */
  user: User;
};

/** A token to end. */
export type LogoutInput = {
  /** A token of any kind; what it stands for ends. */
  token: Scalars['String']['input'];
};

/** What can be done. */
export type Mutation = {
  __typename?: 'Mutation';
  /**
   * Gives a user a role of which the caller holds every scope. His tokens show it after a refresh.
   *
   * Access: scope ASSIGN_ROLE or ROLE_ADMIN.
   */
  assignRole?: Maybe<UserPayload>;
  /**
   * Changes the own password. Every other session and token of the account ends.
   *
   * Access: any valid token.
   */
  changePassword?: Maybe<DonePayload>;
  /**
   * Says whether a code is right. It stays good for resetPassword; one of its five tries is used.
   *
   * Access: anybody, no token needed.
   */
  checkPasswordResetCode?: Maybe<CodeCheckPayload>;
  /**
   * Makes a permission. It does nothing until a role carries it.
   *
   * Access: scope CREATE_PERMISSION or ROLE_ADMIN.
   */
  createPermission?: Maybe<PermissionPayload>;
  /**
   * Makes a role out of permissions that the caller holds.
   *
   * Access: scope CREATE_ROLE or ROLE_ADMIN.
   */
  createRole?: Maybe<RolePayload>;
  /**
   * Registers a user; with `roles` it takes CREATE_USER and ASSIGN_ROLE.
   *
   * Access: anybody, no token needed.
   */
  createUser?: Maybe<UserPayload>;
  /**
   * Deletes a permission; every role and every live token loses it at once.
   *
   * Access: scope DELETE_PERMISSION or ROLE_ADMIN.
   */
  deletePermission?: Maybe<DonePayload>;
  /**
   * Deletes a role and takes it from its holders at once. ADMIN stays.
   *
   * Access: scope DELETE_ROLE or ROLE_ADMIN.
   */
  deleteRole?: Maybe<DonePayload>;
  /**
   * Deletes a user; his tokens and sessions end at once. The last administrator stays.
   *
   * Access: scope DELETE_USER or ROLE_ADMIN.
   */
  deleteUser?: Maybe<DonePayload>;
  /**
   * Disables a user; his tokens and sessions end at once and for good.
   *
   * Access: scope DISABLE_USER or ROLE_ADMIN.
   */
  disableUser?: Maybe<UserPayload>;
  /**
   * Lets a disabled user log in again.
   *
   * Access: scope DISABLE_USER or ROLE_ADMIN.
   */
  enableUser?: Maybe<UserPayload>;
  /**
   * Signs in at the Kong gateway: makes the user a consumer there, with a jwt credential.
   *
   * Access: anybody, no token needed.
   */
  gatewaySignIn?: Maybe<GatewaySignInPayload>;
  /**
   * A token that Kong accepts, for the holder of a key.
   *
   * Access: anybody, no token needed.
   */
  gatewayToken?: Maybe<GatewayTokenPayload>;
  /**
   * Puts a permission that the caller holds into a role.
   *
   * Access: scope GRANT_PERMISSION or ROLE_ADMIN.
   */
  grantPermission?: Maybe<RolePayload>;
  /**
   * Says whether a token is accepted now, and to its owner or with INTROSPECT_TOKENS what is in it.
   *
   * Access: anybody, no token needed.
   */
  introspect?: Maybe<Introspection>;
  /**
   * Opens a session with user name or e-mail address and password.
   *
   * Access: anybody, no token needed.
   */
  login?: Maybe<LoginPayload>;
  /**
   * Ends what a token stands for: its session, or the identity token itself. Always succeeds.
   *
   * Access: anybody, no token needed.
   */
  logout?: Maybe<DonePayload>;
  /**
   * Exchanges a refresh token for fresh tokens. Each is good for one use; using it again later ends the session.
   *
   * Access: anybody, no token needed.
   */
  refresh?: Maybe<RefreshPayload>;
  /**
   * Mails a code and a link that prove the own e-mail address.
   *
   * Access: any valid token.
   */
  requestEmailVerification?: Maybe<DonePayload>;
  /**
   * Mails a six digit code to the account of an address. The answer does not say whether there is one.
   *
   * Access: anybody, no token needed.
   */
  requestPasswordReset?: Maybe<DonePayload>;
  /**
   * Sets a new password with a code. Every session and token of the account ends.
   *
   * Access: anybody, no token needed.
   */
  resetPassword?: Maybe<DonePayload>;
  /**
   * Ends all sessions of a user.
   *
   * Access: any valid token for oneself; for others scope REVOKE_SESSIONS or ROLE_ADMIN.
   */
  revokeAllSessions?: Maybe<RevokeSessionsPayload>;
  /**
   * Ends all own sessions but the one that asks.
   *
   * Access: any valid token.
   */
  revokeOtherSessions?: Maybe<RevokeSessionsPayload>;
  /**
   * Takes a permission out of a role; live tokens lose it at once.
   *
   * Access: scope GRANT_PERMISSION or ROLE_ADMIN.
   */
  revokePermission?: Maybe<RolePayload>;
  /**
   * Ends one session: an own one, or with REVOKE_SESSIONS one of an account that holds no more.
   *
   * Access: any valid token.
   */
  revokeSession?: Maybe<DonePayload>;
  /**
   * Takes a role from a user; his tokens lose it at once. The last administrator keeps ADMIN.
   *
   * Access: scope ASSIGN_ROLE or ROLE_ADMIN.
   */
  unassignRole?: Maybe<UserPayload>;
  /**
   * Changes a profile.
   *
   * Access: any valid token for oneself; for others scope UPDATE_USER or ROLE_ADMIN.
   */
  updateProfile?: Maybe<ProfilePayload>;
  /**
   * Changes a role; live tokens lose at once what is taken away.
   *
   * Access: scope UPDATE_ROLE or ROLE_ADMIN.
   */
  updateRole?: Maybe<RolePayload>;
  /**
   * Changes a user. Password, e-mail and roles of an account that holds more than the caller need ROLE_ADMIN.
   *
   * Access: any valid token for oneself; for others scope UPDATE_USER or ROLE_ADMIN.
   */
  updateUser?: Maybe<UserPayload>;
  /**
   * Proves an e-mail address with the code or the link of the mail.
   *
   * Access: anybody, no token needed.
   */
  verifyEmail?: Maybe<DonePayload>;
};


/** What can be done. */
export type MutationAssignRoleArgs = {
  input: UserRoleInput;
};


/** What can be done. */
export type MutationChangePasswordArgs = {
  input: ChangePasswordInput;
};


/** What can be done. */
export type MutationCheckPasswordResetCodeArgs = {
  input: CheckPasswordResetCodeInput;
};


/** What can be done. */
export type MutationCreatePermissionArgs = {
  input: CreatePermissionInput;
};


/** What can be done. */
export type MutationCreateRoleArgs = {
  input: CreateRoleInput;
};


/** What can be done. */
export type MutationCreateUserArgs = {
  input: CreateUserInput;
};


/** What can be done. */
export type MutationDeletePermissionArgs = {
  input: DeletePermissionInput;
};


/** What can be done. */
export type MutationDeleteRoleArgs = {
  input: DeleteRoleInput;
};


/** What can be done. */
export type MutationDeleteUserArgs = {
  input: UserIdInput;
};


/** What can be done. */
export type MutationDisableUserArgs = {
  input: UserIdInput;
};


/** What can be done. */
export type MutationEnableUserArgs = {
  input: UserIdInput;
};


/** What can be done. */
export type MutationGatewaySignInArgs = {
  input: LoginInput;
};


/** What can be done. */
export type MutationGatewayTokenArgs = {
  input: GatewayTokenInput;
};


/** What can be done. */
export type MutationGrantPermissionArgs = {
  input: RolePermissionInput;
};


/** What can be done. */
export type MutationIntrospectArgs = {
  input: IntrospectInput;
};


/** What can be done. */
export type MutationLoginArgs = {
  input: LoginInput;
};


/** What can be done. */
export type MutationLogoutArgs = {
  input: LogoutInput;
};


/** What can be done. */
export type MutationRefreshArgs = {
  input: RefreshInput;
};


/** What can be done. */
export type MutationRequestPasswordResetArgs = {
  input: RequestPasswordResetInput;
};


/** What can be done. */
export type MutationResetPasswordArgs = {
  input: ResetPasswordInput;
};


/** What can be done. */
export type MutationRevokeAllSessionsArgs = {
  input?: InputMaybe<RevokeAllSessionsInput>;
};


/** What can be done. */
export type MutationRevokePermissionArgs = {
  input: RolePermissionInput;
};


/** What can be done. */
export type MutationRevokeSessionArgs = {
  input: RevokeSessionInput;
};


/** What can be done. */
export type MutationUnassignRoleArgs = {
  input: UserRoleInput;
};


/** What can be done. */
export type MutationUpdateProfileArgs = {
  input: UpdateProfileInput;
};


/** What can be done. */
export type MutationUpdateRoleArgs = {
  input: UpdateRoleInput;
};


/** What can be done. */
export type MutationUpdateUserArgs = {
  input: UpdateUserInput;
};


/** What can be done. */
export type MutationVerifyEmailArgs = {
  input: VerifyEmailInput;
};

/** Where a page stands in its connection (Relay cursor connections). */
export type PageInfo = {
  __typename?: 'PageInfo';
  /** Cursor of the last edge: the `after` of the next page. */
  endCursor?: Maybe<Scalars['String']['output']>;
  /** Whether more follows. */
  hasNextPage: Scalars['Boolean']['output'];
  /** Whether something precedes. */
  hasPreviousPage: Scalars['Boolean']['output'];
  /** Cursor of the first edge. */
  startCursor?: Maybe<Scalars['String']['output']>;
};

/** A right. Its name appears as one word of the scope of a token. */
export type Permission = {
  __typename?: 'Permission';
  /** What it allows. */
  description?: Maybe<Scalars['String']['output']>;
  /** Unique name, such as READ_USERS. */
  name: Scalars['String']['output'];
};

/** A permission after a change. */
export type PermissionPayload = {
  __typename?: 'PermissionPayload';
  /** The permission as it is now. */
  permission: Permission;
};

/** What is shown of a person. */
export type Profile = {
  __typename?: 'Profile';
  /** Address of a picture. */
  avatar?: Maybe<Scalars['String']['output']>;
  /** Full name. */
  fullName?: Maybe<Scalars['String']['output']>;
  /** Telephone number. */
  phone?: Maybe<Scalars['String']['output']>;
  /** Id of the user. */
  userId: Scalars['ID']['output'];
};

/** A profile after a change. */
export type ProfilePayload = {
  __typename?: 'ProfilePayload';
  /** The profile as it is now. */
  profile: Profile;
};

/** What can be read. */
export type Query = {
  __typename?: 'Query';
  /**
   * Security events, the newest first.
   *
   * Access: scope READ_AUDIT_LOG or ROLE_ADMIN.
   */
  auditEvents?: Maybe<AuditEventConnection>;
  /**
   * Whom a trusted gateway has let through; only behind Kong there is anybody.
   *
   * Access: anybody, no token needed.
   */
  gatewayConsumer?: Maybe<GatewayConsumer>;
  /**
   * Logins, the newest first: of oneself, of another user, or of everybody.
   *
   * Access: any valid token for oneself; for others scope READ_LOGIN_ATTEMPTS or ROLE_ADMIN.
   */
  loginAttempts?: Maybe<LoginAttemptConnection>;
  /**
   * The account that the token stands for.
   *
   * Access: any valid token.
   */
  me?: Maybe<User>;
  /**
   * One permission; null when there is none of that name.
   *
   * Access: scope READ_PERMISSIONS or ROLE_ADMIN.
   */
  permission?: Maybe<Permission>;
  /**
   * All permissions, by name.
   *
   * Access: scope READ_PERMISSIONS or ROLE_ADMIN.
   */
  permissions?: Maybe<Array<Permission>>;
  /**
   * The profile of a user.
   *
   * Access: any valid token for oneself; for others scope READ_USERS or ROLE_ADMIN.
   */
  profile?: Maybe<Profile>;
  /**
   * One role; null when there is none of that name.
   *
   * Access: scope READ_ROLES or ROLE_ADMIN.
   */
  role?: Maybe<Role>;
  /**
   * All roles with their permissions, by precedence and name.
   *
   * Access: scope READ_ROLES or ROLE_ADMIN.
   */
  roles?: Maybe<Array<Role>>;
  /**
   * Live sessions, the last used first.
   *
   * Access: any valid token for oneself; for others scope READ_SESSIONS or ROLE_ADMIN.
   */
  sessions?: Maybe<Array<Session>>;
  /**
   * One user. Fails with USER_NOT_FOUND when there is none of that id.
   *
   * Access: any valid token for oneself; for others scope READ_USERS or ROLE_ADMIN.
   */
  user?: Maybe<User>;
  /**
   * Users by user name, a page at a time (50 by default, at most 1000).
   *
   * Access: scope READ_USERS or ROLE_ADMIN.
   */
  users?: Maybe<UserConnection>;
};


/** What can be read. */
export type QueryAuditEventsArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<AuditFilterInput>;
  first?: InputMaybe<Scalars['Int']['input']>;
};


/** What can be read. */
export type QueryLoginAttemptsArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  everybody?: Scalars['Boolean']['input'];
  first?: InputMaybe<Scalars['Int']['input']>;
  userId?: InputMaybe<Scalars['ID']['input']>;
};


/** What can be read. */
export type QueryPermissionArgs = {
  name: Scalars['String']['input'];
};


/** What can be read. */
export type QueryProfileArgs = {
  userId?: InputMaybe<Scalars['ID']['input']>;
};


/** What can be read. */
export type QueryRoleArgs = {
  name: Scalars['String']['input'];
};


/** What can be read. */
export type QuerySessionsArgs = {
  userId?: InputMaybe<Scalars['ID']['input']>;
};


/** What can be read. */
export type QueryUserArgs = {
  id: Scalars['ID']['input'];
};


/** What can be read. */
export type QueryUsersArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<UserFilterInput>;
  first?: InputMaybe<Scalars['Int']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
};

/** A token to exchange. */
export type RefreshInput = {
  /** The refresh token that the last login or refresh gave. */
  refreshToken: Scalars['String']['input'];
};

/** Fresh tokens. */
export type RefreshPayload = {
  __typename?: 'RefreshPayload';
  /** The tokens to use from now on. */
  tokens: TokenSet;
};

/** Whose password was forgotten. */
export type RequestPasswordResetInput = {
  /** E-mail address of the account. */
  email: Scalars['String']['input'];
};

/** A new password, and the code that allows it. */
export type ResetPasswordInput = {
  /** The six digits. */
  code: Scalars['String']['input'];
  /** E-mail address that the code was sent to. */
  email: Scalars['String']['input'];
  /** The new password. */
  newPassword: Scalars['String']['input'];
};

/** Whose sessions to end. */
export type RevokeAllSessionsInput = {
  /** Id of the user; the caller by default. */
  userId?: InputMaybe<Scalars['ID']['input']>;
};

/** Names a session. */
export type RevokeSessionInput = {
  /** Id of the session. */
  id: Scalars['ID']['input'];
};

/** What was ended. */
export type RevokeSessionsPayload = {
  __typename?: 'RevokeSessionsPayload';
  /** How many sessions. */
  count: Scalars['Int']['output'];
};

/** A named set of permissions. Its holders have `ROLE_<name>` and the names of its permissions in the scope of their tokens. */
export type Role = {
  __typename?: 'Role';
  /** What the role is for. */
  description?: Maybe<Scalars['String']['output']>;
  /** Stable id. */
  id: Scalars['ID']['output'];
  /** Unique name, such as EDITOR. */
  name: Scalars['String']['output'];
  /** What the role allows, by name. */
  permissions: Array<Permission>;
  /** Order among roles: the lowest speaks for its holder where one role is shown. */
  precedence: Scalars['Int']['output'];
};

/** A role after a change. */
export type RolePayload = {
  __typename?: 'RolePayload';
  /** The role as it is now. */
  role: Role;
};

/** A permission to put into a role, or to take out of it. */
export type RolePermissionInput = {
  /** Name of the permission. */
  permission: Scalars['String']['input'];
  /** Name of the role. */
  role: Scalars['String']['input'];
};

/** A login that is still in use somewhere. */
export type Session = {
  __typename?: 'Session';
  /** Address of the client at login. */
  address?: Maybe<Scalars['String']['output']>;
  /** When it began. */
  createdAt: Scalars['DateTimeISO']['output'];
  /** Whether the request was made with it. */
  current: Scalars['Boolean']['output'];
  /** The door it came through: graphql or session. */
  door: Scalars['String']['output'];
  /** When it ends unless it is refreshed before. */
  expiresAt: Scalars['DateTimeISO']['output'];
  /** Stable id; the `sid` of its tokens. */
  id: Scalars['ID']['output'];
  /** When it was last refreshed. */
  lastSeenAt: Scalars['DateTimeISO']['output'];
  /** What the client called itself at login (User-Agent). */
  userAgent?: Maybe<Scalars['String']['output']>;
};

/** What a client holds after a login (RFC 6749 section 5.1). */
export type TokenSet = {
  __typename?: 'TokenSet';
  /** Send it as `Authorization: Bearer <token>`. */
  accessToken: Scalars['String']['output'];
  /** Seconds until the access token expires. */
  expiresIn: Scalars['Int']['output'];
  /** Seconds until the refresh token expires. */
  refreshExpiresIn?: Maybe<Scalars['Int']['output']>;
  /** Exchange it with `refresh`; good for one use. Identity tokens are refreshed with themselves and have none. */
  refreshToken?: Maybe<Scalars['String']['output']>;
  /** Scopes of the access token, separated by spaces: ROLE_<role> and permission names. */
  scope: Scalars['String']['output'];
  /** Id of the session, for `sessions` and `revokeSession`. */
  sessionId?: Maybe<Scalars['ID']['output']>;
  /** Always Bearer. */
  tokenType: Scalars['String']['output'];
};

/** Changes to a profile. A member that is left out stays as it is; "" or null empties it. */
export type UpdateProfileInput = {
  /** Address of a picture, http or https. */
  avatar?: InputMaybe<Scalars['String']['input']>;
  /** Full name. */
  fullName?: InputMaybe<Scalars['String']['input']>;
  /** 6 to 20 characters. */
  phone?: InputMaybe<Scalars['String']['input']>;
  /** Id of the user; the caller by default. */
  userId?: InputMaybe<Scalars['ID']['input']>;
};

/** Changes to a role. A member that is left out stays as it is. */
export type UpdateRoleInput = {
  /** What the role is for; null empties it. */
  description?: InputMaybe<Scalars['String']['input']>;
  /** Name of the role. */
  name: Scalars['String']['input'];
  /** All the permissions it is to have, by name. */
  permissions?: InputMaybe<Array<Scalars['String']['input']>>;
  /** Order among roles. */
  precedence?: InputMaybe<Scalars['Int']['input']>;
};

/** Changes to an account. A member that is left out stays as it is; "" or null empties it. */
export type UpdateUserInput = {
  /** The password in force; the strict profile wants it for a new e-mail address of one's own. */
  currentPassword?: InputMaybe<Scalars['String']['input']>;
  /** Date of birth, YYYY-MM-DD; at least 18 years ago. */
  dob?: InputMaybe<Scalars['String']['input']>;
  /** E-mail address; a new one has to be verified again. */
  email?: InputMaybe<Scalars['String']['input']>;
  /** First name. */
  firstName?: InputMaybe<Scalars['String']['input']>;
  /** Id of the user. */
  id: Scalars['ID']['input'];
  /** Last name. */
  lastName?: InputMaybe<Scalars['String']['input']>;
  /** A new password for somebody else; for oneself there is changePassword. Ends all his sessions and tokens. */
  password?: InputMaybe<Scalars['String']['input']>;
  /** 6 to 20 characters. */
  phone?: InputMaybe<Scalars['String']['input']>;
  /** All the roles he is to have, by name; takes ASSIGN_ROLE. Null leaves them. */
  roles?: InputMaybe<Array<Scalars['String']['input']>>;
};

/** An account. */
export type User = {
  __typename?: 'User';
  /** When the account began. */
  createdAt: Scalars['DateTimeISO']['output'];
  /** Date of birth. */
  dob?: Maybe<Scalars['LocalDate']['output']>;
  /** E-mail address, unique without regard to case. */
  email?: Maybe<Scalars['String']['output']>;
  /** First name. */
  firstName?: Maybe<Scalars['String']['output']>;
  /** Stable id, a UUID. */
  id: Scalars['ID']['output'];
  /** False for a disabled account, which cannot log in. */
  isActive: Scalars['Boolean']['output'];
  /** Whether the e-mail address was proved. */
  isVerified: Scalars['Boolean']['output'];
  /** When it last logged in. */
  lastLoginAt?: Maybe<Scalars['DateTimeISO']['output']>;
  /** Last name. */
  lastName?: Maybe<Scalars['String']['output']>;
  /** Telephone number as it was given. */
  phone?: Maybe<Scalars['String']['output']>;
  /** Roles, by precedence and name. */
  roles: Array<Role>;
  /** Unique without regard to case; never changes. */
  username: Scalars['String']['output'];
};

/** A page of users, by user name. */
export type UserConnection = {
  __typename?: 'UserConnection';
  /** Users with their cursors. */
  edges: Array<UserEdge>;
  /** The users alone. */
  nodes: Array<User>;
  /** How to go on. */
  pageInfo: PageInfo;
  /** How many users fit the filter; counted only when asked for. */
  totalCount: Scalars['Int']['output'];
};

/** A user in a connection. */
export type UserEdge = {
  __typename?: 'UserEdge';
  /** Opaque; stays good while users come and go. */
  cursor: Scalars['String']['output'];
  /** The user. */
  node: User;
};

/** Narrows a list of users; all conditions hold together. */
export type UserFilterInput = {
  /** Active ones, or disabled ones. */
  active?: InputMaybe<Scalars['Boolean']['input']>;
  /** Name of a role that they have. */
  role?: InputMaybe<Scalars['String']['input']>;
  /** Part of user name, e-mail, first or last name, in any case. */
  text?: InputMaybe<Scalars['String']['input']>;
};

/** Names a user. */
export type UserIdInput = {
  /** Id of the user. */
  id: Scalars['ID']['input'];
};

/** A user after a change. */
export type UserPayload = {
  __typename?: 'UserPayload';
  /** The user as it is now. */
  user: User;
};

/** A role to give to a user, or to take away. */
export type UserRoleInput = {
  /** Name of the role. */
  role: Scalars['String']['input'];
  /** Id of the user. */
  userId: Scalars['ID']['input'];
};

/** What came by e-mail: the code, or the token of the link. */
export type VerifyEmailInput = {
  /** The six digits; takes a token of the account. */
  code?: InputMaybe<Scalars['String']['input']>;
  /** The token of the link; needs nothing else. */
  linkToken?: InputMaybe<Scalars['String']['input']>;
};
