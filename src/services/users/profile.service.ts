import type { SqlEntityManager } from '@mikro-orm/postgresql';
import type { Clock } from '../../config/clock';
import { inTransaction } from '../../database/transaction';
import { isUuid, uuidArray } from '../../database/uuid';
import { AppError } from '../../errors/app-error';
import {
  findProfile,
  findProfiles,
  insertProfileOfUser,
  type ProfileRow,
  updateProfileOfUser,
} from '../../queries/profiles';
import type { WriteAuthorization } from '../auth/write-authorization';
import { type Caller, requireScope, signedIn } from '../caller';
import { limits, Validation } from '../validation';
import { getAccountState } from './account-state';

export interface ProfileView {
  /** That of its user: each has one. */
  id: string;
  userId: string;
  fullName: string | null;
  phone: string | null;
  avatar: string | null;
}

export interface UpdateProfileInput {
  userId?: string | null;
  fullName?: string | null;
  phone?: string | null;
  avatar?: string | null;
}

const profileView = (row: ProfileRow): ProfileView => ({
  id: row.user_id,
  userId: row.user_id,
  fullName: row.full_name,
  phone: row.phone,
  avatar: row.avatar,
});

export interface ProfileDependencies {
  em: SqlEntityManager;
  authorization: WriteAuthorization;
  clock: Clock;
}

/** The person behind an account, as the session contract shows them. */
export class ProfileService {
  constructor(private readonly deps: ProfileDependencies) {}

  /**
   * A user's profile, made from their names when there is none yet. @throws AppError FORBIDDEN,
   * USER_NOT_FOUND
   */
  async get(caller: Caller, userId?: string | null): Promise<ProfileView> {
    const principal = signedIn(caller);
    const owner = userId ?? principal.userId;
    if (owner !== principal.userId) requireScope(caller, 'READ_USERS');
    return this.getOfUser(owner);
  }

  /** By user id; one that is missing is shown as it will be made. */
  async findMany(userIds: readonly string[]): Promise<Map<string, ProfileView>> {
    const rows = await findProfiles.rows(this.deps.em, { userIds: uuidArray(userIds) });
    return new Map(rows.map((row) => [row.user_id, profileView(row)]));
  }

  /** For a login, which has authenticated the user. @throws AppError USER_NOT_FOUND */
  async getOfUser(userId: string, em = this.deps.em): Promise<ProfileView> {
    if (!isUuid(userId)) throw new AppError('USER_NOT_FOUND');
    const row =
      (await findProfile.row(em, { userId })) ??
      (await insertProfileOfUser.row(em, { userId, now: this.deps.clock.now() }));
    if (!row) throw new AppError('USER_NOT_FOUND');
    return profileView(row);
  }

  /**
   * A member that is left out stays; "" or null empties it. @throws AppError FORBIDDEN,
   * USER_NOT_FOUND, VALIDATION_FAILED
   */
  async update(input: UpdateProfileInput, caller: Caller): Promise<ProfileView> {
    const principal = signedIn(caller);
    const userId = input.userId ?? principal.userId;
    const scope = userId === principal.userId ? undefined : 'UPDATE_USER';
    await getAccountState(this.deps.em, userId); // existence comes before validation
    const check = new Validation();
    check.text('fullName', input.fullName, limits.name.max);
    check.phone(input.phone);
    check.webAddress('avatar', input.avatar);
    check.check();
    return inTransaction(this.deps.em, async (em) => {
      await this.deps.authorization.lockTarget(em, caller, { userId, scope });
      const current = await this.getOfUser(userId, em);
      const next = (field: 'fullName' | 'phone' | 'avatar') =>
        input[field] === undefined ? current[field] : input[field] || null;
      const row = await updateProfileOfUser.row(em, {
        userId,
        fullName: next('fullName'),
        phone: next('phone'),
        avatar: next('avatar'),
        now: this.deps.clock.now(),
      });
      return profileView(row!);
    });
  }
}
