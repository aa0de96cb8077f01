const names = [
  ['an', 'An', 'Nguyen'],
  ['binh', 'Binh', 'Tran'],
  ['chi', 'Chi', 'Le'],
  ['dung', 'Dung', 'Pham'],
  ['hanna', 'Hanna', 'Weber'],
  ['jonas', 'Jonas', 'Lind'],
  ['khanh', 'Khanh', 'Vo'],
  ['lucia', 'Lucia', 'Moreno'],
  ['minh', 'Minh', 'Hoang'],
  ['noor', 'Noor', 'Haddad'],
  ['oanh', 'Oanh', 'Dang'],
  ['quang', 'Quang', 'Bui'],
];
const PASSWORD = 'a long enough password';

const roles = [
  { name: 'EDITOR', description: 'Changes accounts', permissions: ['READ_USERS', 'UPDATE_USER', 'READ_ROLES'] },
  { name: 'SUPPORT', description: 'Helps with logins', permissions: ['READ_USERS', 'READ_LOGIN_ATTEMPTS'] },
  { name: 'AUDITOR', description: 'Reads the audit log', permissions: ['READ_AUDIT_LOG', 'READ_LOGIN_ATTEMPTS'] },
];

/**
 * Fills a server with roles, users and logins over the API.
 * @param {string} url of GraphQL
 * @returns {Promise<{ token: string, userId: string }>} an access token, and the id of a user
 */
export async function makeUp(url, administrator) {
  const login = (username, password) =>
    send(url, 'mutation ($input: LoginInput!) { login(input: $input) { tokens { accessToken } user { id } } }', {
      input: { username, password },
    });
  const { accessToken: token } = (await login(administrator.username, administrator.password)).data.login.tokens;
  const run = (query, input) => send(url, query, { input }, token);
  for (const role of roles)
    await run('mutation ($input: CreateRoleInput!) { createRole(input: $input) { role { id } } }', role);
  const ids = [];
  for (const [i, [first, firstName, lastName]] of names.entries()) {
    const username = `${first}.${lastName.toLowerCase()}`;
    const input = {
      username,
      firstName,
      lastName,
      email: `${username}@example.com`,
      password: PASSWORD,
      roles: i % 2 ? [roles[i % 3].name] : [],
    };
    const { data } = await run(
      'mutation ($input: CreateUserInput!) { createUser(input: $input) { user { id } } }',
      input,
    );
    ids.push(data.createUser.user.id);
    for (let count = 0; count < i % 4; count += 1) await login(username, PASSWORD);
    if (i % 3 === 0) await login(username, 'a wrong password');
  }
  await run('mutation ($input: UserIdInput!) { disableUser(input: $input) { user { id } } }', { id: ids[4] });
  return { token, userId: ids[1] };
}

async function send(url, query, variables, token) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
    body: JSON.stringify({ query, variables }),
  });
  return response.json();
}
