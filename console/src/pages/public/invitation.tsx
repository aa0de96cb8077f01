import { useMutation, useQuery } from '@apollo/client/react';
import { Alert } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'react-router';
import { PublicPage } from '../../components/public-page';
import { AcceptInvitationDocument, ConsoleSettingsDocument } from '../../generated/operations';
import { NewAccountForm } from './new-account-form';

/** Behind the link of an invitation: `?token=…`. */
export function Invitation() {
  const { t } = useTranslation();
  const token = useSearchParams()[0].get('token');
  const { data } = useQuery(ConsoleSettingsDocument, { fetchPolicy: 'cache-first' });
  const [accept] = useMutation(AcceptInvitationDocument);
  return (
    <PublicPage title={t('invitation.title')} lead={t('invitation.lead')}>
      {token ? (
        <NewAccountForm
          action={t('invitation.submit')}
          passwordMinLength={data?.settings?.passwordMinLength}
          create={({ username, password }) => accept({ variables: { input: { token, username, password } } })}
        />
      ) : (
        <Alert color="yellow">{t('invitation.incomplete')}</Alert>
      )}
    </PublicPage>
  );
}
