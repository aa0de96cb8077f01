import { useMutation } from '@apollo/client/react';
import { Alert, Button, Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'react-router';
import { FailureAlert } from '../../components/failure-alert';
import { PublicPage } from '../../components/public-page';
import { VerifyEmailDocument } from '../../generated/operations';
import { DoneNotice } from './done-notice';

/**
 * Behind the link that proves an address: `?token=…`. A button sends it, since programs that look
 * into mails follow links too.
 */
export function Verification() {
  const { t } = useTranslation();
  const linkToken = useSearchParams()[0].get('token');
  const [verify, { data, error, loading }] = useMutation(VerifyEmailDocument);
  const send = () => void verify({ variables: { input: { linkToken } } }).catch(() => undefined); // `error` has it
  return (
    <PublicPage title={t('verification.title')}>
      {!linkToken && <Alert color="yellow">{t('invitation.incomplete')}</Alert>}
      {data?.verifyEmail && <DoneNotice text={t('verification.done')} />}
      {linkToken && !data?.verifyEmail && (
        <Stack>
          <FailureAlert error={error} />
          <Text size="sm">{t('verification.lead')}</Text>
          <Button onClick={send} loading={loading}>
            {t('verification.submit')}
          </Button>
        </Stack>
      )}
    </PublicPage>
  );
}
