import axios, { type AxiosError, type AxiosInstance } from 'axios';
import { type Loose, type RestChannel, type RestWorld, startRest } from '../../support/rest';

let world: RestWorld;
beforeAll(async () => {
  world = await startRest();
});
afterAll(() => world.close());

/**
 * A front end as the contract's guide builds it: every request carries the token, and a 401 is
 * answered with one refresh and one retry.
 */
class FrontEnd {
  readonly stored = new Map<string, string>();
  place = '/';
  readonly client: AxiosInstance;

  constructor(private readonly base: string) {
    this.client = axios.create({ baseURL: base, headers: { 'Content-Type': 'application/json' } });
    this.client.interceptors.request.use((config) => {
      const token = this.stored.get('jwt_token');
      if (token) config.headers.Authorization = `Bearer ${token}`;
      return config;
    });
    this.client.interceptors.response.use(undefined, (error: AxiosError) => this.refreshAndRetry(error));
  }

  private async refreshAndRetry(error: AxiosError): Promise<unknown> {
    const token = this.stored.get('jwt_token');
    if (error.response?.status !== 401 || !token) throw error;
    try {
      const { data } = await axios.post(`${this.base}/auth/refresh`, { token });
      this.stored.set('jwt_token', data.result.token);
      error.config!.headers.Authorization = `Bearer ${data.result.token}`;
      return await axios.request(error.config!);
    } catch {
      this.stored.delete('jwt_token');
      this.place = '/login';
      throw error;
    }
  }

  async login(username: string, password: string): Promise<void> {
    const { data } = await this.client.post('/auth/token', { username, password });
    this.stored.set('jwt_token', data.result.token);
  }

  get token(): string | undefined {
    return this.stored.get('jwt_token');
  }
}

describe.each(['main', 'gateway'] as const)('a front end with axios on the %s port', (port) => {
  const frontEnd = async () => {
    const member = await world.member();
    const channel: RestChannel = world[port];
    const app = new FrontEnd(channel.base);
    await app.login(member.username, member.password);
    return { app, member };
  };

  test('logs in, reads the own profile, and logs out', async () => {
    const { app, member } = await frontEnd();
    expect((await app.client.get('/users/my-info')).data.result).toMatchObject({
      id: member.id,
      username: member.username,
    });
    const token = app.token!;
    expect((await app.client.post('/auth/logout', { token })).data).toEqual({ code: 1000, result: null });
    await expect(app.client.get('/users/my-info')).rejects.toMatchObject({ response: { status: 401 } });
    expect(app.place).toBe('/login');
  });

  test('refreshes silently when the token has expired', async () => {
    const { app, member } = await frontEnd();
    const over = world.expired(app.token!);
    app.stored.set('jwt_token', over);
    expect((await app.client.get('/users/my-info')).data.result.username).toBe(member.username);
    expect(app.token).not.toBe(over);
    expect([app.place, (await app.client.get('/users/my-info')).status]).toEqual(['/', 200]);
  });

  test('repeats the body of what was refused, once', async () => {
    const { app, member } = await frontEnd();
    app.stored.set('jwt_token', world.expired(app.token!));
    const { data } = await app.client.put(`/users/${member.id}`, { firstName: 'Once' });
    expect(data.result.firstName).toBe('Once');
    const audited = await world.app.sql("select 1 from audit_events where action = 'user.updated' and target_id = $1", [
      member.id,
    ]);
    expect(audited).toHaveLength(1);
  });

  test('sends its user to the login when the token cannot be refreshed any more', async () => {
    const { app } = await frontEnd();
    app.stored.set('jwt_token', world.expired(app.token!, 36_000));
    await expect(app.client.get('/users/my-info')).rejects.toMatchObject({ response: { status: 401 } });
    expect([app.place, app.token]).toEqual(['/login', undefined]);
  });

  test('shows the message of an error', async () => {
    const { app } = await frontEnd();
    const refused: Loose = await app.client.get('/users').catch((error: AxiosError) => error.response);
    expect([refused.status, refused.data]).toEqual([403, { code: 1007, message: 'You do not have permission' }]);
  });

  test('of many requests that meet the end of a token at once loses none to another answer than 200 or 401', async () => {
    const { app } = await frontEnd();
    app.stored.set('jwt_token', world.expired(app.token!));
    const statuses = await Promise.all(
      Array.from({ length: 10 }, () =>
        app.client.get('/users/my-info').then(
          ({ status }) => status,
          (error: AxiosError) => error.response?.status,
        ),
      ),
    );
    expect(statuses.filter((status) => status === 200).length).toBeGreaterThanOrEqual(1);
    expect(statuses.filter((status) => status !== 200 && status !== 401)).toEqual([]);
  });
});
