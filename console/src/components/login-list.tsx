import { useQuery } from '@apollo/client/react';
import { Badge, Group, Select, Stack, Text } from '@mantine/core';
import type { DataTableColumn } from 'mantine-datatable';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { LoginPageDocument, type LoginPageQuery } from '../generated/operations';
import type { Texts } from '../i18n/en';
import { Device } from './device';
import { Moment } from './moment';
import { Pager } from './pager';
import { RecordTable } from './record-table';
import { useForwardPages } from './use-forward-pages';

const PAGE_SIZE = 25;

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
  const [outcome, setOutcome] = useState<string | null>(null);
  const { after, hasPrevious, turn, reset } = useForwardPages();
  const { data, previousData, loading, error, refetch } = useQuery(LoginPageDocument, {
    variables: { userId, allUsers, first: PAGE_SIZE, after, filter: outcome ? { outcome } : undefined },
  });
  const page = (data ?? previousData)?.loginAttempts;

  const columns: DataTableColumn<LoginRow>[] = [
    { accessor: 'at', title: t('field.time'), render: ({ at }) => <Moment at={at} /> },
    {
      accessor: 'outcome',
      title: t('logins.outcome'),
      render: ({ outcome: text, count }) => (
        <Group gap={6} wrap="nowrap">
          <OutcomeBadge outcome={text} />
          {count > 1 && (
            <Text span size="xs" c="dimmed">
              ×{count}
            </Text>
          )}
        </Group>
      ),
    },
    { accessor: 'identifier', title: t('logins.identifier'), hidden: !allUsers },
    { accessor: 'userAgent', title: t('sessions.device'), render: ({ userAgent }) => <Device userAgent={userAgent} /> },
    { accessor: 'address', title: t('field.address'), render: ({ address }) => address ?? '—' },
    { accessor: 'channel', title: t('field.channel') },
  ];

  return (
    <Stack gap="md">
      <Select
        label={t('logins.outcome')}
        placeholder={t('logins.any')}
        data={outcomes.map((value) => ({ value, label: t(`outcome.${value}`) }))}
        value={outcome}
        onChange={(value) => {
          reset();
          setOutcome(value);
        }}
        clearable
        maw={280}
      />
      <RecordTable
        label={t('pages.history')}
        records={page?.nodes}
        columns={columns}
        isLoading={loading}
        error={error}
        onRetry={() => void refetch()}
        empty={t('logins.none')}
        footer={
          page && (
            <Pager
              hasPrevious={hasPrevious}
              hasNext={page.pageInfo.hasNextPage}
              onTurn={(to) => turn(to, page.pageInfo)}
            />
          )
        }
      />
    </Stack>
  );
}

function OutcomeBadge({ outcome }: { outcome: string }) {
  const { t } = useTranslation();
  const known = outcomes.find((name) => name === outcome);
  return (
    <Badge variant="light" color={outcome === 'ok' ? 'teal' : 'red'} tt="none">
      {known ? t(`outcome.${known}`) : outcome}
    </Badge>
  );
}
