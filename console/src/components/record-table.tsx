import 'mantine-datatable/styles.css';
import { Stack, Text } from '@mantine/core';
import { InboxIcon } from '@primer/octicons-react';
import { DataTable, type DataTableColumn, type DataTableProps } from 'mantine-datatable';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { FailureAlert } from './failure-alert';

type RecordTableProps<T> = {
  /** Undefined until the first answer. */
  records: readonly T[] | undefined;
  columns: DataTableColumn<T>[];
  isLoading: boolean;
  error: unknown;
  onRetry: () => void;
  /** What it says when there are no records. */
  empty: string;
  label: string;
  /** Below the table, such as the buttons that turn pages. */
  footer?: ReactNode;
} & Pick<DataTableProps<T>, 'onRowClick' | 'rowExpansion' | 'sortStatus' | 'onSortStatusChange' | 'rowColor'>;

/** A table with its states: loading, failed, empty. */
export function RecordTable<T>(props: RecordTableProps<T>) {
  const { records, columns, isLoading, error, onRetry, empty, label, footer, ...rest } = props;
  const { t } = useTranslation();
  const emptyState = (
    <Stack align="center" gap="xs" c="dimmed">
      <InboxIcon size={28} />
      <Text size="sm">{empty}</Text>
    </Stack>
  );
  return (
    <Stack gap="sm">
      <FailureAlert error={error} onRetry={onRetry} />
      {(records !== undefined || !error) && (
        <DataTable<T>
          aria-label={label}
          withTableBorder
          borderRadius="md"
          verticalSpacing="xs"
          highlightOnHover
          minHeight={records?.length ? undefined : 180}
          records={[...(records ?? [])]}
          columns={columns}
          fetching={isLoading && records === undefined}
          loaderType="dots"
          emptyState={isLoading ? <Text size="sm">{t('state.loading')}</Text> : emptyState}
          scrollAreaProps={{ viewportProps: { tabIndex: 0, 'aria-label': label, role: 'region' } }}
          {...(rest as object)}
        />
      )}
      {footer}
    </Stack>
  );
}
