import { useMutation, useQuery } from '@apollo/client/react';
import { Alert, Anchor, Skeleton } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { FailureAlert } from '../../components/failure-alert';
import { PublicPage } from '../../components/public-page';
import { ConsoleSettingsDocument, RegisterDocument } from '../../generated/operations';
import { NewAccountForm } from './new-account-form';

export function Register() {
  const { t } = useTranslation();
  const { data, error, refetch } = useQuery(ConsoleSettingsDocument, { fetchPolicy: 'cache-first' });
  const [register] = useMutation(RegisterDocument);
  const settings = data?.settings;
  return (
    <PublicPage title={t('register.title')} lead={t('register.lead')}>
      <FailureAlert error={error} onRetry={() => void refetch()} />
      {!settings && !error && <Skeleton height={220} />}
      {settings?.registration === 'OPEN' && (
        <NewAccountForm
          withEmail
          action={t('register.submit')}
          passwordMinLength={settings.passwordMinLength}
          create={({ username, password, email }) =>
            register({ variables: { input: { username, password, email: email || null } } })
          }
        />
      )}
      {settings && settings.registration !== 'OPEN' && (
        <Alert color="yellow">{settings.registration === 'INVITE' ? t('register.invite') : t('register.closed')}</Alert>
      )}
      <Anchor component={Link} to="/sign-in" size="sm" mt="md" display="block">
        {t('signIn.back')}
      </Anchor>
    </PublicPage>
  );
}
