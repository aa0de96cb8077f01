import { Button, Group, InputBase, Popover, Stack, Text, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { CalendarIcon } from '@primer/octicons-react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../i18n/format';
import { dayOf } from './period';

interface PeriodFilterProps {
  label: string;
  /** Days such as `2026-01-31`. */
  from: string | undefined;
  to: string | undefined;
  onChange(changes: { from?: string; to?: string }): void;
}

/** Chooses a first and a last day; either may be missing. */
export function PeriodFilter({ label, from = '', to = '', onChange }: PeriodFilterProps) {
  const { t } = useTranslation();
  const { day } = useFormat();
  const [isOpen, { toggle, close }] = useDisclosure();
  const [first, last] = [dayOf(from), dayOf(to)].map((date) => (date ? day(date) : '…'));
  const isAny = first === '…' && last === '…';
  const text = isAny ? t('users.anyTime') : `${first} – ${last}`;
  return (
    <Popover opened={isOpen} onDismiss={close} trapFocus returnFocus shadow="md" position="bottom-start">
      <Popover.Target>
        <InputBase
          component="button"
          type="button"
          pointer
          label={label}
          aria-label={`${label}: ${text}`}
          aria-expanded={isOpen}
          leftSection={<CalendarIcon />}
          onClick={toggle}
          flex="0 0 11rem"
        >
          <Text span size="sm" truncate display="block" c={isAny ? 'var(--mantine-color-placeholder)' : undefined}>
            {text}
          </Text>
        </InputBase>
      </Popover.Target>
      <Popover.Dropdown>
        <Stack gap="sm">
          <TextInput
            type="date"
            label={t('field.from')}
            value={from}
            max={to || undefined}
            onChange={({ currentTarget }) => onChange({ from: currentTarget.value })}
          />
          <TextInput
            type="date"
            label={t('field.to')}
            value={to}
            min={from || undefined}
            onChange={({ currentTarget }) => onChange({ to: currentTarget.value })}
          />
          <Group justify="flex-end" gap="xs">
            <Button size="xs" variant="default" onClick={() => onChange({ from: '', to: '' })}>
              {t('users.anyTime')}
            </Button>
            <Button size="xs" onClick={close}>
              {t('form.close')}
            </Button>
          </Group>
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}
