import { useQuery } from '@apollo/client/react';
import { ActionIcon, Anchor, Autocomplete, Code } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { modals } from '@mantine/modals';
import { CodeIcon } from '@primer/octicons-react';
import { useHasScope } from 'graphql-identity-client/react';
import type { DataTableColumn } from 'mantine-datatable';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { type AuditFilterInput, AuditPageDocument, type AuditPageQuery } from '../generated/operations';
import { Device } from './device';
import { EventLabel } from './event-label';
import { HistoryTable } from './history-table';
import { Moment } from './moment';
import { useHistorySearch } from './use-history-search';

type AuditRow = NonNullable<AuditPageQuery['auditEvents']>['nodes'][number];

/** Security events, the newest first; the stream brings them up to date. */
export function AuditList({ filter: fixed }: { filter?: AuditFilterInput }) {
  const { t } = useTranslation();
  const search = useHistorySearch();
  const { at, change } = search;
  const { action } = search.filters;
  const { data, previousData, ...result } = useQuery(AuditPageDocument, {
    variables: { ...search.variables, filter: { ...fixed, action, at } },
  });
  const page = (data ?? previousData)?.auditEvents;
  const changeAction = useDebouncedCallback((text: string) => change({ action: text }), 250);

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
        <EventLabel label={event.action} color={isAlarming(event.action) ? 'red' : 'brand'} count={event.count} />
      ),
    },
    { accessor: 'actorName', title: t('audit.actor'), render: ({ actorName }) => actorName ?? '—' },
    {
      accessor: 'targetId',
      title: t('audit.target'),
      render: (event) => <Target {...event} />,
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
    <HistoryTable
      label={t('pages.audit')}
      empty={t('audit.none')}
      columns={columns}
      page={page}
      result={result}
      search={search}
    >
      <Autocomplete
        label={t('audit.action')}
        placeholder="user.disabled"
        data={[...new Set(page?.nodes.map((event) => event.action))]}
        defaultValue={action}
        onChange={changeAction}
        clearable
        flex="1 1 12rem"
      />
    </HistoryTable>
  );
}

function Target({ targetType, targetId, action }: AuditRow) {
  const readsUsers = useHasScope('READ_USERS');
  if (!targetType) return '—';
  const text = `${targetType} ${shortened(targetId)}`;
  if (targetType !== 'user' || !readsUsers || action === 'user.deleted') return text;
  return (
    <Anchor component={Link} to={`/users/${targetId}`} size="sm">
      {text}
    </Anchor>
  );
}

const isAlarming = (action: string): boolean => /reuse|denied|deleted|disabled|failed|rejected/.test(action);
const shortened = (text: string | null): string => (text && text.length > 20 ? `${text.slice(0, 8)}…` : (text ?? ''));
const withoutTypes = ({ __typename: _, ...event }: AuditRow & { __typename?: string }) => event;
