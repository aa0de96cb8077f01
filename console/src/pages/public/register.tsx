import { useMutation, useQuery } from '@apollo/client/react';
import { Alert, Anchor, Button, PasswordInput, Skeleton, Stack, TextInput } from '@mantine/core';
import { isNotEmpty } from '@mantine/form';
import { useSession } from 'graphql-identity-client/react';
import { useTranslation } from 'react-i18next';
import { Link, useNavigate } from 'react-router';
import { FailureAlert } from '../../components/failure-alert';
import { PublicPage } from '../../components/public-page';
import { useApiForm } from '../../components/use-api-form';
import { ConsoleSettingsDocument, RegisterDocument } from '../../generated/operations';

export function Register() {
  const { t } = useTranslation();
  const { data, error, refetch } = useQuery(ConsoleSettingsDocument, { fetchPolicy: 'cache-first' });
  const settings = data?.settings;
  return (
    <PublicPage title={t('register.title')} lead={t('register.lead')}>
      <FailureAlert error={error} onRetry={() => void refetch()} />
      {!settings && !error && <Skeleton height={220} />}
      {settings?.registration === 'OPEN' && <RegisterForm minLength={settings.passwordMinLength} />}
      {settings && settings.registration !== 'OPEN' && (
        <Alert color="yellow">{settings.registration === 'INVITE' ? t('register.invite') : t('register.closed')}</Alert>
      )}
      <Anchor component={Link} to="/sign-in" size="sm" mt="md" display="block">
        {t('signIn.back')}
      </Anchor>
    </PublicPage>
  );
}

function RegisterForm({ minLength }: { minLength: number }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { login } = useSession();
  const [register] = useMutation(RegisterDocument);
  const required = isNotEmpty(t('form.required'));
  const { form, onSubmit, error } = useApiForm({
    initialValues: { username: '', email: '', password: '' },
    validate: { username: required, password: required },
    submit: async ({ username, email, password }) => {
      await register({ variables: { input: { username, password, email: email || null } } });
      await login({ username, password });
      void navigate('/account', { replace: true });
    },
  });
  return (
    <form onSubmit={onSubmit} noValidate>
      <Stack>
        <FailureAlert error={error} />
        <TextInput label={t('field.username')} autoComplete="username" {...form.getInputProps('username')} />
        <TextInput label={t('field.email')} type="email" autoComplete="email" {...form.getInputProps('email')} />
        <PasswordInput
          label={t('field.password')}
          description={t('register.atLeast', { count: minLength })}
          autoComplete="new-password"
          {...form.getInputProps('password')}
        />
        <Button type="submit" loading={form.submitting}>
          {t('register.submit')}
        </Button>
      </Stack>
    </form>
  );
}
