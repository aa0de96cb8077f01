import { Badge, Group, Paper, SimpleGrid, Skeleton, Text } from '@mantine/core';
import { CheckCircleIcon, XCircleIcon } from '@primer/octicons-react';
import { useTranslation } from 'react-i18next';
import { FailureAlert } from './failure-alert';
import { Section } from './section';
import { useHealth } from './use-health';

const colors = { ok: 'teal', degraded: 'yellow', unavailable: 'red', closing: 'orange' };

/** The state of the server and of everything that it depends on. */
export function Dependencies() {
  const { t } = useTranslation();
  const { data, error, reload } = useHealth();
  return (
    <Section
      title={t('health.title')}
      lead={t('health.lead')}
      actions={
        data && (
          <Badge color={colors[data.status]} variant="light" tt="none" role="status">
            {t(`health.${data.status}`)}
          </Badge>
        )
      }
    >
      <FailureAlert error={error} onRetry={reload} />
      {!data && !error && <Skeleton height={44} />}
      {data?.dependencies && (
        <SimpleGrid component="ul" cols={{ base: 1, xs: 2, md: 3 }} spacing="xs" p={0} m={0}>
          {Object.entries(data.dependencies).map(([name, state]) => (
            <Dependency key={name} name={name} isUp={state === 'up'} />
          ))}
        </SimpleGrid>
      )}
    </Section>
  );
}

function Dependency({ name, isUp }: { name: string; isUp: boolean }) {
  const { t } = useTranslation();
  const Icon = isUp ? CheckCircleIcon : XCircleIcon;
  return (
    <Paper component="li" withBorder px="sm" py="xs" style={{ listStyle: 'none' }}>
      <Group justify="space-between" wrap="nowrap">
        <Text size="sm" fw={600}>
          {t(`health.dependency.${name as 'database'}`, { defaultValue: name })}
        </Text>
        <Group gap={6} wrap="nowrap" c={`var(--mantine-color-${isUp ? 'teal' : 'red'}-text)`}>
          <Icon />
          <Text size="sm">{t(isUp ? 'health.up' : 'health.down')}</Text>
        </Group>
      </Group>
    </Paper>
  );
}
