import type { SqlEntityManager } from '@mikro-orm/postgresql';
import type { Clock } from '../../config/clock';
import { sqlRow } from '../../database/positional-sql';
import { isUuid } from '../../database/uuid';
import { AppError } from '../../errors/app-error';
import { type Caller, signedIn } from '../caller';
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

interface Row {
  user_id: string;
  full_name: string | null;
  phone: string | null;
  avatar: string | null;
}

const view = (row: Row): ProfileView => ({
  userId: row.user_id,
  fullName: row.full_name,
  phone: row.phone,
  avatar: row.avatar,
});

/** What the session contract shows of a person. */
export class ProfileService {
  constructor(
    private readonly em: SqlEntityManager,
    private readonly clock: Clock,
  ) {}

  /**
   * The profile of a user, made from his names when there is none yet. @throws AppError FORBIDDEN,
   * USER_NOT_FOUND
   */
  async get(caller: Caller, userId?: string | null): Promise<ProfileView> {
    const principal = signedIn(caller);
    const owner = userId ?? principal.userId;
    if (owner !== principal.userId && !principal.has('READ_USERS'))
      throw new AppError('FORBIDDEN', { needs: 'READ_USERS' });
    return this.ofUser(owner);
  }

  /** For a login, which has proved who asks. @throws AppError USER_NOT_FOUND */
  async ofUser(userId: string): Promise<ProfileView> {
    if (!isUuid(userId)) throw new AppError('USER_NOT_FOUND');
    const row = await sqlRow<Row>(
      this.em,
      'select user_id, full_name, phone, avatar from user_profiles where user_id = ?',
      [userId],
    );
    if (row) return view(row);
    const now = this.clock.now();
    // the update that changes nothing makes the row of a simultaneous first reader come back as
    // well
    const made = await sqlRow<Row>(
      this.em,
      `insert into user_profiles (user_id, full_name, phone, created_at, updated_at)
       select id, nullif(concat_ws(' ', first_name, last_name), ''), phone, ?, ? from users where id = ?
       on conflict (user_id) do update set user_id = excluded.user_id returning user_id, full_name, phone, avatar`,
      [now, now, userId],
    );
    if (!made) throw new AppError('USER_NOT_FOUND');
    return view(made);
  }

  /**
   * A member that is left out stays; "" or null empties it. @throws AppError FORBIDDEN,
   * USER_NOT_FOUND, VALIDATION_FAILED
   */
  async update(input: UpdateProfileInput, caller: Caller): Promise<ProfileView> {
    const principal = signedIn(caller);
    const owner = input.userId ?? principal.userId;
    if (owner !== principal.userId && !principal.has('UPDATE_USER'))
      throw new AppError('FORBIDDEN', { needs: 'UPDATE_USER' });
    const current = await this.ofUser(owner);
    const check = new Validation();
    check.text('fullName', input.fullName, limits.name.max);
    check.phone(input.phone);
    check.webAddress('avatar', input.avatar);
    check.check();
    const next = (given: string | null | undefined, kept: string | null) =>
      given === undefined ? kept : given || null;
    const row = await sqlRow<Row>(
      this.em,
      'update user_profiles set full_name = ?, phone = ?, avatar = ?, updated_at = ? where user_id = ? returning user_id, full_name, phone, avatar',
      [
        next(input.fullName, current.fullName),
        next(input.phone, current.phone),
        next(input.avatar, current.avatar),
        this.clock.now(),
        owner,
      ],
    );
    if (!row) throw new AppError('USER_NOT_FOUND');
    return view(row);
  }
}
