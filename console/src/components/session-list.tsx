import { useMutation, useQuery } from '@apollo/client/react';
import { Badge, Button, Group, Stack } from '@mantine/core';
import type { DataTableColumn } from 'mantine-datatable';
import { useTranslation } from 'react-i18next';
import {
  RevokeAllSessionsDocument,
  RevokeOtherSessionsDocument,
  RevokeSessionDocument,
  SessionPageDocument,
  type SessionPageQuery,
} from '../generated/operations';
import { Device } from './device';
import { Moment } from './moment';
import { RecordTable } from './record-table';
import { useAction } from './use-action';
import { useConfirm } from './use-confirm';

type SessionRow = NonNullable<SessionPageQuery['sessions']>['nodes'][number];

interface SessionListProps {
  /** Another user; the own sessions without it. */
  userId?: string;
  /** Whether the buttons that end sessions are shown. */
  canEnd: boolean;
}

export function SessionList({ userId, canEnd }: SessionListProps) {
  const { t } = useTranslation();
  const act = useAction();
  const confirm = useConfirm();
  const { data, loading, error, refetch } = useQuery(SessionPageDocument, { variables: { userId } });
  const [revoke] = useMutation(RevokeSessionDocument);
  const [revokeOthers] = useMutation(RevokeOtherSessionsDocument);
  const [revokeAll] = useMutation(RevokeAllSessionsDocument);
  const sessions = data?.sessions?.nodes;

  const end = ({ id }: SessionRow) =>
    confirm({
      title: t('sessions.endTitle'),
      consequence: t('sessions.endConsequence'),
      action: t('sessions.end'),
      onConfirm: () =>
        void act(
          () =>
            revoke({
              variables: { input: { id } },
              update: (cache) => cache.evict({ id: cache.identify({ __typename: 'Session', id }) }),
            }),
          t('sessions.ended'),
        ),
    });

  const endMany = () =>
    confirm({
      title: userId ? t('sessions.endAll') : t('sessions.endOthers'),
      consequence: userId ? t('sessions.endAllConsequence') : t('sessions.endOthersConsequence'),
      action: userId ? t('sessions.endAll') : t('sessions.endOthers'),
      onConfirm: () =>
        void act(
          () => (userId ? revokeAll({ variables: { input: { userId } } }) : revokeOthers()),
          t('sessions.endedMany'),
        ).then(() => refetch()),
    });

  const columns: DataTableColumn<SessionRow>[] = [
    {
      accessor: 'userAgent',
      title: t('sessions.device'),
      render: ({ userAgent, current }) => (
        <Group gap="xs" wrap="nowrap">
          <Device userAgent={userAgent} />
          {current && (
            <Badge color="teal" variant="light" tt="none" miw="max-content">
              {t('sessions.current')}
            </Badge>
          )}
        </Group>
      ),
    },
    { accessor: 'address', title: t('field.address'), render: ({ address }) => address ?? '—' },
    { accessor: 'lastSeenAt', title: t('sessions.lastSeen'), render: ({ lastSeenAt }) => <Moment at={lastSeenAt} /> },
    { accessor: 'createdAt', title: t('sessions.began'), render: ({ createdAt }) => <Moment at={createdAt} /> },
    { accessor: 'channel', title: t('field.channel') },
    {
      accessor: 'actions',
      title: '',
      hidden: !canEnd,
      textAlign: 'right',
      render: (session) =>
        !session.current && (
          <Button size="compact-sm" variant="subtle" color="red" onClick={() => end(session)}>
            {t('sessions.end')}
          </Button>
        ),
    },
  ];

  return (
    <Stack gap="sm">
      <RecordTable
        label={t('pages.sessions')}
        records={sessions}
        columns={columns}
        isLoading={loading}
        error={error}
        onRetry={() => void refetch()}
        empty={t('sessions.none')}
      />
      {canEnd && !!sessions?.some(({ current }) => !current) && (
        <Group justify="flex-end">
          <Button variant="light" color="red" onClick={endMany}>
            {userId ? t('sessions.endAll') : t('sessions.endOthers')}
          </Button>
        </Group>
      )}
    </Stack>
  );
}
