import fs from 'node:fs';
import path from 'node:path';
import axios from 'axios';
import { eventually } from '../../support/eventually';
import { type Loose, type RestWorld, startRest } from '../../support/rest';
import { type Block, blocksOf, Page, runShell } from './rest-document';

const DOCUMENT =
  process.env.IDENTITY_CONTRACT ?? path.resolve(__dirname, '../../../../shared/contracts/003-identity-rest-api.txt');
/** Said in the document where a value of one's own belongs. */
const PLACEHOLDERS = { token: /<token>|eyJhbGciOiJIUzUxMiJ9\.\.\./g, userId: /user-uuid-here/g };
/**
 * The role that the examples create and delete, which here is another: the one that is meant keeps
 * the administrator in.
 */
const SCRATCH_ROLE = 'SCRATCH';
const ADDRESSES = { main: 'http://localhost:9000', gateway: 'http://localhost:8080' };
/** Paths that exist at the gateway port alone. */
const GATEWAY_ONLY = /localhost:8080\/auth\/(token|introspect|refresh|logout)\b/;

/** A document that is named has to be there. */
const exists = process.env.IDENTITY_CONTRACT !== undefined || fs.existsSync(DOCUMENT);
const blocks = exists ? blocksOf(fs.readFileSync(DOCUMENT, 'utf8')) : [];
const isModule = ({ code }: Block) => /^(import|export) /m.test(code);
const titled = (some: Block[]) => some.map((block) => [`${block.title} (line ${block.line})`, block] as const);
const shell = blocks.filter(({ language }) => language === 'bash');
const scripts = blocks.filter((block) => block.language === 'javascript' && !isModule(block));
const modules = blocks.filter(isModule);

/** Once as it is written, and once at the other channel. */
const channels = ['as written', 'at the other channel'] as const;

if (!exists) {
  // the contract's document is not part of the project: the report shows that its examples did not run
  test.skip(`the examples of the contract's document (${DOCUMENT})`, () => undefined);
} else {
  describe.each(channels)('the examples of the document, %s', (which) => {
    let world: RestWorld;
    beforeAll(async () => {
      world = await startRest();
    });
    afterAll(() => world.close());
    // the same user is registered again and again
    afterEach(() => world.app.sql("delete from users where username = 'newuser'"));

    const swapped = (code: string): string =>
      code.replace(/localhost:9000\/identity|localhost:8080\/auth/g, (base) =>
        base.startsWith('localhost:9000') ? 'localhost:8080/auth' : 'localhost:9000/identity',
      );
    const placed = (block: Block): string => (which === 'as written' ? block.code : swapped(block.code));
    const address = (text: string): string =>
      text
        .replaceAll(ADDRESSES.main, world.app.origin)
        .replaceAll(ADDRESSES.gateway, new URL(world.gateway.base).origin);

    /** The block with its placeholders filled in. */
    async function filled(block: Block): Promise<string> {
      const { id } = await world.member();
      const createsRole = /roles/.test(block.code);
      return placed(block)
        .replace(PLACEHOLDERS.token, await world.login('admin', 'password123'))
        .replace(PLACEHOLDERS.userId, id)
        .replace(/'ADMIN'/g, createsRole ? `'${SCRATCH_ROLE}'` : "'ADMIN'");
    }
    const here = (some: Block[]) =>
      titled(some).filter(([, { code }]) => which === 'as written' || !GATEWAY_ONLY.test(code));

    test.each(here(shell))('curl: %s', async (_title, block) => {
      const answers = await runShell(address(await filled(block)));
      expect(answers).toHaveLength(block.code.match(/^curl /gm)!.length);
      for (const { status, body } of answers) expect({ status, code: body.code }).toEqual({ status: 200, code: 1000 });
    });

    test.each(here(scripts))('script: %s', async (_title, block) => {
      const page = new Page(address);
      page.stored.set('jwt_token', await world.login('admin', 'password123'));
      await page.run(await filled(block), { username: 'admin', password: 'password123' });
      expect(page.called.length).toBe(block.code.match(/await fetch\(/g)!.length);
      for (const { status, body } of page.called)
        expect({ status, code: body.code }).toEqual({ status: 200, code: 1000 });
      expect(page.logged.flat().filter((value) => value === undefined)).toEqual([]);
    });

    test('the three modules of the guide: a client, a service and a hook that work together', async () => {
      const [client, service, hook] = modules as [Block, Block, Block];
      const page = new Page(address);
      const relocated = axios.create();
      relocated.defaults.adapter = (config) =>
        axios.getAdapter('http')({
          ...config,
          baseURL: address(config.baseURL ?? ''),
          url: address(config.url ?? ''),
        } as never);
      const ownAxios = Object.assign(relocated, {
        create: (config: object) => axios.create({ ...config, adapter: relocated.defaults.adapter! }),
      });
      const apiClient = await page.load(placed(client), { axios: ownAxios });
      const authService = await page.load(service.code, { './apiClient': apiClient });
      const { authService: auth } = authService;

      expect(await auth.login('admin', 'password123')).toMatchObject({ code: 1000, result: { authenticated: true } });
      expect(await auth.getMyInfo()).toMatchObject({ username: 'admin' });
      expect((await auth.getUsers()).length).toBeGreaterThan(0);

      const over = world.expired(page.stored.get('jwt_token')!);
      page.stored.set('jwt_token', over);
      expect(await auth.getMyInfo()).toMatchObject({ username: 'admin' });
      expect(page.stored.get('jwt_token')).not.toBe(over);

      const react = new StillReact();
      const { useAuth } = await page.load(hook.code, { react, './services/authService': authService });
      react.render(useAuth);
      await react.settled(({ loading }) => !loading);
      expect(react.shown).toMatchObject({ user: { username: 'admin' }, loading: false });
      await react.shown.logout();
      expect([react.render(useAuth).user, page.stored.has('jwt_token')]).toEqual([null, false]);
      await react.shown.login('admin', 'password123');
      expect(react.render(useAuth).user).toMatchObject({ username: 'admin' });
    });
  });

  test('every example of the document was among them', () => {
    expect(shell.length + scripts.length + modules.length).toBe(blocks.length);
    expect([shell.length, scripts.length, modules.length].every((count) => count > 0)).toBe(true);
    expect(modules).toHaveLength(3);
  });
}

/** The two hooks that the example uses, for one component that is rendered when a test says so. */
class StillReact {
  shown: Loose;
  private readonly states: unknown[] = [];
  private at = 0;
  private mounted = false;
  private hook: (() => Loose) | undefined;

  useState = (first: unknown): [unknown, (value: unknown) => void] => {
    const slot = this.at++;
    if (this.states.length <= slot) this.states.push(first);
    return [this.states[slot], (value) => this.set(slot, value)];
  };

  useEffect = (effect: () => void): void => {
    if (this.mounted) return;
    this.mounted = true;
    effect();
  };

  render(hook: () => Loose): Loose {
    this.hook = hook;
    this.at = 0;
    this.shown = hook();
    return this.shown;
  }

  async settled(done: (shown: Loose) => boolean): Promise<void> {
    await eventually('the state of the hook', () => done(this.shown));
  }

  private set(slot: number, value: unknown): void {
    this.states[slot] = value;
    if (this.hook) this.render(this.hook);
  }
}
