import { useQuery } from '@apollo/client/react';
import { ActionIcon, Autocomplete, Badge, Code, Group, Stack, Text, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { modals } from '@mantine/modals';
import { CodeIcon } from '@primer/octicons-react';
import type { DataTableColumn } from 'mantine-datatable';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type AuditFilterInput, AuditPageDocument, type AuditPageQuery } from '../generated/operations';
import { Device } from './device';
import { Moment } from './moment';
import { Pager } from './pager';
import { RecordTable } from './record-table';
import { useForwardPages } from './use-forward-pages';

const PAGE_SIZE = 25;

type AuditRow = NonNullable<AuditPageQuery['auditEvents']>['nodes'][number];

/** Security events, the newest first; the stream brings them up to date. */
export function AuditList({ filter: fixed }: { filter?: AuditFilterInput }) {
  const { t } = useTranslation();
  const [fields, setFields] = useState({ action: '', from: '', until: '' });
  const [{ action, from, until }] = useDebouncedValue(fields, 250);
  const { after, hasPrevious, turn, reset } = useForwardPages();
  const at = { ...(from && { from: startOf(from) }), ...(until && { until: startOf(until) }) };
  const filter = { ...fixed, ...(action && { action }), ...((from || until) && { at }) };
  const { data, previousData, loading, error, refetch } = useQuery(AuditPageDocument, {
    variables: { filter, first: PAGE_SIZE, after },
  });
  const page = (data ?? previousData)?.auditEvents;
  const change = (changes: Partial<typeof fields>) => {
    reset();
    setFields({ ...fields, ...changes });
  };

  const show = (event: AuditRow) =>
    modals.open({
      title: event.action,
      size: 'lg',
      closeButtonProps: { 'aria-label': t('form.close') },
      children: <Code block>{JSON.stringify(withoutTypes(event), null, 2)}</Code>,
    });

  const columns: DataTableColumn<AuditRow>[] = [
    { accessor: 'at', title: t('field.time'), render: (event) => <Moment at={event.at} /> },
    {
      accessor: 'action',
      title: t('audit.action'),
      render: (event) => (
        <Group gap={6} wrap="nowrap">
          <Badge variant="light" tt="none" color={isAlarming(event.action) ? 'red' : 'brand'}>
            {event.action}
          </Badge>
          {event.count > 1 && (
            <Text span size="xs" c="dimmed">
              ×{event.count}
            </Text>
          )}
        </Group>
      ),
    },
    { accessor: 'actorName', title: t('audit.actor'), render: ({ actorName }) => actorName ?? '—' },
    {
      accessor: 'targetId',
      title: t('audit.target'),
      render: ({ targetType, targetId }) => (targetType ? `${targetType} ${shortened(targetId)}` : '—'),
    },
    { accessor: 'address', title: t('field.address'), render: ({ address }) => address ?? '—' },
    { accessor: 'userAgent', title: t('sessions.device'), render: ({ userAgent }) => <Device userAgent={userAgent} /> },
    {
      accessor: 'detail',
      title: '',
      render: (event) => (
        <ActionIcon variant="subtle" color="gray" aria-label={t('audit.details')} onClick={() => show(event)}>
          <CodeIcon />
        </ActionIcon>
      ),
    },
  ];

  return (
    <Stack gap="md">
      <Group component="search" align="flex-end" gap="sm">
        <Autocomplete
          label={t('audit.action')}
          placeholder="user.disabled"
          data={[...new Set(page?.nodes.map((event) => event.action))]}
          value={fields.action}
          onChange={(value) => change({ action: value })}
          clearable
          flex="1 1 12rem"
        />
        <TextInput
          type="date"
          label={t('field.from')}
          value={fields.from}
          onChange={({ currentTarget }) => change({ from: currentTarget.value })}
          flex="0 1 10rem"
        />
        <TextInput
          type="date"
          label={t('field.until')}
          value={fields.until}
          onChange={({ currentTarget }) => change({ until: currentTarget.value })}
          flex="0 1 10rem"
        />
      </Group>
      <RecordTable
        label={t('pages.audit')}
        records={page?.nodes}
        columns={columns}
        isLoading={loading}
        error={error}
        onRetry={() => void refetch()}
        empty={t('audit.none')}
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

const isAlarming = (action: string): boolean => /reuse|denied|deleted|disabled|failed|rejected/.test(action);
const shortened = (text: string | null): string => (text && text.length > 20 ? `${text.slice(0, 8)}…` : (text ?? ''));
const startOf = (day: string): string => new Date(`${day}T00:00`).toISOString();
const withoutTypes = ({ __typename: _, ...event }: AuditRow & { __typename?: string }) => event;
