import { useQuery } from '@apollo/client/react';
import { Select } from '@mantine/core';
import type { DataTableColumn } from 'mantine-datatable';
import { useTranslation } from 'react-i18next';
import { LoginPageDocument, type LoginPageQuery } from '../generated/operations';
import type { Texts } from '../i18n/en';
import { Device } from './device';
import { EventLabel } from './event-label';
import { HistoryTable } from './history-table';
import { Moment } from './moment';
import { useHistorySearch } from './use-history-search';

type LoginRow = NonNullable<LoginPageQuery['loginAttempts']>['nodes'][number];
type Outcome = keyof Texts['outcome'];

const outcomes: Outcome[] = [
  'ok',
  'wrong-password',
  'unknown-user',
  'disabled',
  'access-denied',
  'token-rejected',
  'rate-limited',
  'wrong-current-password',
  'wrong-code',
];

/** A login history: of the own account, of another one, or of all. */
export function LoginList({ userId, allUsers = false }: { userId?: string; allUsers?: boolean }) {
  const { t } = useTranslation();
  const search = useHistorySearch();
  const { at, change } = search;
  const outcome = search.filters.outcome ?? null;
  const { data, previousData, ...result } = useQuery(LoginPageDocument, {
    variables: { ...search.variables, userId, allUsers, filter: { outcome, at } },
  });

  const columns: DataTableColumn<LoginRow>[] = [
    { accessor: 'at', title: t('field.time'), render: (login) => <Moment at={login.at} /> },
    {
      accessor: 'outcome',
      title: t('logins.outcome'),
      render: (login) => {
        const known = outcomes.find((name) => name === login.outcome);
        const label = known ? t(`outcome.${known}`) : login.outcome;
        return <EventLabel label={label} color={known === 'ok' ? 'teal' : 'red'} count={login.count} />;
      },
    },
    { accessor: 'identifier', title: t('logins.identifier'), hidden: !allUsers },
    { accessor: 'userAgent', title: t('sessions.device'), render: ({ userAgent }) => <Device userAgent={userAgent} /> },
    { accessor: 'address', title: t('field.address'), render: ({ address }) => address ?? '—' },
    { accessor: 'channel', title: t('field.channel') },
  ];

  return (
    <HistoryTable
      label={t('pages.history')}
      empty={t('logins.none')}
      columns={columns}
      page={(data ?? previousData)?.loginAttempts}
      result={result}
      search={search}
    >
      <Select
        label={t('logins.outcome')}
        placeholder={t('logins.any')}
        data={outcomes.map((value) => ({ value, label: t(`outcome.${value}`) }))}
        value={outcome}
        onChange={(value) => change({ outcome: value })}
        clearable
        flex="0 1 16rem"
      />
    </HistoryTable>
  );
}
