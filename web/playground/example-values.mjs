/**
 * The lesson, by root field: sign in, look at yourself, build up rights, look around, see what a
 * token is, and leave.
 */
export const teachingOrder = [
  'login',
  'me',
  'createPermission',
  'createRole',
  'createUser',
  'users',
  'introspect',
  'refresh',
  'logout',
];

/**
 * What the arguments of a root field start with. `<token>` and `<refreshToken>` stand for the
 * tokens of the last login (last-login.ts). The login is the one that a first start in development
 * creates and prints. Fields that the schema does not know are left out.
 */
export const exampleArguments = {
  login: { input: { username: 'admin', password: 'password123' } },
  createPermission: { input: { name: 'READ_REPORTS', description: 'May read the reports' } },
  createRole: { input: { name: 'ANALYST', description: 'Reads the reports', permissions: ['READ_REPORTS'] } },
  createUser: {
    input: {
      username: 'alice',
      password: 'correct horse',
      email: 'alice@example.com',
      firstName: 'Alice',
      dob: '1990-05-17',
    },
  },
  users: { first: 10 },
  introspect: { input: { token: '<token>' } },
  refresh: { input: { refreshToken: '<refreshToken>' } },
  logout: { input: { token: '<token>' } },
};

/** Only for a checkout without schema/operations. */
export const builtInOperations = `mutation Login($input: LoginInput!) {
  login(input: $input) {
    tokens {
      accessToken
      tokenType
      expiresIn
      refreshToken
      scope
    }
    user {
      id
      username
    }
  }
}

query Me {
  me {
    id
    username
  }
}

mutation CreatePermission($input: CreatePermissionInput!) {
  createPermission(input: $input) {
    __typename
  }
}

mutation CreateRole($input: CreateRoleInput!) {
  createRole(input: $input) {
    __typename
  }
}

mutation CreateUser($input: CreateUserInput!) {
  createUser(input: $input) {
    __typename
  }
}

query Users($first: Int, $after: String) {
  users(first: $first, after: $after) {
    edges {
      node {
        id
        username
      }
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}

mutation Introspect($input: IntrospectInput!) {
  introspect(input: $input) {
    active
    scope
    username
  }
}

mutation Refresh($input: RefreshInput!) {
  refresh(input: $input) {
    tokens {
      accessToken
      tokenType
      expiresIn
      refreshToken
      scope
    }
  }
}

mutation Logout($input: LogoutInput!) {
  logout(input: $input) {
    ok
  }
}
`;
