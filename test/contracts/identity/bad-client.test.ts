import net from 'node:net';
import {
  failed,
  ok,
  type RestChannel,
  type RestWorld,
  startRest,
  unauthenticated,
  uncategorized,
  userJson,
} from '../../support/rest';

let world: RestWorld;
let admin: string;
beforeAll(async () => {
  world = await startRest();
  admin = await world.admin();
});
afterAll(() => world.close());

const LOGIN = { username: 'admin', password: 'password123' };
const login = (raw: string | Uint8Array<ArrayBuffer>, contentType?: string) =>
  world.main.call('POST /auth/token', {
    raw,
    ...(contentType !== undefined && { headers: { 'content-type': contentType } }),
  });

describe('a body', () => {
  test.each([
    ['application/json', 'application/json'],
    ['UTF-8 in capitals', 'application/json; charset=UTF-8'],
    ['a quoted charset', 'application/json;charset="utf-8"'],
    ['capitals', 'APPLICATION/JSON'],
    ['an unknown charset', 'application/json; charset=klingon'],
    ['a structured type', 'application/vnd.api+json'],
    ['text/plain, which a browser says of a string', 'text/plain;charset=UTF-8'],
  ])('is JSON when its type is %s', async (_name, type) => {
    expect((await login(JSON.stringify(LOGIN), type)).status).toBe(200);
  });

  test('is read in the charset that it has', async () => {
    const username = world.unique('ngườidùng');
    const body = JSON.stringify({ username, password: 'mật khẩu dài' });
    const send = (raw: Uint8Array<ArrayBuffer>, charset: string) =>
      world.main.call('POST /users', { raw, headers: { 'content-type': `application/json; charset=${charset}` } });
    expect((await send(new Uint8Array(Buffer.from(body, 'utf16le')), 'utf-16le')).body).toEqual(
      ok(userJson({ username })),
    );
    const latin = JSON.stringify({ username: world.unique('Jürgen'), password: 'Schlüssel' });
    expect((await send(new Uint8Array(Buffer.from(latin, 'latin1')), 'ISO-8859-1')).body.result.username).toMatch(
      /^Jürgen/,
    );
  });

  test('may begin with a byte order mark', async () => {
    expect((await login(`\u{FEFF}${JSON.stringify(LOGIN)}`)).status).toBe(200);
  });

  test.each([
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/xml',
    'text/html',
    'image/png',
    'nonsense',
    'application/json/x',
  ])('of type %s is refused', async (type) => {
    const { status, body } = await login(JSON.stringify(LOGIN), type);
    expect([status, body]).toEqual([415, uncategorized('content-type', 'Send the body as application/json')]);
  });

  test.each<[string, string | Uint8Array<ArrayBuffer>]>([
    ['that ends too early', '{"username": "admin", "password": '],
    ['with single quotes', "{'username': 'admin'}"],
    ['with a comma too much', '{"username": "admin",}'],
    ['with a comment', '{"username": "admin" /* me */}'],
    ['of two values', '{} {}'],
    ['of NUL', '\0'],
    ['with a control character in a text', '{"username": "ad\nmin"}'],
    ['whose password is not UTF-8', Uint8Array.from(Buffer.from('{"username":"admin","password":"\xff"}', 'latin1'))],
    ['that is compressed', new Uint8Array([0x1f, 0x8b, 0x08, 0, 0, 0, 0, 0])],
    ['of NaN', 'NaN'],
    ['of a million brackets', '['.repeat(1_000_000)],
  ])('%s is refused', async (_name, raw) => {
    const { status, body } = await login(raw);
    expect([status, body]).toEqual([400, uncategorized('body', 'The body is not valid JSON')]);
  });

  test.each(['[]', '[{"username":"admin"}]', '"admin"', '7', 'null', 'true'])(
    '%s is refused, being no object',
    async (raw) => {
      const { status, body } = await login(raw);
      expect([status, body]).toEqual([400, uncategorized('body', 'The body must be a JSON object')]);
    },
  );

  test.each(['POST /auth/token', 'POST /users', 'POST /auth/logout', 'POST /auth/verify-otp'])(
    'is missed at %s',
    async (route) => {
      for (const headers of [{}, { 'content-type': 'application/json' }, { 'content-type': 'text/html' }] as Record<
        string,
        string
      >[]) {
        const { status, body } = await world.main.call(route, { headers });
        expect([status, body]).toEqual([400, uncategorized('body', 'The body is missing')]);
      }
    },
  );

  test('may nest 100,000 levels deep in an unknown member', async () => {
    const raw = `{"x":${'['.repeat(100_000)}${']'.repeat(100_000)},"username":"admin","password":"password123"}`;
    expect((await login(raw)).status).toBe(200);
  });

  test('may have a member twice: the last counts', async () => {
    expect((await login('{"username":"nobody","username":"admin","password":"password123"}')).status).toBe(200);
  });

  test('changes no prototype', async () => {
    const raw =
      '{"__proto__":{"username":"admin","polluted":1},"constructor":{"prototype":{"polluted":1}},"password":"password123"}';
    expect((await login(raw)).body).toEqual(uncategorized('username', 'username is required'));
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });

  test.each([['POST /auth/token'], ['POST /users'], ['POST /auth/introspect']])(
    'of 10 MB is refused at %s at both ports',
    async (route) => {
      for (const channel of world.channels) {
        const { status, body } = await channel.call(route, { raw: `{"username":"${'x'.repeat(10_000_000)}"}` });
        expect([status, body]).toEqual([413, uncategorized('body', 'The body is too large')]);
      }
    },
  );

  test('of 10 MB in pieces of unknown length is refused', async () => {
    async function* pieces() {
      for (let i = 0; i < 160; i++) yield new Uint8Array(65_536).fill(0x20);
    }
    const response = await fetch(`${world.main.base}/auth/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: pieces() as never,
      duplex: 'half',
    } as RequestInit);
    expect([response.status, await response.json()]).toEqual([413, uncategorized('body', 'The body is too large')]);
  });

  test('of a megabyte is not read from a caller without the scope', async () => {
    const { status, body } = await world.main.call('POST /roles', { raw: 'x'.repeat(1_000_000) });
    expect([status, body]).toEqual([401, unauthenticated]);
  });
});

describe('a path', () => {
  const answers: [what: string, method: string, path: string, status: number, body: object, allow: string | null][] = [
    ['that there is not', 'GET', '/nothing', 404, uncategorized('path', 'There is nothing at this path'), null],
    ['that is the channel itself', 'GET', '', 404, uncategorized('path', 'There is nothing at this path'), null],
    ['with a slash too much', 'GET', '/roles/', 404, uncategorized('path', 'There is nothing at this path'), null],
    ['with two slashes', 'GET', '//users', 404, uncategorized('path', 'There is nothing at this path'), null],
    ['in capitals', 'GET', '/USERS', 404, uncategorized('path', 'There is nothing at this path'), null],
    ['without the id', 'DELETE', '/roles/', 404, uncategorized('path', 'There is nothing at this path'), null],
    ['below a user', 'GET', '/users/1/roles', 404, uncategorized('path', 'There is nothing at this path'), null],
    [
      'with a percent sign alone',
      'GET',
      '/users/%',
      400,
      uncategorized('path', 'The path is not percent-encoded UTF-8'),
      null,
    ],
    [
      'with percent-encoded nonsense',
      'GET',
      '/users/%ZZ',
      400,
      uncategorized('path', 'The path is not percent-encoded UTF-8'),
      null,
    ],
    [
      'with half a character',
      'DELETE',
      '/roles/%ED%A0%80',
      400,
      uncategorized('path', 'The path is not percent-encoded UTF-8'),
      null,
    ],
    [
      'with bytes that are not UTF-8',
      'DELETE',
      '/permissions/%FF',
      400,
      uncategorized('path', 'The path is not percent-encoded UTF-8'),
      null,
    ],
    [
      'that takes other methods',
      'PATCH',
      '/users',
      405,
      uncategorized('method', 'This path takes POST, GET, HEAD'),
      'POST, GET, HEAD',
    ],
    ['that takes POST alone', 'GET', '/auth/token', 405, uncategorized('method', 'This path takes POST'), 'POST'],
    [
      'of one user, with POST',
      'POST',
      '/users/1',
      405,
      uncategorized('method', 'This path takes GET, HEAD, PUT, DELETE'),
      'GET, HEAD, PUT, DELETE',
    ],
    ['of one role, with GET', 'GET', '/roles/ADMIN', 405, uncategorized('method', 'This path takes DELETE'), 'DELETE'],
    [
      'with an uncommon method',
      'PROPFIND',
      '/users',
      405,
      uncategorized('method', 'This path takes POST, GET, HEAD'),
      'POST, GET, HEAD',
    ],
  ];

  test.each(answers)('%s: %s %s is %i', async (_what, method, path, status, body, allow) => {
    for (const channel of world.channels) {
      const answer = await channel.call(`${method} ${path}`, { token: admin });
      expect([answer.status, answer.body, answer.headers.get('allow')]).toEqual([status, body, allow]);
    }
  });

  test('may have a query string, which is ignored', async () => {
    expect((await world.main.call('GET /users/my-info?x=%ZZ&page=2&__proto__[a]=1', { token: admin })).status).toBe(
      200,
    );
  });

  test('of the gateway has the token rows without the doubled prefix too, with their methods', async () => {
    const direct = `${world.gateway.base.replace(/\/auth$/, '')}/auth`;
    const answer = await fetch(`${direct}/token`, { method: 'POST', body: JSON.stringify(LOGIN) });
    const { result } = (await answer.json()) as { result: { token: string } };
    const post = async (path: string, body: object) =>
      (
        await fetch(direct + path, {
          method: 'POST',
          body: JSON.stringify(body),
          headers: { 'content-type': 'application/json' },
        })
      ).json();
    expect(await post('/introspect', { token: result.token })).toEqual(ok({ valid: true }));
    const refreshed = await post('/refresh', { token: result.token });
    expect(
      await post('/logout', { token: (refreshed as typeof answer & { result: { token: string } }).result.token }),
    ).toEqual(ok(null));
    const wrong = await fetch(`${direct}/token`);
    expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'POST']);
    expect((await world.main.call('POST /token', { body: LOGIN })).status).toBe(404);
  });
});

describe('HEAD', () => {
  test.each(['/users', '/users/my-info', '/roles', '/permissions'])(
    'has the headers of GET at %s, and no body',
    async (path) => {
      const [head, get] = [
        await world.main.call(`HEAD ${path}`, { token: admin }),
        await world.main.call(`GET ${path}`, { token: admin }),
      ];
      expect([head.status, head.text]).toEqual([200, '']);
      for (const name of ['content-type', 'content-length', 'cache-control', 'vary'])
        expect(head.headers.get(name)).toBe(get.headers.get(name));
    },
  );

  test('asks for the same token as GET', async () => {
    const { status, headers } = await world.main.call('HEAD /users');
    expect([status, headers.get('www-authenticate')]).toEqual([401, 'Bearer realm="identity"']);
  });
});

/** Sends bytes as they are, which no HTTP library would. */
function exchange(channel: RestChannel, request: string): Promise<string> {
  const { hostname, port } = new URL(channel.base);
  return new Promise((resolve, reject) => {
    const socket = net.connect(Number(port), hostname, () => socket.write(request));
    let answer = '';
    socket.on('data', (chunk) => {
      answer += chunk;
    });
    socket.on('close', () => resolve(answer));
    socket.on('error', reject);
  });
}
const statusOf = (answer: string): number => Number(answer.split(' ')[1]);
const bodyOf = (answer: string): unknown => JSON.parse(answer.slice(answer.indexOf('\r\n\r\n') + 4));

describe('headers', () => {
  const get = (path: string, ...headers: string[]) =>
    `GET ${path} HTTP/1.1\r\n${['Host: x', 'Connection: close', ...headers].join('\r\n')}\r\n\r\n`;
  const pathOf = (channel: RestChannel, path: string) => new URL(channel.base).pathname + path;

  test('of which two are Authorization authenticate no caller', async () => {
    for (const channel of world.channels) {
      for (const second of ['Bearer garbage', `Bearer ${admin}`]) {
        const answer = await exchange(
          channel,
          get(pathOf(channel, '/users/my-info'), `Authorization: Bearer ${admin}`, `authorization: ${second}`),
        );
        expect([statusOf(answer), bodyOf(answer)]).toEqual([401, unauthenticated]);
      }
    }
  });

  test.each([
    [
      'two lengths',
      'POST /identity/auth/token HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}',
    ],
    [
      'a length and pieces',
      'POST /identity/auth/token HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    ],
    ['a negative length', 'POST /identity/auth/token HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n'],
    ['a name with a space', 'GET /identity/users HTTP/1.1\r\nHost: x\r\nBad Name: 1\r\n\r\n'],
    ['no HTTP at all', 'hello\r\n\r\n'],
    ['NUL in a value', 'GET /identity/users HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \0\r\n\r\n'],
  ])('with %s are refused in the form of the contract', async (_name, request) => {
    for (const channel of world.channels) {
      const answer = await exchange(channel, request);
      expect([statusOf(answer), bodyOf(answer)]).toEqual([
        400,
        uncategorized('request', 'The request is not valid HTTP'),
      ]);
    }
  });

  test('that are too long are refused in the form of the contract', async () => {
    const answer = await exchange(world.main, get('/identity/users', `Authorization: Bearer ${'x'.repeat(70_000)}`));
    expect([statusOf(answer), bodyOf(answer)]).toEqual([
      431,
      uncategorized('request', 'The headers are longer than 65536 bytes'),
    ]);
  });
});

test('a request that is cut off in its body changes nothing', async () => {
  const username = world.unique('halfway');
  const body = JSON.stringify({ username, password: 'password123' });
  const { hostname, port } = new URL(world.main.base);
  await new Promise<void>((resolve) => {
    const socket = net.connect(Number(port), hostname, () => {
      socket.write(
        `POST /identity/users HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body.slice(0, -1)}`,
      );
      setTimeout(() => socket.destroy(), 50);
    });
    socket.on('close', () => resolve());
  });
  expect(await world.app.sql('select 1 from users where username = $1', [username])).toEqual([]);
  expect((await world.main.call('POST /users', { raw: body })).status).toBe(200);
});

test('a body whose second half never comes is given up', async () => {
  // the server's own time limit is thirty seconds; here it is enough that others are served
  // meanwhile
  const { hostname, port } = new URL(world.main.base);
  const sockets = Array.from({ length: 50 }, () => net.connect(Number(port), hostname));
  for (const socket of sockets) {
    socket.on('error', () => undefined);
    socket.write(
      'POST /identity/auth/token HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{',
    );
  }
  expect((await world.main.call('GET /users/my-info', { token: admin })).status).toBe(200);
  for (const socket of sockets) socket.destroy();
});

test('an unexpected error is 9999 without details', async () => {
  await world.app.sql('alter table roles rename to roles_away');
  try {
    const answer = await world.main.call('POST /roles', { token: admin, body: { name: 'X' } });
    expect([answer.status, answer.body]).toEqual([500, failed(9999, 'Uncategorized error')]);
  } finally {
    await world.app.sql('alter table roles_away rename to roles');
    expect(world.app.logs.splice(0).some(({ level }) => level === 50)).toBe(true);
  }
});
