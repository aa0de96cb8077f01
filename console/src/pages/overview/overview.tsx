import { useQuery } from '@apollo/client/react';
import { SegmentedControl, SimpleGrid, Skeleton } from '@mantine/core';
import { useHasScope } from 'graphql-identity-client/react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Navigate } from 'react-router';
import { Dependencies } from '../../components/dependencies';
import { FailureAlert } from '../../components/failure-alert';
import { Page } from '../../components/page';
import { Section } from '../../components/section';
import { OverviewDocument } from '../../generated/operations';
import { Figure } from './figure';
import { LoginChart } from './login-chart';
import { type Span, spans } from './spans';

/** What the person who runs the server looks at first. */
export function Overview() {
  const { t } = useTranslation();
  const readsLogins = useHasScope('READ_LOGIN_ATTEMPTS');
  const readsUsers = useHasScope('READ_USERS');
  const readsSessions = useHasScope('READ_SESSIONS');
  const [span, setSpan] = useState<Span>('day');
  const [now] = useState(() => Date.now());
  const { step, from, until } = spans[span](now);
  const { data, previousData, error, refetch } = useQuery(OverviewDocument, {
    skip: !readsLogins,
    variables: { at: { from, until }, step, withUsers: readsUsers, withSessions: readsSessions },
  });
  if (!readsLogins) return <Navigate to="/account" replace />;
  const shown = data ?? previousData;
  const counts = shown?.loginCounts;
  const total = (name: 'succeeded' | 'failed') => counts?.reduce((sum, count) => sum + count[name], 0);
  return (
    <Page
      title={t('pages.overview')}
      lead={t('overview.lead')}
      actions={
        <SegmentedControl
          aria-label={t('overview.span')}
          value={span}
          onChange={(value) => setSpan(value as Span)}
          data={(Object.keys(spans) as Span[]).map((value) => ({ value, label: t(`overview.${value}`) }))}
        />
      }
    >
      <FailureAlert error={error} onRetry={() => void refetch()} />
      <SimpleGrid cols={{ base: 2, md: 4 }}>
        <Figure label={t('overview.logins')} value={total('succeeded')} color="teal" />
        <Figure label={t('overview.failures')} value={total('failed')} color="red" />
        {readsSessions && <Figure label={t('overview.sessions')} value={shown?.sessionCount} />}
        {readsUsers && <Figure label={t('pages.users')} value={shown?.users?.totalCount} />}
      </SimpleGrid>
      <Section title={t('overview.chart')}>
        {counts ? <LoginChart counts={counts} step={step} /> : <Skeleton height={260} />}
      </Section>
      <Dependencies />
    </Page>
  );
}
