import { AppShell, Box, Burger, Container, Group, NavLink, ScrollArea, Text, UnstyledButton } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useSession } from 'graphql-identity-client/react';
import { useTranslation } from 'react-i18next';
import { Link, Outlet, NavLink as RouteLink, useMatch } from 'react-router';
import { useLive } from '../api/use-live';
import { OfflineNotice } from '../components/offline-notice';
import { AccountMenu } from './account-menu';
import { ColorSchemeButton } from './color-scheme-button';
import iconUrl from './icon.svg';
import { LanguageSelect } from './language-select';
import { administration, ownAccount } from './navigation';

type Destination = (typeof administration)[number];

/** The frame of every page for signed-in users: header, navigation, content. */
export function Shell() {
  useLive();
  const { t } = useTranslation();
  const [isOpen, { toggle, close }] = useDisclosure();
  const { scopes } = useSession();
  const isShown = ({ scope }: Destination) => !scope || scopes.includes(scope) || scopes.includes('ROLE_ADMIN');
  const visible = administration.filter(isShown);
  return (
    <AppShell
      header={{ height: 56 }}
      navbar={{ width: 240, breakpoint: 'md', collapsed: { mobile: !isOpen } }}
      padding={{ base: 'sm', sm: 'lg' }}
    >
      <UnstyledButton className="skip-link" onClick={() => document.getElementById('content')?.focus()}>
        {t('shell.skip')}
      </UnstyledButton>
      <AppShell.Header>
        <Group h="100%" px="md" justify="space-between" wrap="nowrap">
          <Group gap="xs" wrap="nowrap">
            <Burger opened={isOpen} onClick={toggle} hiddenFrom="md" size="sm" aria-label={t('shell.menu')} />
            <Link to="/" className="brand" onClick={close} aria-label={t('shell.product')}>
              <img src={iconUrl} alt="" width={28} height={28} />
              <Text fw={650} visibleFrom="xs">
                {t('shell.product')}
              </Text>
            </Link>
          </Group>
          <Group gap={4} wrap="nowrap">
            <LanguageSelect />
            <ColorSchemeButton />
            <AccountMenu />
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="sm" component="nav" aria-label={t('shell.navigation')}>
        <AppShell.Section grow component={ScrollArea}>
          {visible.map((destination) => (
            <Item key={destination.to} {...destination} onClick={close} />
          ))}
          <Text size="xs" c="dimmed" fw={600} px="sm" pt="lg" pb={4}>
            {t('shell.ownAccount')}
          </Text>
          {ownAccount.map((destination) => (
            <Item key={destination.to} {...destination} onClick={close} />
          ))}
        </AppShell.Section>
      </AppShell.Navbar>
      <AppShell.Main id="content" tabIndex={-1}>
        <Container size="xl" p={0}>
          <OfflineNotice />
          <Box>
            <Outlet />
          </Box>
        </Container>
      </AppShell.Main>
    </AppShell>
  );
}

function Item({ to, text, icon: Icon, onClick }: Destination & { onClick: () => void }) {
  const { t } = useTranslation();
  const isActive = useMatch({ path: to, end: to === '/' || to === '/account' }) !== null;
  return (
    <NavLink
      component={RouteLink}
      to={to}
      end
      active={isActive}
      label={t(`pages.${text}`)}
      leftSection={<Icon size={16} />}
      onClick={onClick}
      className="nav-item"
    />
  );
}
