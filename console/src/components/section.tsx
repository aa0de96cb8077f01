import { Group, Paper, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';

interface SectionProps {
  title: string;
  lead?: string;
  mt?: string;
  actions?: ReactNode;
  children: ReactNode;
}

/** One subject of a page. */
export function Section({ title, lead, actions, children, mt }: SectionProps) {
  return (
    <Paper component="section" withBorder mt={mt} p={{ base: 'md', sm: 'lg' }} aria-label={title}>
      <Group justify="space-between" align="flex-start" mb="md">
        <div>
          <Title order={2}>{title}</Title>
          {lead && (
            <Text size="sm" c="dimmed">
              {lead}
            </Text>
          )}
        </div>
        {actions}
      </Group>
      {children}
    </Paper>
  );
}
