import { useQuery } from '@apollo/client/react';
import { Anchor, Button, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { MailIcon, PlusIcon } from '@primer/octicons-react';
import { useHasScope } from 'graphql-identity-client/react';
import type { DataTableColumn } from 'mantine-datatable';
import { useTranslation } from 'react-i18next';
import { Link, useNavigate } from 'react-router';
import { useCursorSearch } from '../../components/cursor-search';
import { Moment } from '../../components/moment';
import { Page } from '../../components/page';
import { Pager } from '../../components/pager';
import { periodOf } from '../../components/period';
import { RecordTable } from '../../components/record-table';
import { RoleBadges } from '../../components/role-badges';
import {
  type SortDirection,
  UserPageDocument,
  type UserPageQuery,
  type UserSortField,
} from '../../generated/operations';
import { InviteUser } from './invite-user';
import { NewUser } from './new-user';
import { UserFilters } from './user-filters';
import { UserState } from './user-state';

const PAGE_SIZE = 25;

const accessorOf: Record<UserSortField, string> = {
  USERNAME: 'username',
  EMAIL: 'email',
  LAST_LOGIN_AT: 'lastLoginAt',
  CREATED_AT: 'createdAt',
};
const fields = Object.keys(accessorOf) as UserSortField[];

type UserRow = NonNullable<UserPageQuery['users']>['nodes'][number];

export function UserList() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const search = useCursorSearch(PAGE_SIZE);
  const { text, role, state, sort = 'USERNAME', direction = 'ASC', ...dates } = search.filters;
  const { data, previousData, loading, error, refetch } = useQuery(UserPageDocument, {
    variables: {
      ...search.variables,
      sort: { field: sort as UserSortField, direction: direction as SortDirection },
      filter: {
        text,
        role,
        active: state === undefined ? undefined : state === 'active',
        createdAt: periodOf(dates.createdFrom, dates.createdTo),
        lastLoginAt: periodOf(dates.loginFrom, dates.loginTo),
      },
    },
  });
  const page = (data ?? previousData)?.users;

  const columns: DataTableColumn<UserRow>[] = [
    {
      accessor: 'username',
      sortable: true,
      title: t('field.username'),
      render: ({ id, username, firstName, lastName }) => (
        <>
          <Anchor component={Link} to={`/users/${id}`} size="sm" fw={600}>
            {username}
          </Anchor>
          <Text size="xs" c="dimmed">
            {[firstName, lastName].filter(Boolean).join(' ')}
          </Text>
        </>
      ),
    },
    { accessor: 'email', sortable: true, title: t('field.email'), render: ({ email }) => email ?? '—' },
    { accessor: 'roles', title: t('field.roles'), render: ({ roles }) => <RoleBadges roles={roles} /> },
    { accessor: 'isActive', title: t('field.state'), render: ({ isActive }) => <UserState isActive={isActive} /> },
    {
      accessor: 'lastLoginAt',
      sortable: true,
      title: t('field.lastLogin'),
      render: ({ lastLoginAt }) => <Moment at={lastLoginAt} />,
    },
    {
      accessor: 'createdAt',
      sortable: true,
      title: t('field.created'),
      render: ({ createdAt }) => <Moment at={createdAt} />,
    },
  ];

  return (
    <Page title={t('pages.users')} lead={t('users.lead')} actions={<UserListActions />}>
      <UserFilters filters={search.filters} onChange={search.filter} />
      <RecordTable
        label={t('pages.users')}
        records={page?.nodes}
        columns={columns}
        isLoading={loading}
        error={error}
        onRetry={() => void refetch()}
        empty={t('users.none')}
        sortStatus={{
          columnAccessor: accessorOf[sort as UserSortField],
          direction: direction === 'DESC' ? 'desc' : 'asc',
        }}
        onSortStatusChange={(status) =>
          search.filter({
            sort: fields.find((field) => accessorOf[field] === status.columnAccessor),
            direction: status.direction === 'desc' ? 'DESC' : 'ASC',
          })
        }
        onRowClick={({ record }) => void navigate(`/users/${record.id}`)}
        footer={
          page && (
            <Pager
              withLast
              total={page.totalCount}
              hasPrevious={page.pageInfo.hasPreviousPage}
              hasNext={page.pageInfo.hasNextPage}
              onTurn={(to) => search.turn(to, page.pageInfo)}
            />
          )
        }
      />
    </Page>
  );
}

function UserListActions() {
  const { t } = useTranslation();
  const canCreate = useHasScope('CREATE_USER');
  const [isCreating, creating] = useDisclosure();
  const [isInviting, inviting] = useDisclosure();
  if (!canCreate) return null;
  return (
    <>
      <Button variant="default" leftSection={<MailIcon />} onClick={inviting.open}>
        {t('users.invite')}
      </Button>
      <Button leftSection={<PlusIcon />} onClick={creating.open}>
        {t('users.create')}
      </Button>
      <InviteUser isOpen={isInviting} onClose={inviting.close} />
      <NewUser isOpen={isCreating} onClose={creating.close} />
    </>
  );
}
