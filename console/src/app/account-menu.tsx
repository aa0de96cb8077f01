import { Avatar, Menu, UnstyledButton, VisuallyHidden } from '@mantine/core';
import { PersonIcon, SignOutIcon } from '@primer/octicons-react';
import { useSession } from 'graphql-identity-client/react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';

export function AccountMenu() {
  const { t } = useTranslation();
  const { user, logout } = useSession();
  const name = user?.username ?? '';
  return (
    <Menu position="bottom-end" width={200}>
      <Menu.Target>
        <UnstyledButton>
          <VisuallyHidden>{t('shell.account', { name })}</VisuallyHidden>
          <Avatar name={name} color="brand" size={34} aria-hidden />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{name}</Menu.Label>
        <Menu.Item component={Link} to="/account" leftSection={<PersonIcon />}>
          {t('pages.profile')}
        </Menu.Item>
        <Menu.Divider />
        <Menu.Item leftSection={<SignOutIcon />} onClick={() => void logout()}>
          {t('shell.signOut')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
