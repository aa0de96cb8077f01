import {
  AssignRoleDocument,
  CreateRoleDocument,
  DeleteRoleDocument,
  UnassignRoleDocument,
  UpdateRoleDocument,
  UpdateUserDocument,
} from '../../src/rest/generated/operations';
import { PASSWORD, startApp, type TestApp } from '../support/app';
import { describeWithRedis } from '../support/redis';
import { sessionValue } from '../support/sessions';

/** Other services read role and address of a session from Redis: what changes is there with the answer. */
describeWithRedis('the value session:{user_id}', (redis) => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startApp({ env: { REDIS_URL: redis.url } });
  });
  afterAll(() => app.close());

  const readValue = async (id: string) => {
    const value = await sessionValue(redis.url, id);
    return value && (JSON.parse(value.text) as { role: string; email: string | null; is_verified: boolean });
  };
  const roleOf = async (id: string) => (await readValue(id))?.role;
  const assign = async (userId: string, role: string) =>
    app.data(AssignRoleDocument, { input: { userId, role } }, await app.admin());
  const createRole = async (precedence: number) => {
    const name = `RANK${precedence}-${Math.random().toString(36).slice(2)}`;
    await app.data(CreateRoleDocument, { input: { name, precedence, ifExists: 'REFUSE' } }, await app.admin());
    return name;
  };

  test('follows a role that is assigned and unassigned', async () => {
    const user = await app.user();
    expect(await roleOf(user.id)).toBe('user');
    await assign(user.id, 'ADMIN');
    expect(await roleOf(user.id)).toBe('ADMIN');
    await app.data(UnassignRoleDocument, { input: { userId: user.id, role: 'ADMIN' } }, await app.admin());
    expect(await roleOf(user.id)).toBe('user');
  });

  test('follows the roles and the address of an update', async () => {
    const role = await createRole(5);
    const user = await app.user({ email: 'session-value@example.org' });
    await app.sql('update users set is_verified = true where id = $1', [user.id]);
    await app.data(UpdateUserDocument, { input: { id: user.id, roles: [role] } }, await app.admin());
    expect(await readValue(user.id)).toMatchObject({ role, email: 'session-value@example.org', is_verified: true });
    const input = { id: user.id, email: 'moved@example.org', currentPassword: PASSWORD };
    await app.data(UpdateUserDocument, { input }, user.token);
    expect(await readValue(user.id)).toMatchObject({ role, email: 'moved@example.org', is_verified: false });
  });

  test('follows a role that moves among the roles, and one that is deleted', async () => {
    const [first, second] = [await createRole(10), await createRole(20)];
    const user = await app.user({ roles: [first, second] });
    expect(await roleOf(user.id)).toBe(first);
    await app.data(UpdateRoleDocument, { input: { name: second, precedence: 1 } }, await app.admin());
    expect(await roleOf(user.id)).toBe(second);
    const replacement = { name: second, precedence: 30, ifExists: 'REPLACE' as const };
    await app.data(CreateRoleDocument, { input: replacement }, await app.admin());
    expect(await roleOf(user.id)).toBe(first);
    await app.data(DeleteRoleDocument, { input: { name: first } }, await app.admin());
    expect(await roleOf(user.id)).toBe(second);
    await app.data(DeleteRoleDocument, { input: { name: second } }, await app.admin());
    expect(await roleOf(user.id)).toBe('user');
  });

  test('lives no longer for a change, and does not appear where no session was used lately', async () => {
    const user = await app.user();
    const { ttl } = (await sessionValue(redis.url, user.id))!;
    app.clock.advance(600);
    await assign(user.id, await createRole(40));
    expect((await sessionValue(redis.url, user.id))!.ttl).toBeLessThanOrEqual(ttl - 590);
    app.clock.advance(600);
    await assign(user.id, await createRole(41));
    expect((await sessionValue(redis.url, user.id))?.ttl ?? 0).toBeLessThanOrEqual(ttl - 590);
  });
});
