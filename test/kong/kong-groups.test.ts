import {
  AssignRoleDocument,
  CreateRoleDocument,
  DeleteRoleDocument,
  UnassignRoleDocument,
} from '../../src/rest/generated/operations';
import { eventually, type KongWorld, startKongWorld } from '../fakes/kong/kong-world';

let world: KongWorld;
let admin: string;
beforeAll(async () => {
  world = await startKongWorld({ env: { KONG_ACL: 'on' } });
  admin = await world.app.admin();
  for (const name of ['EDITOR', 'AUDITOR', 'PASSING'])
    await world.app.data(CreateRoleDocument, { input: { name, permissions: [] } }, admin);
});
afterAll(() => world.close());

const assign = (userId: string, role: string) => world.app.data(AssignRoleDocument, { input: { userId, role } }, admin);
const unassign = (userId: string, role: string) =>
  world.app.data(UnassignRoleDocument, { input: { userId, role } }, admin);

const groups = async (username: string): Promise<string[]> => {
  const { body } = await world.admin('GET', `/consumers/${username}/acls`);
  return body.data.map(({ group }: { group: string }) => group).sort();
};
const becomes = (username: string, expected: string[]) =>
  eventually(
    () => groups(username),
    (found) => found.join() === expected.join(),
    30_000,
  );

describe('with KONG_ACL', () => {
  test('the roles of a user are groups of the consumer when the sign-in is answered', async () => {
    const user = await world.app.user();
    await assign(user.id, 'EDITOR');
    await assign(user.id, 'AUDITOR');
    await world.key(user.username);
    expect(await groups(user.username)).toEqual(['AUDITOR', 'EDITOR']);
  });

  test('roles that are assigned or taken away later change the groups, without another sign-in', async () => {
    const user = await world.app.user();
    await world.key(user.username);
    await assign(user.id, 'EDITOR');
    await becomes(user.username, ['EDITOR']);
    await assign(user.id, 'AUDITOR');
    await unassign(user.id, 'EDITOR');
    await becomes(user.username, ['AUDITOR']);
  });

  test('a deleted role is no group of any consumer', async () => {
    const users = [await world.app.user(), await world.app.user()];
    for (const { id, username } of users) {
      await assign(id, 'PASSING');
      await world.key(username);
      expect(await groups(username)).toEqual(['PASSING']);
    }
    await world.app.data(DeleteRoleDocument, { input: { name: 'PASSING' } }, admin);
    for (const { username } of users) await becomes(username, []);
  });

  test('groups of other makers stay', async () => {
    const user = await world.app.user();
    await assign(user.id, 'EDITOR');
    await world.key(user.username);
    await world.admin('POST', `/consumers/${user.username}/acls`, { group: 'partners' });
    await unassign(user.id, 'EDITOR');
    await becomes(user.username, ['partners']);
  });

  test('a change while Kong is away reaches it when it is back', async () => {
    const user = await world.app.user();
    await assign(user.id, 'EDITOR');
    await world.key(user.username);
    await eventually(
      () => world.rows(user.id),
      (rows) => rows.every((row) => String((row as unknown as { groups: string[] | null }).groups) === 'EDITOR'),
      30_000,
    );
    world.gateway.stopDatabase();
    await unassign(user.id, 'EDITOR');
    world.gateway.startDatabase();
    expect(await groups(user.username)).toEqual(['EDITOR']);
    await eventually(
      async () => {
        world.app.clock.advance(5);
        return groups(user.username);
      },
      (found) => found.length === 0,
      30_000,
    );
  });

  test("Kong's acl plugin lets a user pass by role, and no longer when it is taken away", async () => {
    await world.admin('POST', '/services/graphql-identity-protected/plugins', {
      name: 'acl',
      config: { allow: ['EDITOR'] },
    });
    const user = await world.app.user();
    await assign(user.id, 'EDITOR');
    const token = await world.token(await world.key(user.username));
    expect((await world.info(token)).status).toBe(200);
    await unassign(user.id, 'EDITOR');
    await becomes(user.username, []);
    expect(await world.info(token)).toMatchObject({
      status: 403,
      body: { message: 'You cannot consume this service' },
    });
  });
});

test('without KONG_ACL no group is written', async () => {
  const plain = await startKongWorld();
  try {
    await plain.key();
    const { body } = await plain.admin('GET', '/consumers/admin/acls');
    expect(body.data).toEqual([]);
  } finally {
    await plain.close();
  }
});
