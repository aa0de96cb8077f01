import { Paper, Skeleton, Text } from '@mantine/core';
import { useFormat } from '../../i18n/format';

interface FigureProps {
  label: string;
  value: number | null | undefined;
  color?: string;
}

export function Figure({ label, value, color }: FigureProps) {
  const { number } = useFormat();
  return (
    <Paper withBorder p="md" component="section" aria-label={label}>
      <Text size="sm" c="dimmed">
        {label}
      </Text>
      {value === undefined || value === null ? (
        <Skeleton height={34} width={60} />
      ) : (
        <Text fz={26} fw={650} c={color && `var(--mantine-color-${color}-text)`}>
          {number(value)}
        </Text>
      )}
    </Paper>
  );
}
