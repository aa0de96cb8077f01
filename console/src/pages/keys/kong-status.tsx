import { useQuery } from '@apollo/client/react';
import { Alert, Skeleton } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Section } from '../../components/section';
import { useHealth } from '../../components/use-health';
import { ConsoleSettingsDocument } from '../../generated/operations';

/** Whether sign-in through Kong is configured, and whether Kong answers. */
export function KongStatus() {
  const { t } = useTranslation();
  const { data } = useQuery(ConsoleSettingsDocument, { fetchPolicy: 'cache-first' });
  const health = useHealth();
  const isConfigured = data?.settings?.kongSignIn;
  const isAway = health.data?.dependencies?.kong === 'down';
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
