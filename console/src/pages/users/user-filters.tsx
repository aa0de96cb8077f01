import { useQuery } from '@apollo/client/react';
import { Group, Select, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { SearchIcon } from '@primer/octicons-react';
import { useHasScope } from 'graphql-identity-client/react';
import { useTranslation } from 'react-i18next';
import { PeriodFilter } from '../../components/period-filter';
import { RoleNamesDocument } from '../../generated/operations';

interface UserFiltersProps {
  filters: Partial<Record<string, string>>;
  onChange(changes: Record<string, string | null>): void;
}

export function UserFilters({ filters, onChange }: UserFiltersProps) {
  const { t } = useTranslation();
  const readsRoles = useHasScope('READ_ROLES');
  const { data } = useQuery(RoleNamesDocument, { skip: !readsRoles, fetchPolicy: 'cache-first' });
  const searchText = useDebouncedCallback((text: string) => onChange({ text }), 250);
  return (
    <Group component="search" align="flex-end" gap="sm">
      <TextInput
        label={t('users.search')}
        placeholder={t('users.searchHint')}
        leftSection={<SearchIcon />}
        defaultValue={filters.text ?? ''}
        onChange={({ currentTarget }) => searchText(currentTarget.value)}
        type="search"
        flex="1 1 11rem"
      />
      {readsRoles && (
        <Select
          label={t('field.role')}
          placeholder={t('users.anyRole')}
          data={data?.roles?.map(({ name }) => name) ?? []}
          value={filters.role ?? null}
          onChange={(role) => onChange({ role })}
          clearable
          searchable
          flex="0 1 9rem"
        />
      )}
      <Select
        label={t('field.state')}
        placeholder={t('users.anyState')}
        data={[
          { value: 'active', label: t('users.active') },
          { value: 'disabled', label: t('users.disabled') },
        ]}
        value={filters.state ?? null}
        onChange={(state) => onChange({ state })}
        clearable
        flex="0 1 9rem"
      />
      <PeriodFilter
        label={t('field.created')}
        from={filters.createdFrom}
        to={filters.createdTo}
        onChange={(changes) => onChange(prefixed('created', changes))}
      />
      <PeriodFilter
        label={t('field.lastLogin')}
        from={filters.loginFrom}
        to={filters.loginTo}
        onChange={(changes) => onChange(prefixed('login', changes))}
      />
    </Group>
  );
}

const prefixed = (prefix: string, { from, to }: { from?: string; to?: string }): Record<string, string> => ({
  ...(from !== undefined && { [`${prefix}From`]: from }),
  ...(to !== undefined && { [`${prefix}To`]: to }),
});
