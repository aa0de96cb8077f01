import { useQuery } from '@apollo/client/react';
import { Group, Loader, Tabs, Text } from '@mantine/core';
import { useHasScope, useSession } from 'graphql-identity-client/react';
import { useTranslation } from 'react-i18next';
import { useParams, useSearchParams } from 'react-router';
import { AuditList } from '../../components/audit-list';
import { FailureAlert } from '../../components/failure-alert';
import { LoginList } from '../../components/login-list';
import { Page } from '../../components/page';
import { SessionList } from '../../components/session-list';
import { UserDetailDocument } from '../../generated/operations';
import { UserActions } from './user-actions';
import { UserForm } from './user-form';
import { UserRoles } from './user-roles';
import { UserState } from './user-state';

/** One account, for those who administer it. */
export function UserPage() {
  const { t } = useTranslation();
  const { id = '' } = useParams();
  const [params, setParams] = useSearchParams();
  const { user: caller } = useSession();
  const isOwn = caller?.id === id;
  const readsSessions = useHasScope('READ_SESSIONS') || isOwn;
  const endsSessions = useHasScope('REVOKE_SESSIONS') || isOwn;
  const readsLogins = useHasScope('READ_LOGIN_ATTEMPTS') || isOwn;
  const readsAudit = useHasScope('READ_AUDIT_LOG');
  const { data, loading, error, refetch } = useQuery(UserDetailDocument, { variables: { id } });
  const user = data?.user;
  if (!user)
    return (
      <Page title={t('user.title')}>
        <FailureAlert error={error} onRetry={() => void refetch()} />
        {loading && <Loader />}
        {!loading && !error && <Text>{t('user.none')}</Text>}
      </Page>
    );
  return (
    <Page
      title={user.username}
      lead={
        <Group gap="xs" component="span">
          {[user.firstName, user.lastName].filter(Boolean).join(' ')}
          <UserState isActive={user.isActive} />
        </Group>
      }
      actions={<UserActions user={user} />}
    >
      <Tabs
        value={params.get('tab') ?? 'details'}
        onChange={(tab) => setParams(tab && tab !== 'details' ? { tab } : {}, { replace: true })}
        keepMounted={false}
      >
        <Tabs.List mb="md">
          <Tabs.Tab value="details">{t('user.details')}</Tabs.Tab>
          {readsSessions && <Tabs.Tab value="sessions">{t('pages.sessions')}</Tabs.Tab>}
          {readsLogins && <Tabs.Tab value="logins">{t('pages.logins')}</Tabs.Tab>}
          {readsAudit && <Tabs.Tab value="events">{t('user.events')}</Tabs.Tab>}
        </Tabs.List>
        <Tabs.Panel value="details">
          <UserRoles user={user} />
          <UserForm user={user} />
        </Tabs.Panel>
        <Tabs.Panel value="sessions">
          <SessionList userId={id} canEnd={endsSessions} />
        </Tabs.Panel>
        <Tabs.Panel value="logins">
          <LoginList userId={id} />
        </Tabs.Panel>
        <Tabs.Panel value="events">
          <AuditList filter={{ targetId: id }} />
        </Tabs.Panel>
      </Tabs>
    </Page>
  );
}
