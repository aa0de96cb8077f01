import { Anchor, Button, Group, PasswordInput, Stack, TextInput } from '@mantine/core';
import { isNotEmpty, useForm } from '@mantine/form';
import { useSession } from 'graphql-identity-client/react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, Navigate, useLocation } from 'react-router';
import type { CameFrom } from '../../app/came-from';
import { FailureAlert } from '../../components/failure-alert';
import { PublicPage } from '../../components/public-page';

export function SignIn() {
  const { t } = useTranslation();
  const { status, login } = useSession();
  const { from } = (useLocation().state ?? {}) as CameFrom;
  const [error, setError] = useState<unknown>();
  const form = useForm({
    mode: 'uncontrolled',
    initialValues: { username: '', password: '' },
    validate: { username: isNotEmpty(t('form.required')), password: isNotEmpty(t('form.required')) },
  });
  const submit = form.onSubmit(async (values) => {
    setError(undefined);
    await login(values).catch(setError);
  });
  if (status === 'signedIn') return <Navigate to={from ?? '/'} replace />;
  return (
    <PublicPage title={t('signIn.title')} lead={from && from !== '/' ? t('signIn.continue') : undefined}>
      <form onSubmit={submit} noValidate>
        <Stack>
          <FailureAlert error={error} />
          <TextInput
            label={t('field.usernameOrEmail')}
            autoComplete="username"
            autoCapitalize="none"
            data-autofocus
            {...form.getInputProps('username')}
            key={form.key('username')}
          />
          <PasswordInput
            label={t('field.password')}
            autoComplete="current-password"
            {...form.getInputProps('password')}
            key={form.key('password')}
          />
          <Button type="submit" loading={form.submitting} fullWidth>
            {t('signIn.submit')}
          </Button>
          <Group justify="space-between" gap="xs">
            <Anchor component={Link} to="/forgot-password" size="sm">
              {t('signIn.forgot')}
            </Anchor>
            <Anchor component={Link} to="/register" size="sm">
              {t('signIn.register')}
            </Anchor>
          </Group>
        </Stack>
      </form>
    </PublicPage>
  );
}
