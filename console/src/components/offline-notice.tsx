import { Alert } from '@mantine/core';
import { useNetwork } from '@mantine/hooks';
import { CloudOfflineIcon } from '@primer/octicons-react';
import { useTranslation } from 'react-i18next';

export function OfflineNotice() {
  const { t } = useTranslation();
  const { online } = useNetwork();
  if (online) return null;
  return (
    <Alert color="orange" icon={<CloudOfflineIcon />} title={t('state.offlineTitle')} mb="md" role="status">
      {t('state.offline')}
    </Alert>
  );
}
