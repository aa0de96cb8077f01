import type { SqlEntityManager } from '@mikro-orm/postgresql';
import type { Clock } from '../../config/clock';
import { isUuid } from '../../database/uuid';
import { AppError } from '../../errors/app-error';
import { findProfile, insertProfileOfUser, type ProfileRow, updateProfileOfUser } from '../../queries/profiles';
import { type Caller, requireScope, signedIn } from '../caller';
import { limits, Validation } from '../validation';

export interface ProfileView {
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
  userId: row.user_id,
  fullName: row.full_name,
  phone: row.phone,
  avatar: row.avatar,
});

/** The person behind an account, as the session contract shows them. */
export class ProfileService {
  constructor(
    private readonly em: SqlEntityManager,
    private readonly clock: Clock,
  ) {}

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

  /** For a login, which has authenticated the user. @throws AppError USER_NOT_FOUND */
  async getOfUser(userId: string): Promise<ProfileView> {
    if (!isUuid(userId)) throw new AppError('USER_NOT_FOUND');
    const row =
      (await findProfile.row(this.em, { userId })) ??
      (await insertProfileOfUser.row(this.em, { userId, now: this.clock.now() }));
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
    if (userId !== principal.userId) requireScope(caller, 'UPDATE_USER');
    const current = await this.getOfUser(userId);
    const check = new Validation();
    check.text('fullName', input.fullName, limits.name.max);
    check.phone(input.phone);
    check.webAddress('avatar', input.avatar);
    check.check();
    const next = (field: 'fullName' | 'phone' | 'avatar') =>
      input[field] === undefined ? current[field] : input[field] || null;
    const row = await updateProfileOfUser.row(this.em, {
      userId,
      fullName: next('fullName'),
      phone: next('phone'),
      avatar: next('avatar'),
      now: this.clock.now(),
    });
    if (!row) throw new AppError('USER_NOT_FOUND');
    return profileView(row);
  }
}
