import { setTimeout as pause } from 'node:timers/promises';
import { AssignRoleDocument, UnassignRoleDocument } from '../../../src/rest/generated/operations';
import type { IdentityClient } from '../../support/identity-client';
import type { AccessToken, ModelUser, TokenModel, Verdict } from './token-model';

/** A revoked token must be refused everywhere within this: a second in the drills. */
const BOUND_MS = Number(process.env.MODEL_BOUND_MS ?? 120_000);
/** What the model decides: who holds READ_PERMISSIONS is answered. */
const CHECK = '{ permissions { name } }';

/** What the commands do to servers that share a database: by index, whichever servers these are. */
export abstract class Driver {
  /** The role with READ_PERMISSIONS. */
  team = '';
  /** How long after the ending the latest request was sent that a server still accepted, in milliseconds. */
  longestDelay = 0;
  checks = 0;
  private people = 0;

  abstract at(index: number): IdentityClient;

  /** Sends JSON to a path of REST. */
  async post(index: number, path: string, body: object): Promise<{ status: number; body: Record<string, never> }> {
    const response = await fetch(new URL(path, this.at(index).url), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return { status: response.status, body: (await response.json()) as Record<string, never> };
  }

  async addUser(model: TokenModel, name?: string): Promise<void> {
    const username = name ?? `model-user${++this.people}`;
    const of = { username, email: `${username}@example.org`, password: 'password 0' };
    const app = this.at(0);
    const { createUser } = await app.data<{ createUser: { user: { id: string } } }>(
      'mutation($i: CreateUserInput!) { createUser(input: $i) { user { id } } }',
      { i: of },
      await app.admin(),
    );
    model.users.push({ ...of, id: createUser.user.id, exists: true, active: true, team: false });
  }

  async setTeam(index: number, user: ModelUser, holds: boolean): Promise<void> {
    const input = { userId: user.id, role: this.team };
    await this.at(index).data<unknown, object>(
      (holds ? AssignRoleDocument : UnassignRoleDocument) as never,
      { input },
      await this.at(index).admin(),
    );
  }

  /**
   * That a server decides on a token as the model does. A server that was told by another may take up
   * to the bound; but it refuses no live token for a moment.
   * @throws Error
   */
  async check(index: number, token: AccessToken, model: TokenModel): Promise<void> {
    const expected = model.verdict(token);
    const startedAt = performance.now();
    for (let tries = 1; ; tries++) {
      this.checks++;
      const delay = performance.now() - startedAt;
      const verdict = (await this.at(index).outcome(CHECK, {}, token.token)) as Verdict;
      if (verdict === expected) return;
      if (verdict === 'UNAUTHENTICATED')
        throw new Error(`a live ${token.kind} token is refused (${expected} expected)`);
      if (expected === 'UNAUTHENTICATED') this.longestDelay = Math.max(this.longestDelay, delay);
      // a machine that stood still has not asked often
      if (delay > BOUND_MS && tries > 20)
        throw new Error(`a ${token.kind} token gets ${verdict} where ${expected} is due, ${BOUND_MS} ms after`);
      await pause(1);
    }
  }

  /**
   * As `check`, where nothing is left to be heard: after a mutation of this server. @throws Error
   */
  async checkAtOnce(index: number, token: AccessToken, model: TokenModel): Promise<void> {
    this.checks++;
    const [expected, verdict] = [model.verdict(token), await this.at(index).outcome(CHECK, {}, token.token)];
    if (verdict !== expected) throw new Error(`a ${token.kind} token gets ${verdict} where ${expected} is due at once`);
  }
}
