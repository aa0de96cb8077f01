import { Alert, Button, Group, Text } from '@mantine/core';
import { AlertIcon } from '@primer/octicons-react';
import { useTranslation } from 'react-i18next';
import { failureOf } from '../api/errors';

/** Says what went wrong, and offers another try where that can help. */
export function FailureAlert({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const { t } = useTranslation();
  if (!error) return null;
  const failure = failureOf(error);
  const isAway = failure.code === 'NETWORK';
  return (
    <Alert color={isAway ? 'orange' : 'red'} icon={<AlertIcon />} role="alert">
      <Group justify="space-between" gap="sm">
        <Text size="sm">{isAway ? t('state.unreachable') : failure.message}</Text>
        {onRetry && (
          <Button size="xs" variant="default" onClick={onRetry}>
            {t('state.retry')}
          </Button>
        )}
      </Group>
    </Alert>
  );
}
