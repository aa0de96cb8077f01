import { Badge, Group, Text } from '@mantine/core';

interface EventLabelProps {
  label: string;
  color: string;
  /** How many like it the row stands for. */
  count: number;
}

export function EventLabel({ label, color, count }: EventLabelProps) {
  return (
    <Group gap={6} wrap="nowrap">
      <Badge variant="light" tt="none" color={color} miw="max-content">
        {label}
      </Badge>
      {count > 1 && (
        <Text span size="xs" c="dimmed">
          ×{count}
        </Text>
      )}
    </Group>
  );
}
