import { ActionIcon, Group, Text } from '@mantine/core';
import { ChevronLeftIcon, ChevronRightIcon, MoveToEndIcon, MoveToStartIcon } from '@primer/octicons-react';
import { useTranslation } from 'react-i18next';

export interface PagerProps {
  hasPrevious: boolean;
  hasNext: boolean;
  /** Number of records on all pages, where it is known. */
  total?: number;
  onTurn(to: 'first' | 'previous' | 'next' | 'last'): void;
  /** Whether the last page can be reached without those between. */
  withLast?: boolean;
}

/** Turns the pages of a connection. */
export function Pager({ hasPrevious, hasNext, total, onTurn, withLast = false }: PagerProps) {
  const { t } = useTranslation();
  const buttons = [
    { to: 'first', icon: MoveToStartIcon, isOff: !hasPrevious },
    { to: 'previous', icon: ChevronLeftIcon, isOff: !hasPrevious },
    { to: 'next', icon: ChevronRightIcon, isOff: !hasNext },
    ...(withLast ? [{ to: 'last', icon: MoveToEndIcon, isOff: !hasNext } as const] : []),
  ] as const;
  return (
    <Group justify="space-between" component="nav" aria-label={t('pager.label')}>
      <Text size="sm" c="dimmed" role="status">
        {total === undefined ? '' : t('pager.total', { count: total })}
      </Text>
      <Group gap={4}>
        {buttons.map(({ to, icon: Icon, isOff }) => (
          <ActionIcon
            key={to}
            variant="default"
            size="lg"
            disabled={isOff}
            aria-label={t(`pager.${to}`)}
            onClick={() => onTurn(to)}
          >
            <Icon />
          </ActionIcon>
        ))}
      </Group>
    </Group>
  );
}
