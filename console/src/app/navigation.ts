import {
  BroadcastIcon,
  DeviceDesktopIcon,
  GraphIcon,
  HistoryIcon,
  type Icon,
  KeyIcon,
  PeopleIcon,
  PersonIcon,
  ShieldLockIcon,
  SignInIcon,
  TelescopeIcon,
} from '@primer/octicons-react';
import type { Texts } from '../i18n/en';

interface Destination {
  to: string;
  text: keyof Texts['pages'];
  icon: Icon;
  /** Shown to holders of this scope only; everyone else sees the destination never. */
  scope?: string;
}

export const administration: Destination[] = [
  { to: '/', text: 'overview', icon: GraphIcon, scope: 'READ_LOGIN_ATTEMPTS' },
  { to: '/users', text: 'users', icon: PeopleIcon, scope: 'READ_USERS' },
  { to: '/roles', text: 'roles', icon: ShieldLockIcon, scope: 'READ_ROLES' },
  { to: '/audit', text: 'audit', icon: BroadcastIcon, scope: 'READ_AUDIT_LOG' },
  { to: '/logins', text: 'logins', icon: SignInIcon, scope: 'READ_LOGIN_ATTEMPTS' },
  { to: '/tokens', text: 'tokens', icon: TelescopeIcon },
  { to: '/keys', text: 'keys', icon: KeyIcon },
];

export const ownAccount: Destination[] = [
  { to: '/account', text: 'profile', icon: PersonIcon },
  { to: '/account/security', text: 'security', icon: ShieldLockIcon },
  { to: '/account/sessions', text: 'sessions', icon: DeviceDesktopIcon },
  { to: '/account/history', text: 'history', icon: HistoryIcon },
];
