import { Group, Stack } from '@mantine/core';
import type { DataTableColumn } from 'mantine-datatable';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Pager } from './pager';
import { PeriodFilter } from './period-filter';
import { RecordTable } from './record-table';
import type { HistorySearch } from './use-history-search';

interface HistoryTableProps<T> {
  label: string;
  /** What it says when nothing matches. */
  empty: string;
  columns: DataTableColumn<T>[];
  page: { nodes: readonly T[]; pageInfo: { hasNextPage: boolean; endCursor: string | null } } | null | undefined;
  result: { loading: boolean; error?: unknown; refetch(): Promise<unknown> };
  search: HistorySearch;
  /** Filters other than the time. */
  children: ReactNode;
}

/** Events of the past, the newest first, with filters and the buttons that turn pages. */
export function HistoryTable<T>({ page, result, search, children, ...table }: HistoryTableProps<T>) {
  const { t } = useTranslation();
  const { filters, change, hasPrevious, turn } = search;
  return (
    <Stack gap="md">
      <Group component="search" align="flex-end" gap="sm">
        {children}
        <PeriodFilter label={t('field.time')} from={filters.from} to={filters.to} onChange={change} />
      </Group>
      <RecordTable
        {...table}
        records={page?.nodes}
        isLoading={result.loading}
        error={result.error}
        onRetry={() => void result.refetch()}
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
