import { useMutation } from '@apollo/client/react';
import { Alert, Button, PasswordInput, Stack, TextInput } from '@mantine/core';
import { isNotEmpty } from '@mantine/form';
import { useSession } from 'graphql-identity-client/react';
import { useTranslation } from 'react-i18next';
import { useNavigate, useSearchParams } from 'react-router';
import { FailureAlert } from '../../components/failure-alert';
import { PublicPage } from '../../components/public-page';
import { useApiForm } from '../../components/use-api-form';
import { AcceptInvitationDocument } from '../../generated/operations';

/** Behind the link of an invitation: `?token=…`. */
export function Invitation() {
  const { t } = useTranslation();
  const token = useSearchParams()[0].get('token');
  return (
    <PublicPage title={t('invitation.title')} lead={t('invitation.lead')}>
      {token ? <InvitationForm token={token} /> : <Alert color="yellow">{t('invitation.incomplete')}</Alert>}
    </PublicPage>
  );
}

function InvitationForm({ token }: { token: string }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { login } = useSession();
  const [accept] = useMutation(AcceptInvitationDocument);
  const required = isNotEmpty(t('form.required'));
  const { form, onSubmit, error } = useApiForm({
    initialValues: { username: '', password: '' },
    validate: { username: required, password: required },
    submit: async ({ username, password }) => {
      await accept({ variables: { input: { token, username, password } } });
      await login({ username, password });
      void navigate('/account', { replace: true });
    },
  });
  return (
    <form onSubmit={onSubmit} noValidate>
      <Stack>
        <FailureAlert error={error} />
        <TextInput label={t('field.username')} autoComplete="username" {...form.getInputProps('username')} />
        <PasswordInput label={t('field.password')} autoComplete="new-password" {...form.getInputProps('password')} />
        <Button type="submit" loading={form.submitting}>
          {t('invitation.submit')}
        </Button>
      </Stack>
    </form>
  );
}
