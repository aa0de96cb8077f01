import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { CreateRoleDocument } from '../../../src/rest/generated/operations';
import type { ServerProcess } from '../../support/processes';
import { Answers } from './answers';
import { Group } from './group';
import { LoadClient, LostAnswerError } from './load-client';

/** Of what clients do; the other requests show tokens. */
const SHARE_OF_CHANGES = 0.1;
/** Users that are replaced are asked for as long as so many others follow. */
const PAST_GROUPS = 10;
const SHARE_OF_PAST = 0.1;
/** So many at a time are a client's own limit, as of a pool of connections. */
const MAX_UNDER_WAY = 300;
const RAMP_STEP_MS = 3000;
const RAMP = [2, 4, 8, 16, 32];

/** Mixed requests of many clients to servers that share a database, each answer compared with the model. */
export class Traffic {
  readonly answers = new Answers();
  readonly clients: readonly LoadClient[];
  private readonly groups: Group[] = [];
  private readonly past: Group[] = [];
  private readonly underWay = new Set<Promise<unknown>>();
  private readonly name = `load-${randomBytes(4).toString('hex')}`;
  private readonly team = `${this.name}-team`;
  private made = 0;
  private changesOfPast = 0;
  private isOver = false;
  private isReplacing = false;

  private constructor(servers: readonly ServerProcess[]) {
    this.clients = servers.map((_, index) => new LoadClient(index, servers, this.answers, () => this.isOver));
  }

  static async start(servers: readonly ServerProcess[], groups = 10): Promise<Traffic> {
    const traffic = new Traffic(servers);
    const [client] = traffic.clients as [LoadClient];
    const role = { name: traffic.team, permissions: ['READ_PERMISSIONS'], ifExists: 'REFUSE' as const };
    await client.data(CreateRoleDocument, { input: role }, await client.admin());
    for (let i = 0; i < groups; i++) traffic.groups.push(await traffic.newGroup());
    return traffic;
  }

  /** The most that the servers carry, in ticks a second. */
  async capacity(): Promise<number> {
    let best = 0;
    for (const clients of RAMP) {
      const until = performance.now() + RAMP_STEP_MS;
      let ticks = 0;
      const work = async () => {
        for (; performance.now() < until; ticks++) await this.tick();
      };
      await Promise.all(Array.from({ length: clients }, work));
      const rate = ticks / (RAMP_STEP_MS / 1000);
      if (rate < best * 1.05) return Math.max(best, rate);
      best = rate;
    }
    return best;
  }

  /** Sends at a rate, whatever the servers do, until it is over. @param rate ticks a second */
  async hold(rate: number, isOver: () => boolean): Promise<void> {
    const startedAt = performance.now();
    for (let ticks = 0; !isOver(); ) {
      const due = ((performance.now() - startedAt) / 1000) * rate;
      for (; ticks < due; ticks++) if (this.underWay.size < MAX_UNDER_WAY) this.begin(this.tick());
      await pause(1000 / rate);
    }
  }

  /** Waits for what is under way, and compares all that was confirmed with what the servers have. */
  async finish(): Promise<void> {
    while (this.underWay.size > 0) await Promise.all(this.underWay);
    this.isOver = true;
    for (const group of [...this.groups, ...this.past]) await group.finalCheck();
  }

  /** Of sessions, tokens, passwords, roles and accounts. */
  get changes(): number {
    return [...this.groups, ...this.past].reduce((sum, group) => sum + group.changes, this.changesOfPast);
  }

  private begin(work: Promise<unknown>): void {
    const done = work.catch((error: Error) => {
      if (!(error instanceof LostAnswerError)) this.answers.wrong.push(error.stack ?? error.message);
    });
    this.underWay.add(done);
    void done.finally(() => this.underWay.delete(done));
  }

  private async tick(): Promise<void> {
    const index = Math.floor(Math.random() * this.groups.length);
    const group = this.groups[index]!;
    const isChange = Math.random() < SHARE_OF_CHANGES;
    if (isChange && !group.isBusy && !group.isSpent) return group.runCommand();
    if (isChange && group.isSpent && !this.isReplacing) return this.replace(index);
    const from = this.past.length > 0 && Math.random() < SHARE_OF_PAST ? this.past : this.groups;
    return from[Math.floor(Math.random() * from.length)]!.runCheck(Math.random());
  }

  private async replace(index: number): Promise<void> {
    this.isReplacing = true;
    try {
      const next = await this.newGroup();
      this.past.push(this.groups[index]!);
      this.groups[index] = next;
    } finally {
      this.isReplacing = false;
    }
    if (this.past.length <= PAST_GROUPS) return;
    const oldest = this.past.shift()!;
    this.changesOfPast += oldest.changes;
    await oldest.finalCheck();
  }

  private async newGroup(): Promise<Group> {
    const group = new Group(this.clients, this.team, this.answers.wrong);
    await group.setUp(`${this.name}-${++this.made}`);
    return group;
  }
}
