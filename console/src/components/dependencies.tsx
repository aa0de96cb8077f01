import { Badge, Group, Skeleton, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useServerDocument } from '../api/use-server-document';
import { FailureAlert } from './failure-alert';
import { Section } from './section';

interface Health {
  status: 'ok' | 'degraded' | 'unavailable' | 'closing';
  degraded?: string[];
}

const colors = { ok: 'teal', degraded: 'yellow', unavailable: 'red', closing: 'orange' };

/** What /health/ready says, read again every ten seconds. */
export function Dependencies() {
  const { t } = useTranslation();
  const { data, error, reload } = useServerDocument<Health>('health/ready', 10_000);
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
      {!data && !error && <Skeleton height={24} />}
      {data &&
        (data.degraded?.length ? (
          <Group gap={6}>
            {data.degraded.map((name) => (
              <Badge key={name} color="red" variant="light" tt="none">
                {t('health.away', { name })}
              </Badge>
            ))}
          </Group>
        ) : (
          <Text size="sm">{t('health.allUp')}</Text>
        ))}
    </Section>
  );
}
