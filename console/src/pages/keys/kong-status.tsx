import { useQuery } from '@apollo/client/react';
import { Alert, Skeleton } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useServerDocument } from '../../api/use-server-document';
import { Section } from '../../components/section';
import { ConsoleSettingsDocument } from '../../generated/operations';

/** Whether sign-in through Kong is configured, and whether Kong answers. */
export function KongStatus() {
  const { t } = useTranslation();
  const { data } = useQuery(ConsoleSettingsDocument, { fetchPolicy: 'cache-first' });
  const health = useServerDocument<{ degraded?: string[] }>('health/ready', 10_000);
  const isConfigured = data?.settings?.kongSignIn;
  const isAway = health.data?.degraded?.includes('kong');
  const isKnown = isConfigured === false || (isConfigured === true && health.data !== undefined);
  return (
    <Section title={t('keys.kong')}>
      {!isKnown && <Skeleton height={24} />}
      {isConfigured === false && <Alert color="gray">{t('keys.kongOff')}</Alert>}
      {isConfigured && health.data && (
        <Alert color={isAway ? 'red' : 'teal'}>{isAway ? t('keys.kongAway') : t('keys.kongUp')}</Alert>
      )}
    </Section>
  );
}
